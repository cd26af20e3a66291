// mark, baseline, repair: the commands that set the record straight without running anything.
// SPDX-License-Identifier: PostgreSQL
#include "commands.h"
#include "core/json.h"
#include "state.h"

#include "core/version.h"

#include <fmt/format.h>

#include <algorithm>

namespace migrate::client {
namespace {

// The server has to know a migration before it can record something about it.
void upload_folder_if_any(Session &session);
File file_to_accept(Session &session);
std::string full_name(Session &session, const std::string &name);

} // namespace

ExitCode run_mark(Session &session)
{
    const Options &options = session.options();
    // Back to pending is also the way out for a text that differs from the applied one, which upload
    // would refuse.
    if (options.state == "applied")
        upload_folder_if_any(session);
    const std::string name = full_name(session, options.name);
    confirm(session, fmt::format("Record \"{}\" as {} on {} without running anything?", name,
                                 options.state, session.connection().place()));
    session.connection().query("SELECT migrate.mark($1, $2)", {name, options.state});
    session.output().document(
        JsonObject().add_string("migration", name).add_string("state", options.state).text());
    session.output().result(fmt::format("\"{}\" is recorded as {}\n", name, options.state));
    return ExitCode::done;
}

ExitCode run_baseline(Session &session)
{
    upload_folder_if_any(session);
    const Rows rows = session.connection().query("SELECT b AS name FROM migrate.baseline($1) b",
                                                 {session.options().target});
    std::vector<std::string> names;
    for (int i = 0; i < rows.count(); i++)
        names.push_back(rows.text(i, "name"));
    session.output().document(JsonObject()
                                  .add("applied", json_strings(names))
                                  .add("notices", session.output().notices_json())
                                  .text());
    session.output().result(
        names.empty() ? "nothing was recorded\n"
                      : fmt::format("recorded as applied without running: {}\n", listed(names)));
    return ExitCode::done;
}

ExitCode run_repair(Session &session)
{
    const Options &options = session.options();
    std::optional<File> file;
    if (!options.decision)
        file = file_to_accept(session);
    const std::string name = full_name(session, options.name);
    const std::string place = session.connection().place();
    if (file) {
        confirm(session,
                fmt::format("Accept \"{}\" as the text of \"{}\" on {}?", file->path, name, place));
        session.connection().query("SELECT migrate.repair(name => $1, up => $2)",
                                   {name, file->content});
    } else {
        confirm(session, fmt::format("Settle the step in doubt of \"{}\" on {} as \"{}\"?", name,
                                     place, *options.decision));
        session.connection().query("SELECT migrate.repair(name => $1, decision => $2)",
                                   {name, options.decision});
    }
    session.output().document(JsonObject()
                                  .add_string("migration", name)
                                  .add("decision", json_string_or_null(options.decision))
                                  .add("file", file ? json_string(file->path) : "null")
                                  .add("notices", session.output().notices_json())
                                  .text());
    session.output().result(file ? fmt::format("the text of \"{}\" is accepted\n", name)
                                 : fmt::format("\"{}\" goes on from there: pg_migrate up\n", name));
    return ExitCode::done;
}

namespace {

void upload_folder_if_any(Session &session)
{
    if (session.has_folder() && !session.files().empty())
        session.note_changes(session.upload());
}

File file_to_accept(Session &session)
{
    const Options &options = session.options();
    if (options.file)
        return read_file(*options.file);
    for (const File &file : session.files())
        if (file.name == options.name)
            return file;
    const auto &files = session.files();
    const auto meant = [&](const File &file) { return abbreviates(options.name, file.name); };
    const auto found = std::find_if(files.begin(), files.end(), meant);
    if (found != files.end() && std::none_of(std::next(found), files.end(), meant))
        return *found;
    throw client_failure(
        ExitCode::usage,
        fmt::format("there is no one file for \"{}\" in \"{}\"", options.name, options.directory),
        {}, "Name it with --file, or say done or retry to settle a step in doubt.");
}

std::string full_name(Session &session, const std::string &name)
{
    const auto all = standings(session);
    const Standing *found = find_standing(all, name);
    return found ? found->name : name;
}

} // namespace
} // namespace migrate::client
