// The command line: what can be said, and --help, which teaches it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "failure.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace migrate::client {

inline constexpr const char *client_version = "1.0";

enum class Command
{
    up,
    down,
    go_to,
    redo,
    status,
    log,
    plan,
    lint,
    check,
    mark,
    baseline,
    repair,
    wait,
    backfill,
    create, // new
    upload,
};

enum class BackfillAction
{
    list,
    watch,
    pause,
    resume,
    cancel
};

struct Options
{
    Command command = Command::status;

    // For every command.
    std::optional<std::string> url; // else DATABASE_URL, else libpq's environment
    std::string directory = "migrations";
    bool json = false;
    int reconnect_seconds = 300;

    // For some; each command's --help says which.
    bool yes = false;
    bool dry_run = false;
    bool strict = false;
    bool create_extension = false;
    bool cascade = false;
    bool all = false;
    bool check = false; // status --check
    bool down = false;  // plan --down
    bool sql = false;
    bool style = false; // lint --style
    std::optional<std::string> role;
    std::optional<std::string> wait;   // an interval as PostgreSQL reads it
    std::vector<std::string> settings; // --set, each NAME=VALUE
    std::optional<std::string> target;
    std::optional<std::string> keep; // down --to
    std::optional<int> count;        // -n
    std::optional<long long> run;
    BackfillAction backfill = BackfillAction::list;
    std::string name;                    // mark, repair, new
    std::string state;                   // mark: applied, pending
    std::optional<std::string> decision; // repair: done, retry
    std::optional<std::string> file;     // repair --file
    std::vector<std::string> files;      // lint
};

struct CommandLine
{
    std::optional<Options> options; // nothing: print text and exit
    std::string text;               // of --help or --version
};

// Reads arguments (without the program's name).
// Throws: Failure with ExitCode::usage.
CommandLine parse_command_line(std::vector<std::string> arguments);

// What --set says as a JSON object of strings; nothing if it was not given.
std::optional<std::string> settings_json(const std::vector<std::string> &settings);
std::pair<std::string, std::string> name_and_value_of(const std::string &setting);

// "30" is seconds; anything else is an interval for the server to read.
std::string interval_of(const std::string &wait);

} // namespace migrate::client
