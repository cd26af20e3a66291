// SPDX-License-Identifier: PostgreSQL
#include "help_format.h"

#include "display.h"

#include <fmt/format.h>

#include <sstream>

namespace migrate::client {
namespace {

constexpr std::size_t left_width = 24;
constexpr std::size_t whole_width = 100;

} // namespace

std::string HelpFormat::make_help(const CLI::App *app, std::string name, CLI::AppFormatMode) const
{
    std::string text =
        app->get_description() + "\n" + make_usage(app, name) + make_positionals(app);
    for (const std::string &group : app->get_groups()) {
        const auto options = app->get_options([&](const CLI::Option *option) {
            return option->get_group() == group && option->nonpositional();
        });
        if (!options.empty())
            text += make_group(group, false, options);
    }
    const auto commands = app->get_subcommands([](const CLI::App *) { return true; });
    if (!commands.empty())
        text += "\nCommands:\n";
    for (const CLI::App *command : commands)
        text += make_subcommand(command);
    return text + app->get_footer();
}

std::string HelpFormat::make_usage(const CLI::App *app, std::string name) const
{
    std::string usage = fmt::format("\nUsage: {} [OPTION]...", name);
    if (!app->get_subcommands({}).empty())
        usage += " COMMAND ...";
    for (const CLI::Option *option : app->get_options())
        if (option->get_positional())
            usage += (option->get_required() ? " " : " [") + option->get_name(true) +
                     (option->get_required() ? "" : "]");
    return usage + "\n";
}

std::string HelpFormat::make_option(const CLI::Option *option, bool is_positional) const
{
    std::string shown;
    for (const char c : option->get_name(is_positional, !is_positional))
        shown += c == ',' ? std::string(", ") : std::string(1, c);
    if (!is_positional && option->get_type_size() != 0)
        shown += " " + option->get_type_name();
    return two_columns(shown, option->get_description());
}

std::string HelpFormat::make_subcommand(const CLI::App *app) const
{
    return two_columns(app->get_name(), app->get_description());
}

std::string two_columns(const std::string &left, const std::string &right)
{
    std::string text = "  " + left;
    std::size_t column = display_width(text);
    const auto new_line = [&] {
        text += "\n" + std::string(left_width, ' ');
        column = left_width;
    };
    if (column + 2 > left_width)
        new_line();
    text.append(left_width - column, ' ');
    column = left_width;
    std::istringstream words(right);
    for (std::string word; words >> word;) {
        if (column + 1 + display_width(word) > whole_width)
            new_line();
        if (column > left_width) {
            text += ' ';
            column++;
        }
        text += word;
        column += display_width(word);
    }
    return text + "\n";
}

} // namespace migrate::client
