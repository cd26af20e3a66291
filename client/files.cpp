// new and upload: the commands about files.
// SPDX-License-Identifier: PostgreSQL
#include "files.h"

#include "commands.h"
#include "core/json.h"

#include "core/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

namespace migrate::client {
namespace {

constexpr const char *file_template =
    R"(-- Migration: {0}
--
-- Plain SQL.  Statements that refuse a transaction (CREATE INDEX CONCURRENTLY, VACUUM, ...) may stand
-- among the others: each is a step of its own.  What is between them runs in transactions.

-- migrate:up
-- ALTER TABLE users ADD COLUMN phone text;
-- CREATE INDEX CONCURRENTLY users_phone_idx ON users (phone);

-- migrate:down
-- DROP INDEX CONCURRENTLY users_phone_idx;
-- ALTER TABLE users DROP COLUMN phone;
)";

void write_new_file(const std::filesystem::path &path, std::string_view text);

} // namespace

std::string migration_slug(std::string_view words)
{
    std::string slug;
    for (const char c : lower_ascii(trim(words))) {
        const bool separator =
            static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '\\' || c == '_';
        if (!separator)
            slug += c;
        else if (!slug.empty() && slug.back() != '_')
            slug += '_';
    }
    while (slug.ends_with('_'))
        slug.pop_back();
    if (slug.ends_with(".sql"))
        slug.resize(slug.size() - 4);
    return slug;
}

ExitCode run_new(Session &session)
{
    const Options &options = session.options();
    const std::string slug = migration_slug(options.name);
    if (slug.empty() || invalid_byte(slug))
        throw client_failure(ExitCode::usage, "a migration's name needs letters or digits", {},
                             "For example: pg_migrate new add_phone_to_users");
    char stamp[32];
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    std::strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", gmtime_r(&now, &utc));
    const std::filesystem::path directory = options.directory;
    std::error_code problem;
    std::filesystem::create_directories(directory, problem);
    if (problem)
        throw client_failure(ExitCode::failed, fmt::format("could not create directory \"{}\": {}",
                                                           directory.string(), problem.message()));
    const auto path = directory / fmt::format("{}_{}.sql", stamp, slug);
    write_new_file(path, fmt::format(file_template, one_line(options.name)));
    session.output().document(JsonObject().add_string("path", path.string()).text());
    session.output().result(path.string() + "\n");
    return ExitCode::done;
}

ExitCode run_upload(Session &session)
{
    const Uploaded uploaded = session.files().empty() ? Uploaded{} : session.upload();
    session.note_changes(uploaded);
    Output &output = session.output();
    output.document(JsonObject()
                        .add("files", json_array(uploaded.json))
                        .add("notices", output.notices_json())
                        .text());
    output.result(fmt::format("{} in the database\n",
                              counted(static_cast<long long>(uploaded.json.size()), "file")));
    return ExitCode::done;
}

namespace {

// O_EXCL: two of them in the same second must not overwrite each other.
void write_new_file(const std::filesystem::path &path, std::string_view text)
{
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool written =
        file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int reason = errno;
    if (file >= 0)
        written = close(file) == 0 && written;
    if (!written)
        throw client_failure(ExitCode::failed, fmt::format("could not write file \"{}\": {}",
                                                           path.string(), std::strerror(reason)));
}

} // namespace
} // namespace migrate::client
