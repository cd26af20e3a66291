// SPDX-License-Identifier: PostgreSQL
#include "caret.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace migrate::client {
namespace {

constexpr std::size_t longest_line = 110;

bool continues_character(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}
std::optional<int> number_after(std::string_view line, std::string_view word, std::size_t from);
std::optional<std::size_t> offset_in_line(std::string_view file_line, const Error &error);
Location shortened(const Location &location);

} // namespace

std::optional<ErrorPlace> place_in_context(std::string_view context)
{
    constexpr std::string_view opening = "migration \"";
    for (const std::string_view line : split_lines(context)) {
        if (!line.starts_with(opening))
            continue;
        // The name may hold quotes, so look for what follows it from the end.
        std::size_t end = line.rfind("\", statement ");
        if (end == std::string_view::npos)
            end = line.rfind("\", line ");
        if (end == std::string_view::npos || end < opening.size())
            continue;
        if (const auto number = number_after(line, ", line ", end))
            return ErrorPlace{std::string(line.substr(opening.size(), end - opening.size())),
                              *number};
    }
    return std::nullopt;
}

int Location::column() const
{
    if (!offset)
        return 0;
    return 1 +
           static_cast<int>(std::count_if(text.begin(), text.begin() + static_cast<long>(*offset),
                                          [](char c) { return !continues_character(c); }));
}

std::optional<Location> locate(const Error &error, const std::vector<File> &files)
{
    const auto place = place_in_context(error.context);
    if (!place)
        return std::nullopt;
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const File &f) { return f.name == place->migration; });
    if (file == files.end())
        return std::nullopt;
    const std::string content = normalize_text(file->content);
    const auto lines = split_lines(content);
    Location location{file->path, place->line, {}, std::nullopt};
    if (place->line < 1 || static_cast<std::size_t>(place->line) > lines.size())
        return location;
    location.text = lines[static_cast<std::size_t>(place->line) - 1];
    location.offset = offset_in_line(location.text, error);
    return location;
}

std::optional<TokenPlace> token_place(std::string_view statement, int position)
{
    if (position < 1)
        return std::nullopt;
    std::size_t at = 0;
    for (int character = 1; character < position; character++) {
        if (at >= statement.size())
            return std::nullopt;
        at++;
        while (at < statement.size() && continues_character(statement[at]))
            at++;
    }
    const std::size_t before = at == 0 ? std::string_view::npos : statement.rfind('\n', at - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = std::min(statement.find('\n', at), statement.size());
    return TokenPlace{statement.substr(begin, end - begin), at - begin};
}

std::string render(const Location &location, Colors colors)
{
    std::string head =
        location.line > 0 ? fmt::format("{}:{}", location.path, location.line) : location.path;
    if (location.offset)
        head += fmt::format(":{}", location.column());
    std::string text = colored(head, Color::bold, colors) + "\n";
    if (location.text.empty())
        return text;
    const Location shown = shortened(location);
    text += fmt::format("    {}\n", one_line(shown.text));
    if (shown.offset) {
        const std::size_t indent =
            display_width(std::string_view(shown.text).substr(0, *shown.offset));
        text += fmt::format("    {:{}}{}\n", "", indent, colored("^", Color::red, colors));
    }
    return text;
}

namespace {

std::optional<int> number_after(std::string_view line, std::string_view word, std::size_t from)
{
    const std::size_t at = line.find(word, from);
    if (at == std::string_view::npos)
        return std::nullopt;
    const char *begin = line.data() + at + word.size();
    int number = 0;
    if (std::from_chars(begin, line.data() + line.size(), number).ec != std::errc{})
        return std::nullopt;
    return number;
}

// The statement's line is a part of the file's: indented there if it is the statement's first, and
// followed by a semicolon and more if it is its last.  A position in something else (the query of a
// function that the script calls) is not found, and gets no caret.
std::optional<std::size_t> offset_in_line(std::string_view file_line, const Error &error)
{
    const auto token = token_place(error.internal_query, error.internal_position);
    if (!token || trim(token->line).empty())
        return std::nullopt;
    const std::size_t found = file_line.find(token->line);
    if (found == std::string_view::npos)
        return std::nullopt;
    return found + token->offset;
}

Location shortened(const Location &location)
{
    if (display_width(location.text) <= longest_line)
        return location;
    Location result = location;
    const std::size_t token = location.offset.value_or(0);
    std::size_t begin = token;
    for (std::size_t steps = 0; begin > 0 && steps < longest_line / 2; steps++) {
        begin--;
        while (begin > 0 && continues_character(location.text[begin]))
            begin--;
    }
    const std::string prefix = begin > 0 ? "..." : "";
    result.text = prefix + fitted(std::string_view(location.text).substr(begin),
                                  longest_line - prefix.size());
    if (location.offset)
        result.offset = token - begin + prefix.size();
    return result;
}

} // namespace
} // namespace migrate::client
