// status and log: the commands that look.
// SPDX-License-Identifier: PostgreSQL
#include "commands.h"
#include "core/json.h"

#include "core/text.h"
#include "core/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace migrate::client {
namespace {

struct StatusRow
{
    std::string name, state, applied_at, applied_by, duration, notes, json;
    bool finished = false; // applied and unchanged
};

ExitCode show_steps(Session &session, long long run);
std::vector<StatusRow> status_rows(Session &session, const std::set<std::string> &in_folder);
std::string notes_of(const Rows &rows, int row, const std::set<std::string> &in_folder);
std::vector<Cell> cells_of(const StatusRow &row);
std::string duration_text(const Rows &rows, int row, const char *column = "seconds");
std::vector<std::string> fill_in_new_ones(std::vector<StatusRow> &rows,
                                          const std::set<std::string> &in_folder);

} // namespace

ExitCode run_status(Session &session)
{
    std::set<std::string> in_folder;
    if (session.has_folder())
        for (const std::string &name : names_of(session.files()))
            in_folder.insert(name);
    auto rows = status_rows(session, in_folder);
    const auto not_uploaded = fill_in_new_ones(rows, in_folder);

    std::vector<std::string> json;
    std::vector<std::vector<Cell>> cells;
    bool finished = true;
    for (const StatusRow &row : rows) {
        if (!row.json.empty())
            json.push_back(row.json);
        cells.push_back(cells_of(row));
        finished = finished && row.finished;
    }
    Output &output = session.output();
    output.document(JsonObject()
                        .add_string("database", session.connection().place())
                        .add("migrations", json_array(json))
                        .add("not_uploaded", json_strings(not_uploaded))
                        .text());
    output.result(rows.empty() ? "no migrations\n"
                               : table({"name", "state", "applied at", "by", "duration", "notes"},
                                       cells, output.colors()));
    return session.options().check && !finished ? ExitCode::pending : ExitCode::done;
}

ExitCode run_log(Session &session)
{
    if (session.options().run)
        return show_steps(session, *session.options().run);
    const int count = session.options().count.value_or(50);
    const Rows rows = session.connection().query(
        "SELECT q.*, pg_catalog.date_trunc('second', q.at) AS at_second,"
        " EXTRACT(EPOCH FROM q.duration) AS seconds, pg_catalog.row_to_json(q) AS json"
        " FROM (SELECT h.* FROM migrate.history h ORDER BY h.id DESC LIMIT $1::pg_catalog.int8) q"
        " ORDER BY q.id",
        {count == 0 ? std::nullopt : std::optional(std::to_string(count))});
    std::vector<std::string> json;
    std::vector<std::vector<Cell>> cells;
    for (int i = 0; i < rows.count(); i++) {
        json.push_back(rows.text(i, "json"));
        cells.push_back({{rows.text(i, "at_second"), Color::plain},
                         {rows.text(i, "event"), Color::plain},
                         {rows.text(i, "migration"), Color::plain},
                         {rows.text(i, "run"), Color::plain},
                         {rows.text(i, "role"), Color::plain},
                         {duration_text(rows, i), Color::plain},
                         {abbreviate(rows.text(i, "detail"), 80), Color::dim}});
    }
    Output &output = session.output();
    output.document(JsonObject().add("events", json_array(json)).text());
    output.result(rows.count() == 0
                      ? "nothing happened yet\n"
                      : table({"at", "event", "migration", "run", "role", "duration", "detail"},
                              cells, output.colors()));
    return ExitCode::done;
}

namespace {

ExitCode show_steps(Session &session, long long run)
{
    const Rows rows = session.connection().query(
        "SELECT s.*, EXTRACT(EPOCH FROM s.duration) AS seconds,"
        " EXTRACT(EPOCH FROM s.lock_wait) AS waited, EXTRACT(EPOCH FROM s.lock_held) AS held,"
        " pg_catalog.row_to_json(s) AS json FROM migrate.steps s"
        " WHERE s.run OPERATOR(pg_catalog.=) $1::pg_catalog.int8 ORDER BY s.step",
        {std::to_string(run)});
    if (rows.count() == 0)
        throw client_failure(ExitCode::failed, fmt::format("there is no run {} with steps", run),
                             {}, "pg_migrate log shows the numbers of runs.");
    std::vector<std::string> json;
    std::vector<std::vector<Cell>> cells;
    for (int i = 0; i < rows.count(); i++) {
        json.push_back(rows.text(i, "json"));
        cells.push_back({{rows.text(i, "step"), Color::plain},
                         {rows.text(i, "migration"), Color::plain},
                         {rows.text(i, "state"), Color::plain},
                         {duration_text(rows, i), Color::plain},
                         {duration_text(rows, i, "waited"), Color::plain},
                         {rows.text(i, "attempts"), Color::plain},
                         {rows.text(i, "lock_mode"), Color::plain},
                         {duration_text(rows, i, "held"), Color::plain},
                         {abbreviate(rows.text(i, "statement"), 80), Color::plain}});
    }
    session.output().document(JsonObject().add("steps", json_array(json)).text());
    session.output().result(table({"step", "migration", "state", "duration", "waited", "attempts",
                                   "lock", "held", "statement"},
                                  cells, session.output().colors()));
    return ExitCode::done;
}

std::vector<StatusRow> status_rows(Session &session, const std::set<std::string> &in_folder)
{
    const Rows rows = session.connection().query(
        "SELECT s.*, pg_catalog.date_trunc('second', s.applied_at) AS at_second,"
        " EXTRACT(EPOCH FROM s.duration) AS seconds, pg_catalog.row_to_json(s) AS json"
        " FROM migrate.status s");
    std::vector<StatusRow> result;
    for (int i = 0; i < rows.count(); i++) {
        StatusRow row;
        row.name = rows.text(i, "name");
        row.state = rows.text(i, "state");
        row.applied_at = rows.text(i, "at_second");
        row.applied_by = rows.text(i, "applied_by");
        row.duration = duration_text(rows, i);
        row.notes = notes_of(rows, i, in_folder);
        row.json = rows.text(i, "json");
        row.finished = row.state == "applied" && rows.text(i, "checksum_ok") != "f";
        result.push_back(std::move(row));
    }
    return result;
}

std::string notes_of(const Rows &rows, int row, const std::set<std::string> &in_folder)
{
    std::vector<std::string> notes;
    const std::string state = rows.text(row, "state");
    if (rows.is_true(row, "out_of_order"))
        notes.push_back("out of order");
    if (rows.text(row, "checksum_ok") == "f")
        notes.push_back("text differs from the applied one");
    if (!in_folder.empty() && !in_folder.contains(rows.text(row, "name")))
        notes.push_back("no file");
    if (state == "running")
        notes.push_back("run " + rows.text(row, "run"));
    if (state == "failed")
        notes.push_back(abbreviate(rows.text(row, "error"), 80));
    return fmt::format("{}", fmt::join(notes, ", "));
}

std::vector<Cell> cells_of(const StatusRow &row)
{
    Color color = Color::yellow;
    if (row.state == "applied")
        color = Color::green;
    if (row.state == "failed")
        color = Color::red;
    return {{row.name, Color::plain},       {row.state, color},
            {row.applied_at, Color::plain}, {row.applied_by, Color::plain},
            {row.duration, Color::plain},   {row.notes, Color::dim}};
}

std::string duration_text(const Rows &rows, int row, const char *column)
{
    const auto seconds = rows.value(row, column);
    return seconds ? format_duration(std::llround(std::strtod(seconds->c_str(), nullptr) * 1e6))
                   : "";
}

// Files that the database has not seen yet have a row too, where they would run.
std::vector<std::string> fill_in_new_ones(std::vector<StatusRow> &rows,
                                          const std::set<std::string> &in_folder)
{
    std::set<std::string> known;
    for (const StatusRow &row : rows)
        known.insert(row.name);
    std::vector<std::string> not_uploaded;
    for (const std::string &name : in_folder) {
        if (known.contains(name))
            continue;
        not_uploaded.push_back(name);
        rows.push_back({name, "new", "", "", "", "not uploaded", "", false});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const StatusRow &a, const StatusRow &b) {
        return compare_names(a.name, b.name) < 0;
    });
    return not_uploaded;
}

} // namespace
} // namespace migrate::client
