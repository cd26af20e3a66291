// SPDX-License-Identifier: PostgreSQL
#include "session.h"

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace migrate::client {
namespace {

constexpr const char *extension_query =
    "SELECT extversion FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) 'migrate'";
constexpr const char *available_query =
    "SELECT default_version FROM pg_catalog.pg_available_extensions"
    " WHERE name OPERATOR(pg_catalog.=) 'migrate'";

bool changes_something(const Options &options);

} // namespace

const std::vector<File> &Session::files()
{
    if (!files_)
        files_ = read_directory(options_.directory);
    return *files_;
}

bool Session::has_folder() const
{
    std::error_code ignored;
    return std::filesystem::is_directory(options_.directory, ignored);
}

const std::vector<File> &Session::files_if_readable() noexcept
{
    try {
        return files();
    } catch (...) {
        files_.emplace();
        return *files_;
    }
}

const ConnectionParameters &Session::parameters()
{
    if (parameters_)
        return *parameters_;
    const char *environment = std::getenv("DATABASE_URL");
    const CleanUrl url =
        clean_url(options_.url.value_or(environment ? environment : ""), libpq_keywords());
    dropped_ = url.dropped;
    parameters_ = connection_parameters(url);
    return *parameters_;
}

Connection &Session::connection()
{
    if (!connection_) {
        connection_.emplace(parameters(), output_);
        announce();
    }
    return *connection_;
}

void Session::announce()
{
    const Connection &c = *connection_;
    if (changes_something(options_))
        output_.note(fmt::format("{} as {}{}", c.place(), c.user(),
                                 options_.role ? fmt::format(" (role {})", *options_.role) : ""));
    if (!dropped_.empty())
        output_.note(fmt::format("pg_migrate: ignoring what libpq does not know in the URL: {}",
                                 fmt::join(dropped_, ", ")));
}

void Session::reconnect(const ConnectionLost &lost, Interrupts &interrupts)
{
    using namespace std::chrono;
    const std::string first_line = lost.message.substr(0, lost.message.find('\n'));
    output_.note(fmt::format("pg_migrate: lost the connection: {}", first_line));
    output_.note("pg_migrate: what was begun goes on in the server; connecting again");
    ConnectionParameters hurried = parameters();
    if (std::none_of(hurried.begin(), hurried.end(),
                     [](auto &p) { return p.first == "connect_timeout"; }))
        hurried.emplace_back("connect_timeout", "10");
    const auto deadline = steady_clock::now() + seconds(options_.reconnect_seconds);
    std::string reason = lost.message;
    for (milliseconds pause(200); steady_clock::now() < deadline && !interrupts.asked();
         pause = std::min<milliseconds>(pause * 2, seconds(10))) {
        pollfd waiting{interrupts.descriptor(), POLLIN, 0};
        poll(&waiting, 1, static_cast<int>(pause.count()));
        if (interrupts.asked())
            break;
        try {
            connection_.reset();
            connection_.emplace(hurried, output_);
            output_.note("pg_migrate: connected again");
            return;
        } catch (const Failure &failure) {
            reason = failure.error.message;
        }
    }
    throw client_failure(ExitCode::interrupted,
                         interrupts.asked() ? "interrupted while the connection was lost"
                                            : "lost the connection and could not get it back",
                         reason,
                         "A run that had begun goes on in the server: pg_migrate status shows it, "
                         "pg_migrate wait RUN waits for it.");
}

Uploaded Session::upload()
{
    std::vector<std::string> paths, contents;
    for (const File &file : files()) {
        paths.push_back(file.path);
        contents.push_back(file.content);
    }
    const Rows rows =
        connection().query("SELECT r.migration, r.result, pg_catalog.row_to_json(r) AS json"
                           " FROM migrate.upload($1::pg_catalog.text[], $2::pg_catalog.text[]) r",
                           {array_literal(paths), array_literal(contents)});
    Uploaded uploaded;
    for (int i = 0; i < rows.count(); i++) {
        uploaded.names[rows.text(i, "result")].push_back(rows.text(i, "migration"));
        uploaded.json.push_back(rows.text(i, "json"));
    }
    return uploaded;
}

void Session::note_changes(const Uploaded &uploaded)
{
    for (const auto &[result, names] : uploaded.names)
        if (result != "unchanged")
            output_.note(fmt::format("{} {}: {}",
                                     counted(static_cast<long long>(names.size()), "file"), result,
                                     listed(names)));
}

void Session::create_extension()
{
    for (int attempt = 1; connection().query(extension_query).count() == 0; attempt++) {
        if (connection().query(available_query).count() == 0)
            throw missing_extension();
        try {
            connection().query("CREATE EXTENSION IF NOT EXISTS migrate");
            if (changes_something(options_))
                output_.note("created extension migrate");
        } catch (const Failure &failure) {
            const std::string &state = failure.error.sqlstate;
            // Somebody else is creating it at this moment.
            const bool race = state == "23505" || state == "42710" || state == "42P06";
            if (!race || attempt == 5)
                throw;
        }
    }
}

Failure Session::explained(Failure failure)
{
    const std::string &state = failure.error.sqlstate;
    const bool suspicious =
        state == "3F000" || state == "42883" || state == "42P01" || state == "42704";
    if (failure.origin != Failure::Origin::server || !suspicious || !failure.error.context.empty())
        return failure;
    try {
        if (connection().query(extension_query).count() == 0)
            return missing_extension();
    } catch (...) { // then the first error has to do
    }
    return failure;
}

Failure Session::missing_extension()
{
    Connection &c = connection();
    const int major = c.server_version() / 10000;
    if (c.query(available_query).count() > 0)
        return client_failure(
            ExitCode::failed,
            fmt::format("database \"{}\" does not have the extension \"migrate\"", c.database()),
            fmt::format("The server (PostgreSQL {}) has it: it only needs to be created.",
                        c.server_version_text()),
            "Run pg_migrate up --create-extension, or CREATE EXTENSION migrate as the database's "
            "owner.");
    return client_failure(
        ExitCode::failed, "the server does not have the extension \"migrate\"",
        fmt::format(
            "{} is PostgreSQL {}; the extension's library has to be installed on its machine.",
            c.place(), c.server_version_text()),
        fmt::format(
            "Install the package for PostgreSQL {0}, or build it there: "
            "cmake -S . -B build -DPG_CONFIG=/usr/lib/postgresql/{0}/bin/pg_config && "
            "cmake --build build && sudo cmake --install build.  Then CREATE EXTENSION migrate, or "
            "pg_migrate up --create-extension.  For servers where nothing can be installed see "
            "pg_migrate plan --help.",
            major));
}

namespace {

bool changes_something(const Options &options)
{
    switch (options.command) {
    case Command::status:
    case Command::log:
    case Command::plan:
    case Command::lint:
    case Command::check:
    case Command::wait:
    case Command::create:
        return false;
    default:
        return !options.dry_run;
    }
}

} // namespace
} // namespace migrate::client
