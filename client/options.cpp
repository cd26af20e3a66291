// SPDX-License-Identifier: PostgreSQL
#include "options.h"

#include "core/json.h"
#include "help.h"
#include "help_format.h"

#include "core/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>

namespace migrate::client {
namespace {

using Commands = std::map<const CLI::App *, Command>;

void add_common(CLI::App &app, Options &options);
void add_running(CLI::App &app, Options &options);
void add_set(CLI::App &app, Options &options);
void add_yes(CLI::App &app, Options &options);
void define_running(CLI::App &app, Options &options, Commands &commands);
void define_down(CLI::App &app, Options &options, Commands &commands);
void define_looking(CLI::App &app, Options &options, Commands &commands);
void define_record(CLI::App &app, Options &options, Commands &commands);
void define_files(CLI::App &app, Options &options, Commands &commands);
CLI::App &define(CLI::App &app, Options &options, Commands &commands, const std::string &name,
                 Command command);
CLI::Validator whole_number(int least);
CLI::Validator name_and_value();
std::string message_of(const CLI::ParseError &error);
std::string first_word(const std::vector<std::string> &arguments);
std::string help_of(const CLI::App &app);
void check_combination(const Options &options);

} // namespace

CommandLine parse_command_line(std::vector<std::string> arguments)
{
    Options options;
    Commands commands;
    CLI::App app(help::summary, "pg_migrate");
    app.footer(help::program);
    app.set_version_flag("-V,--version", fmt::format("pg_migrate {}", client_version));
    app.require_subcommand(1);
    app.fallthrough();
    const auto format = std::make_shared<HelpFormat>();
    format->label("Positionals", "Arguments");
    app.formatter(format); // commands inherit it
    add_common(app, options);
    define_running(app, options, commands);
    define_looking(app, options, commands);
    define_record(app, options, commands);
    define_files(app, options, commands);

    std::reverse(arguments.begin(), arguments.end()); // as CLI11 takes a vector
    try {
        app.parse(arguments);
    } catch (const CLI::CallForHelp &) {
        return {std::nullopt, help_of(app)};
    } catch (const CLI::CallForVersion &version) {
        return {std::nullopt, std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError &error) {
        const auto chosen = app.get_subcommands();
        const std::string unknown = chosen.empty() ? first_word(app.remaining()) : "";
        throw client_failure(ExitCode::usage,
                             unknown.empty() ? message_of(error)
                                             : fmt::format("there is no command \"{}\"", unknown),
                             {},
                             fmt::format("Try pg_migrate {}--help.",
                                         chosen.empty() ? "" : chosen.front()->get_name() + " "));
    }
    options.command = commands.at(app.get_subcommands().front());
    check_combination(options);
    return {options, {}};
}

std::optional<std::string> settings_json(const std::vector<std::string> &settings)
{
    if (settings.empty())
        return std::nullopt;
    JsonObject object;
    for (const std::string &setting : settings) {
        const auto [name, value] = name_and_value_of(setting);
        object.add_string(name, value);
    }
    return object.text();
}

std::pair<std::string, std::string> name_and_value_of(const std::string &setting)
{
    const std::size_t equals = setting.find('=');
    return {std::string(trim(setting.substr(0, equals))), setting.substr(equals + 1)};
}

std::string interval_of(const std::string &wait)
{
    const bool number = !wait.empty() && wait.find_first_not_of("0123456789.") == std::string::npos;
    return number ? wait + " seconds" : wait;
}

namespace {

void add_common(CLI::App &app, Options &options)
{
    app.add_option("-u,--url", options.url,
                   "Database, as postgres://user@host/database or any libpq connection string "
                   "(service=prod); default: DATABASE_URL, then PGHOST, PGDATABASE, PGSERVICE, …")
        ->type_name("URL")
        ->group("Options for every command");
    app.add_option("-d,--dir", options.directory, "Folder of migrations (default: migrations)")
        ->type_name("DIR")
        ->group("Options for every command");
    app.add_flag("--json", options.json, "Write one JSON document to stdout, errors included")
        ->group("Options for every command");
    app.add_option("--reconnect", options.reconnect_seconds,
                   "When the connection drops during a run, try this long to get it back "
                   "(default: 300 s)")
        ->type_name("SECONDS")
        ->check(whole_number(0))
        ->group("Options for every command");
}

void add_running(CLI::App &app, Options &options)
{
    app.add_option("--wait", options.wait,
                   "Wait at most this long for another run to end: seconds, or an interval such as "
                   "'5 min' (default: as long as it takes)")
        ->type_name("TIME");
    app.add_option("--role", options.role, "Run scripts, and create objects, as this role")
        ->type_name("ROLE");
    add_set(app, options);
}

void add_set(CLI::App &app, Options &options)
{
    app.add_option("--set", options.settings,
                   "Set one of the extension's settings for this run, such as lock_patience=1min; "
                   "may be given several times")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false) // one for each --set
        ->check(name_and_value());
}

void add_yes(CLI::App &app, Options &options)
{
    app.add_flag("-y,--yes", options.yes, "Don't ask; needed where there is no terminal to ask on");
}

void define_running(CLI::App &app, Options &options, Commands &commands)
{
    CLI::App &up = define(app, options, commands, "up", Command::up);
    up.add_option("VERSION", options.target, "Stop after this one");
    up.add_flag("--dry-run", options.dry_run, "Show the plan, change nothing");
    up.add_flag("--strict", options.strict, "Refuse migrations older than one already applied");
    up.add_flag("--create-extension", options.create_extension,
                "First CREATE EXTENSION IF NOT EXISTS migrate");
    up.add_flag("-y,--yes", options.yes, "Accepted for scripts; up never asks");
    add_running(up, options);

    define_down(app, options, commands);

    CLI::App &go_to = define(app, options, commands, "goto", Command::go_to);
    go_to.add_option("VERSION", options.target, "The one that becomes the last")->required();
    go_to.add_flag("--strict", options.strict, "Refuse migrations older than one already applied");
    add_yes(go_to, options);
    add_running(go_to, options);

    CLI::App &redo = define(app, options, commands, "redo", Command::redo);
    redo.add_option("-n", options.count, "The last N (default: 1)")
        ->type_name("N")
        ->check(whole_number(1));
    add_yes(redo, options);
    add_running(redo, options);

    CLI::App &backfill = define(app, options, commands, "backfill", Command::backfill);
    backfill.add_option("RUN", options.run, "Its number (default: the only unfinished one)");
    std::vector<CLI::Option *> actions;
    const auto action = [&](const char *flag, BackfillAction value, const char *text) {
        actions.push_back(backfill.add_flag_callback(
            flag, [&options, value] { options.backfill = value; }, text));
    };
    action("--watch", BackfillAction::watch, "Show its progress until it is done");
    action("--pause", BackfillAction::pause, "Hold it still after the present batch");
    action("--resume", BackfillAction::resume, "Let it go on, or take it up again");
    action("--cancel", BackfillAction::cancel, "Stop it; it can be taken up again");
    for (CLI::Option *one : actions)
        for (CLI::Option *other : actions)
            if (one != other)
                one->excludes(other);

    CLI::App &wait = define(app, options, commands, "wait", Command::wait);
    wait.add_option("RUN", options.run, "Its number, as status and log show it")->required();
}

void define_down(CLI::App &app, Options &options, Commands &commands)
{
    CLI::App &down = define(app, options, commands, "down", Command::down);
    std::vector<CLI::Option *> forms = {
        down.add_option("VERSION", options.target, "Take back exactly this one"),
        down.add_option("-n", options.count, "Take back the last N")
            ->type_name("N")
            ->check(whole_number(1)),
        down.add_option("--to", options.keep, "Take back everything after this one, which stays")
            ->type_name("VERSION"),
        down.add_option("--run", options.run, "Take back what that run applied (see log)")
            ->type_name("RUN"),
        down.add_flag("--all", options.all, "Take back everything")};
    for (CLI::Option *one : forms)
        for (CLI::Option *other : forms)
            if (one != other)
                one->excludes(other);
    down.add_flag("--cascade", options.cascade, "With VERSION: also those applied after it");
    down.add_flag("--dry-run", options.dry_run, "Show the plan, change nothing");
    add_yes(down, options);
    add_running(down, options);
}

void define_looking(CLI::App &app, Options &options, Commands &commands)
{
    CLI::App &status = define(app, options, commands, "status", Command::status);
    status.add_flag("--check", options.check,
                    "Exit with 3 unless every migration is applied and unchanged");

    CLI::App &log = define(app, options, commands, "log", Command::log);
    log.add_option("-n", options.count, "Only the last N events (default: 50; 0: all)")
        ->type_name("N")
        ->check(whole_number(0));
    log.add_option("--run", options.run, "The steps of that run instead, with their locks")
        ->type_name("RUN")
        ->excludes("-n");

    CLI::App &plan = define(app, options, commands, "plan", Command::plan);
    plan.add_option("VERSION", options.target, "Up to this one; with --down: taking back this one");
    plan.add_flag("--down", options.down, "What taking back would run");
    CLI::Option *sql =
        plan.add_flag("--sql", options.sql, "As a script for psql, COPY data included");
    plan.add_option("--role", options.role, "With --sql: SET ROLE first")
        ->type_name("ROLE")
        ->needs(sql);
    add_set(plan, options);

    CLI::App &lint = define(app, options, commands, "lint", Command::lint);
    lint.add_option("FILES", options.files, "SQL files")->required()->type_name("FILE");
    lint.add_flag("--style", options.style, "The rules of the group style, too");

    CLI::App &check = define(app, options, commands, "check", Command::check);
    check.add_option("VERSION", options.target, "Up to this one");
    add_set(check, options);
}

void define_record(CLI::App &app, Options &options, Commands &commands)
{
    CLI::App &mark = define(app, options, commands, "mark", Command::mark);
    mark.add_option("NAME", options.name, "Of the migration")->required();
    mark.add_option("STATE", options.state, "applied or pending")
        ->required()

        ->check(CLI::IsMember({"applied", "pending"}));
    add_yes(mark, options);

    CLI::App &baseline = define(app, options, commands, "baseline", Command::baseline);
    baseline.add_option("VERSION", options.target, "The last one that is there")->required();

    CLI::App &repair = define(app, options, commands, "repair", Command::repair);
    repair.add_option("NAME", options.name, "Of the migration")->required();
    CLI::Option *decision = repair
                                .add_option("DECISION", options.decision, "done or retry")

                                ->check(CLI::IsMember({"done", "retry"}));
    repair
        .add_option("--file", options.file, "Text to accept (default: the folder's file NAME.sql)")
        ->type_name("FILE")
        ->excludes(decision);
    add_yes(repair, options);
}

void define_files(CLI::App &app, Options &options, Commands &commands)
{
    CLI::App &create = define(app, options, commands, "new", Command::create);
    create.add_option("NAME", options.name, "Words that say what it does")->required();
    define(app, options, commands, "upload", Command::upload);
}

CLI::App &define(CLI::App &app, Options &options, Commands &commands, const std::string &name,
                 Command command)
{
    const help::Text &text = help::of(command);
    CLI::App &defined = *app.add_subcommand(name, text.summary);
    defined.footer(text.examples);
    add_common(defined, options);
    commands[&defined] = command;
    return defined;
}

CLI::Validator whole_number(int least)
{
    return CLI::Validator(
        [least](const std::string &text) -> std::string {
            const bool digits = !text.empty() && text.size() < 10 &&
                                text.find_first_not_of("0123456789") == std::string::npos;
            if (digits && std::stoi(text) >= least)
                return {};
            return fmt::format("\"{}\" is not a whole number from {} on", text, least);
        },
        "");
}

// What the name and the value may be is the server's to say.
CLI::Validator name_and_value()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            const std::size_t equals = text.find('=');
            if (equals != text.npos && equals > 0)
                return {};
            return fmt::format("\"{}\" is not written as NAME=VALUE", text);
        },
        "");
}

// What is not an option, if there is anything.
std::string first_word(const std::vector<std::string> &arguments)
{
    const auto found =
        std::find_if(arguments.begin(), arguments.end(),
                     [](const std::string &word) { return !word.empty() && word.front() != '-'; });
    return found == arguments.end() ? "" : *found;
}

// CLI11 begins its sentences with a capital; messages here do not.
std::string message_of(const CLI::ParseError &error)
{
    std::string message = error.what();
    if (message.size() > 1 && std::islower(static_cast<unsigned char>(message[1])))
        message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
    return message;
}

// Of the command that was named, else of the program.
std::string help_of(const CLI::App &app)
{
    const auto chosen = app.get_subcommands();
    if (chosen.empty())
        return app.help();
    return chosen.front()->help("pg_migrate");
}

// What CLI11 has no words for.
void check_combination(const Options &options)
{
    if (options.cascade && !options.target)
        throw client_failure(ExitCode::usage, "--cascade needs a VERSION", {},
                             "Try pg_migrate down --help.");
    if (options.sql && options.json)
        throw client_failure(ExitCode::usage, "--sql and --json exclude each other");
    if (options.command == Command::create && options.name.empty())
        throw client_failure(ExitCode::usage, "a migration needs a name", {},
                             "For example: pg_migrate new add_phone_to_users");
}

} // namespace
} // namespace migrate::client
