// SPDX-License-Identifier: PostgreSQL
#include "engine/ledger.h"

#include "core/text.h"
#include "engine/ledger_values.h"
#include "pg/query.h"
#include "pg/report.h"

namespace migrate::ledger {

namespace {

// Tells whoever listens, and the log.
void announce(std::int64_t run, const std::string &what, const std::string &operation,
              const std::string &error = {})
{
    pg::ledger("SELECT pg_notify('migrate', json_build_object('run', $1::bigint, 'operation', $2, "
               "'state', $3,"
               " 'error', $4)::text)",
               {text(run), operation, what, or_null(abbreviate(error, 500))});
    pg::log("migrate: run " + text(run) + " (" + operation + ") " + what +
            (error.empty() ? "" : ": " + error));
}

constexpr std::string_view insert_event =
    "INSERT INTO migrate.events (at, event, migration_id, migration, run, role, session_role,"
    " application_name, client_addr, duration, checksum, detail) VALUES (clock_timestamp(), $1,"
    " nullif($2, '0')::bigint, $3, nullif($4, '0')::bigint, $5, $6, $7, $8,"
    " nullif($9, '-1')::bigint * interval '1 microsecond',"
    " (SELECT migrate.checksum(m.up) FROM migrate.migrations m WHERE m.id = $2::bigint), $10)"
    " RETURNING *";

std::vector<pg::Value> event_parameters(const Event &e, const Request &who)
{
    return {e.event,
            text(e.migration_id),
            or_null(e.migration),
            text(e.run),
            who.current_role,
            who.session_role,
            or_null(who.application_name),
            or_null(who.client_addr),
            text(e.duration),
            or_null(e.detail)};
}

} // namespace

std::vector<Migration> migrations()
{
    std::vector<Migration> all;
    for (const pg::Row &row :
         pg::ledger("SELECT id, name, requires, down IS NOT NULL, applied_at IS NOT NULL, "
                    "applied_order, applied_run,"
                    " unfinished_run, uploaded_by_superuser AND restored_by IS NULL, uploaded_by"
                    " FROM migrate.migrations WHERE removed_at IS NULL"
                    " ORDER BY migrate.sort_key(name) COLLATE \"C\"")) {
        Migration m;
        m.id = number(row[0]);
        m.name = *row[1];
        m.requires_names = pg::read_array(*row[2]);
        m.has_down = yes(row[3]);
        m.applied = yes(row[4]);
        m.applied_order = number(row[5]);
        m.applied_run = number(row[6]);
        m.unfinished_run = number(row[7]);
        m.trusted = yes(row[8]);
        m.uploaded_by = *row[9];
        all.push_back(std::move(m));
    }
    return all;
}

std::optional<std::string> script_text(std::int64_t migration, Direction direction)
{
    const char *const sql = direction == Direction::up
                                ? "SELECT up FROM migrate.migrations WHERE id = $1::bigint"
                                : "SELECT down FROM migrate.migrations WHERE id = $1::bigint";
    const std::vector<pg::Row> rows = pg::ledger(sql, {text(migration)});
    return rows.empty() ? std::nullopt : rows[0][0];
}

bool is_virgin()
{
    return !yes(
        pg::ledger("SELECT EXISTS (SELECT FROM migrate.events WHERE event IN ('applied', 'marked "
                   "applied', 'baselined'))")[0][0]);
}

RunOutcome outcome_of(std::int64_t run)
{
    RunOutcome outcome;
    const std::vector<pg::Row> rows =
        pg::ledger("SELECT outcome, ended_at IS NOT NULL, error_sqlstate, error_message, "
                   "error_detail, error_hint,"
                   " error_context FROM migrate.runs WHERE id = $1::bigint",
                   {text(run)});
    if (rows.empty())
        return outcome;
    const pg::Row &row = rows[0];
    outcome.exists = true;
    outcome.outcome = row[0].value_or("");
    outcome.ended = yes(row[1]);
    outcome.error =
        Error(row[2].value_or(""), row[3].value_or(""), row[4].value_or(""), row[5].value_or(""));
    outcome.error.context = row[6].value_or("");
    for (const pg::Row &failed :
         pg::ledger("SELECT migration FROM migrate.run_steps WHERE run = $1::bigint"
                    " AND state IN ('failed', 'in doubt')",
                    {text(run)}))
        outcome.failed_migrations.push_back(*failed[0]);
    return outcome;
}

std::optional<std::int64_t> last_run_ended_since(const std::string &moment)
{
    const std::vector<pg::Row> rows = pg::ledger("SELECT id FROM migrate.runs WHERE ended_at >= "
                                                 "$1::timestamptz ORDER BY ended_at DESC LIMIT 1",
                                                 {moment});
    return rows.empty() ? std::nullopt : std::optional(number(rows[0][0]));
}

std::string clock_now()
{
    return *pg::query("SELECT clock_timestamp()")[0][0];
}

std::vector<ReportRow> report_of(std::int64_t run)
{
    std::vector<ReportRow> report;
    for (const pg::Row &row : pg::ledger(
             "SELECT migration, step, array_to_string(statements, '; '), mode,"
             " (extract(epoch FROM ended_at - started_at) * 1000000)::bigint,"
             " (extract(epoch FROM lock_wait) * 1000000)::bigint"
             " FROM migrate.run_steps WHERE run = $1::bigint AND state = 'done' ORDER BY step",
             {text(run)}))
        report.push_back({run, *row[0], static_cast<int>(number(row[1])), *row[2], *row[3],
                          number(row[4]), number(row[5])});
    return report;
}

void seal()
{
    pg::ledger("INSERT INTO migrate.seal VALUES (true) ON CONFLICT DO NOTHING");
}

std::int64_t begin_run(const Request &r, bool in_worker)
{
    seal();
    // Steps that a restore brought without the sequence, or that never belonged to a run, are no plan of ours.
    pg::ledger(
        "SELECT setval('migrate.runs_id_seq', known.run) FROM (SELECT greatest((SELECT max(id) "
        "FROM migrate.runs), (SELECT max(run) FROM migrate.run_steps)) AS run) AS known"
        " WHERE known.run >= (SELECT last_value FROM migrate.runs_id_seq)");
    const std::vector<pg::Row> rows = pg::ledger(
        "INSERT INTO migrate.runs (operation, target, started_at, pid, in_worker, role, "
        "session_role,"
        " application_name, client_addr, lsn) VALUES ($1, $2, clock_timestamp(), pg_backend_pid(), "
        "$3::boolean,"
        " $4, $5, $6, $7, pg_current_wal_insert_lsn()::text) RETURNING id",
        {std::string(name_of(r.operation)), r.target, in_worker ? "t" : "f", r.current_role,
         r.session_role, or_null(r.application_name), or_null(r.client_addr)});
    const std::int64_t run = number(rows[0][0]);
    // As the caller, whose right it is; wal_level minimal allows none.
    const bool allowed =
        yes(pg::query("SELECT has_function_privilege('pg_create_restore_point(text)', 'EXECUTE')"
                      " AND current_setting('wal_level') <> 'minimal'")[0][0]);
    if (allowed) {
        const std::string name = "migrate run " + text(run);
        pg::query("SELECT pg_create_restore_point($1)", {name});
        pg::ledger("UPDATE migrate.runs SET restore_point = $2 WHERE id = $1::bigint",
                   {text(run), name});
    }
    announce(run, "started", std::string(name_of(r.operation)));
    return run;
}

void end_run(std::int64_t run, const std::string &outcome, const std::optional<Error> &error)
{
    const std::vector<pg::Row> rows = pg::ledger(
        "UPDATE migrate.runs SET ended_at = clock_timestamp(), outcome = $2, error_sqlstate = $3,"
        " error_message = $4, error_detail = $5, error_hint = $6, error_context = $7"
        " WHERE id = $1::bigint RETURNING operation",
        {text(run), outcome, error ? or_null(error->sqlstate) : std::nullopt,
         error ? or_null(error->message) : std::nullopt,
         error ? or_null(error->detail) : std::nullopt, error ? or_null(error->hint) : std::nullopt,
         error ? or_null(error->context) : std::nullopt});
    if (rows.empty())
        throw Error(sqlstate::prerequisite_state,
                    "run " + text(run) + " is gone from the history while it ran",
                    "A superuser deleted its row, or the script did.");
    announce(run, outcome, *rows[0][0], error ? error->message : "");
}

void record_unfinished(std::int64_t run, std::int64_t migration)
{
    pg::ledger("UPDATE migrate.migrations SET unfinished_run = $1::bigint WHERE id = $2::bigint",
               {text(run), text(migration)});
}

void record_finished(std::int64_t run, const Task &task, const Request &who, long long duration)
{
    const bool up = task.direction == Direction::up;
    Event event;
    event.event = up ? "applied" : "rolled back";
    event.migration_id = task.migration.id;
    event.migration = task.migration.name;
    event.run = run;
    event.duration = duration;
    event.detail = task.out_of_order ? "out of order" : "";
    std::vector<pg::Value> parameters = event_parameters(event, who);
    if (!up) {
        pg::ledger("WITH e AS (" + std::string(insert_event) +
                       ") UPDATE migrate.migrations m SET applied_at = NULL, applied_by = NULL,"
                       " applied_run = NULL, applied_order = NULL, applied_checksum = NULL,"
                       " duration = NULL, out_of_order = false, unfinished_run = NULL"
                       " FROM e WHERE m.id = $2::bigint",
                   parameters);
        return;
    }
    parameters.push_back(task.out_of_order ? "t" : "f");
    pg::ledger("WITH e AS (" + std::string(insert_event) +
                   ") UPDATE migrate.migrations m SET applied_at = e.at, applied_by = e.role,"
                   " applied_run = e.run, applied_order = e.id, applied_checksum = e.checksum,"
                   " duration = e.duration, out_of_order = $11::boolean, unfinished_run = NULL"
                   " FROM e WHERE m.id = $2::bigint",
               parameters);
}

std::int64_t record_event(const Event &e, const Request &who)
{
    return number(pg::ledger(insert_event, event_parameters(e, who))[0][0]);
}

} // namespace migrate::ledger
