// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/record.h"

#include "core/text.h"
#include "engine/ledger.h"
#include "pg/query.h"

namespace migrate::backfill::record {

namespace {

std::string text(std::int64_t value)
{
    return std::to_string(value);
}

constexpr std::string_view stored_columns =
    "SELECT b.run, b.statement, b.relation, b.method, b.role, b.options, b.remaining, b.workers,"
    " coalesce(b.rows_per_second, 0), coalesce(r.outcome, ''), b.abandoned,"
    " coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = b.role), false),"
    " b.relation_oid, b.key_indexes"
    " FROM migrate.backfills b JOIN migrate.runs r ON r.id = b.run ";

Stored read_stored(const pg::Row &row)
{
    Stored s;
    s.run = std::stoll(*row[0]);
    s.options.statement = *row[1];
    s.relation = *row[2];
    s.method = *row[3];
    s.role = *row[4];
    read_stored_options(pg::read_array(*row[5]), s.options);
    s.options.remaining = row[6];
    s.options.workers = std::stoi(*row[7]);
    s.options.rows_per_second = std::stod(*row[8]);
    s.outcome = *row[9];
    s.abandoned = *row[10] == "t";
    s.role_is_superuser = *row[11] == "t";
    s.table = static_cast<pg::ObjectId>(std::stoul(*row[12]));
    s.key_indexes = pg::read_array(*row[13]);
    return s;
}

std::optional<Stored> read_one(const std::vector<pg::Row> &rows)
{
    return rows.empty() ? std::nullopt : std::optional(read_stored(rows[0]));
}

Error gone(std::int64_t run)
{
    return Error(sqlstate::prerequisite_state,
                 "backfill " + text(run) + " is gone from the history while it ran",
                 "A superuser deleted its row, or the statement did.");
}

} // namespace

std::optional<Stored> find(std::int64_t run)
{
    return read_one(
        pg::ledger(std::string(stored_columns) + "WHERE b.run = $1::bigint", {text(run)}));
}

std::optional<Stored> find_unfinished(const std::string &tokens, const std::string &relation)
{
    pg::ledger("LOCK TABLE migrate.backfills IN SHARE ROW EXCLUSIVE MODE");
    return read_one(
        pg::ledger(std::string(stored_columns) +
                       "WHERE b.tokens = $1 AND b.relation = $2 AND NOT b.abandoned"
                       " AND r.outcome IS DISTINCT FROM 'done' ORDER BY b.run DESC LIMIT 1",
                   {tokens, relation}));
}

std::int64_t begin(const NewRun &n)
{
    Request request = n.job.session;
    request.operation = Operation::backfill;
    request.target = n.facts.relation;
    const std::int64_t run = ledger::begin_run(request, true);
    const Options &o = n.job.options;
    std::int64_t units = 0, rows = 0;
    std::vector<std::string> indexes;
    for (std::size_t i = 0; i < n.target.leaves.size(); i++) {
        const Leaf &leaf = n.target.leaves[i];
        rows += leaf.rows;
        units += n.method.by_blocks ? leaf.blocks : leaf.rows;
        if (!n.method.by_blocks)
            indexes.push_back(n.method.keys[i].name);
    }
    pg::ledger(
        "INSERT INTO migrate.backfills (run, parent_run, statement, tokens, relation, relation_oid,"
        " method, role, options, remaining, workers, rows_per_second, total_units, estimated_rows,"
        " key_indexes)"
        " VALUES ($1::bigint, nullif($2, '0')::bigint, $3, $4, $5, $6::bigint, $7, $8, $9::text[],"
        " $10, $11::integer, nullif($12::double precision, 0), $13::bigint, $14::bigint,"
        " $15::text[])",
        {text(run), text(n.job.parent_run), o.statement, n.facts.tokens, n.facts.relation,
         text(n.facts.target), n.method.text,
         request.role.empty() ? request.current_role : request.role,
         pg::array_text(stored_options(o)), o.remaining, std::to_string(o.workers),
         std::to_string(o.rows_per_second), text(units), text(rows), pg::array_text(indexes)});
    for (std::size_t i = 0; i < n.target.leaves.size(); i++) {
        if (!n.ends[i])
            continue;
        Piece piece;
        piece.relation = n.target.leaves[i].name;
        piece.table = n.target.leaves[i].table;
        if (!n.method.by_blocks)
            piece.key = n.method.keys[i];
        piece.high = *n.ends[i];
        add_range(run, piece, 0);
    }
    return run;
}

void abandon(std::int64_t run)
{
    pg::ledger("UPDATE migrate.backfills SET abandoned = true WHERE run = $1::bigint", {text(run)});
    pg::ledger("DELETE FROM migrate.backfill_pieces WHERE run = $1::bigint", {text(run)});
}

void take_options(std::int64_t run, const Options &o)
{
    pg::ledger("UPDATE migrate.backfills SET options = $2::text[], workers = $3::integer,"
               " rows_per_second = nullif($4::double precision, 0), remaining = coalesce($5,"
               " remaining) WHERE run = $1::bigint",
               {text(run), pg::array_text(stored_options(o)), std::to_string(o.workers),
                std::to_string(o.rows_per_second), o.remaining});
}

void take_table(std::int64_t run, pg::ObjectId table)
{
    pg::ledger("UPDATE migrate.backfills SET relation_oid = $2::bigint WHERE run = $1::bigint",
               {text(run), text(table)});
}

void take_tables(std::int64_t run, const std::vector<Leaf> &leaves)
{
    for (const Leaf &leaf : leaves)
        pg::ledger("UPDATE migrate.backfill_pieces SET relation_oid = $3::bigint"
                   " WHERE run = $1::bigint AND relation = $2",
                   {text(run), leaf.name, text(leaf.table)});
}

int take_lead(std::int64_t run)
{
    pg::ledger("UPDATE migrate.backfill_pieces SET leader = NULL, worker = NULL"
               " WHERE run = $1::bigint AND worker IS NOT NULL",
               {text(run)});
    pg::ledger("UPDATE migrate.backfill_workers SET throttled = NULL, low = NULL, high = NULL"
               " WHERE run = $1::bigint",
               {text(run)});
    pg::ledger("UPDATE migrate.runs SET ended_at = NULL, outcome = NULL, error_sqlstate = NULL,"
               " error_message = NULL, error_detail = NULL, error_hint = NULL, error_context = NULL"
               " WHERE id = $1::bigint",
               {text(run)});
    return std::stoi(*pg::ledger(
        "UPDATE migrate.backfills SET leader = leader + 1, leader_since = clock_timestamp(),"
        " paused = false, units_before = (SELECT coalesce(sum(units), 0) FROM"
        " migrate.backfill_workers WHERE run = $1::bigint) WHERE run = $1::bigint RETURNING leader",
        {text(run)})[0][0]);
}

Control control(std::int64_t run)
{
    const std::vector<pg::Row> rows = pg::ledger(
        "SELECT paused, abandoned, coalesce(rows_per_second, 0), workers, leader,"
        " total_units - (SELECT coalesce(sum(w.units), 0) FROM migrate.backfill_workers w"
        " WHERE w.run = $1::bigint) FROM migrate.backfills WHERE run = $1::bigint",
        {text(run)});
    if (rows.empty())
        throw gone(run);
    const pg::Row &row = rows[0];
    return {*row[0] == "t",     *row[1] == "t",     std::stod(*row[2]),
            std::stoi(*row[3]), std::stoi(*row[4]), std::stoll(*row[5])};
}

bool pause(std::int64_t run, bool paused)
{
    return !pg::ledger("UPDATE migrate.backfills SET paused = $2::boolean WHERE run = $1::bigint"
                       " AND NOT abandoned RETURNING run",
                       {text(run), paused ? "t" : "f"})
                .empty();
}

bool throttle(std::int64_t run, std::optional<double> rows_per_second, std::optional<int> workers)
{
    return !pg::ledger("UPDATE migrate.backfills b SET rows_per_second = CASE WHEN $2 IS NULL THEN"
                       " b.rows_per_second ELSE nullif($2::double precision, 0) END,"
                       " workers = coalesce($3::integer, b.workers) FROM migrate.runs r"
                       " WHERE b.run = $1::bigint AND r.id = b.run AND NOT b.abandoned"
                       " AND r.outcome IS DISTINCT FROM 'done' RETURNING b.run",
                       {text(run),
                        rows_per_second ? pg::Value(std::to_string(*rows_per_second)) : pg::Value(),
                        workers ? pg::Value(std::to_string(*workers)) : pg::Value()})
                .empty();
}

void worker_starts(const Claim &c)
{
    pg::ledger("INSERT INTO migrate.backfill_workers (run, worker, pid, at) VALUES ($1::bigint,"
               " $2::integer, pg_backend_pid(), clock_timestamp()) ON CONFLICT (run, worker)"
               " DO UPDATE SET pid = excluded.pid, at = excluded.at, throttled = NULL",
               {text(c.run), text(c.worker)});
}

void worker_waits(const Claim &c, const std::string &reason)
{
    pg::ledger("UPDATE migrate.backfill_workers SET throttled = nullif($3, ''),"
               " at = clock_timestamp() WHERE run = $1::bigint AND worker = $2::integer"
               " AND throttled IS DISTINCT FROM nullif($3, '')",
               {text(c.run), text(c.worker), reason});
}

void rows_changed(const Claim &c, std::int64_t rows)
{
    pg::ledger(
        "UPDATE migrate.backfill_workers SET rows = rows + $3::bigint, batches = batches + 1,"
        " throttled = NULL, at = clock_timestamp()"
        " WHERE run = $1::bigint AND worker = $2::integer",
        {text(c.run), text(c.worker), text(rows)});
}

void skip(std::int64_t run, const Skipped &row)
{
    pg::ledger("INSERT INTO migrate.backfill_skipped (run, relation, key, column_name, sqlstate,"
               " message, detail, at) VALUES ($1::bigint, $2, $3::text[], nullif($4, ''), $5, $6,"
               " nullif($7, ''), clock_timestamp()) ON CONFLICT (run, relation, key) DO UPDATE SET"
               " column_name = excluded.column_name, sqlstate = excluded.sqlstate,"
               " message = excluded.message, detail = excluded.detail, at = excluded.at",
               {text(run), row.relation, pg::array_text(row.key), row.column, row.error.sqlstate,
                row.error.message, row.error.detail});
}

std::int64_t skipped(std::int64_t run)
{
    return std::stoll(*pg::ledger(
        "SELECT count(*) FROM migrate.backfill_skipped WHERE run = $1::bigint", {text(run)})[0][0]);
}

bool is_skipped(std::int64_t run, const std::string &relation, const Key &key)
{
    return !pg::ledger("SELECT 1 FROM migrate.backfill_skipped WHERE run = $1::bigint"
                       " AND relation = $2 AND key = $3::text[]",
                       {text(run), relation, pg::array_text(key)})
                .empty();
}

void phase(std::int64_t run, const std::string &name)
{
    pg::ledger("UPDATE migrate.backfills SET phase = $2 WHERE run = $1::bigint", {text(run), name});
}

Report totals(std::int64_t run)
{
    const std::vector<pg::Row> rows = pg::ledger(
        "SELECT coalesce(sum(w.rows), 0)::bigint, coalesce(sum(w.batches), 0)::bigint,"
        " (SELECT count(*) FROM migrate.backfill_skipped s WHERE s.run = r.id),"
        " (extract(epoch FROM coalesce(r.ended_at, clock_timestamp()) - r.started_at) *"
        " 1000000)::bigint FROM migrate.runs r LEFT JOIN migrate.backfill_workers w ON w.run = r.id"
        " WHERE r.id = $1::bigint GROUP BY r.id",
        {text(run)});
    if (rows.empty())
        throw gone(run);
    const pg::Row &row = rows[0];
    Report report;
    report.kind = Report::Kind::done;
    report.run = run;
    report.rows = std::stoll(*row[0]);
    report.batches = std::stoll(*row[1]);
    report.skipped = std::stoll(*row[2]);
    report.duration = std::stoll(*row[3]);
    return report;
}

void note_end(const Job &job, std::int64_t run, const std::string &relation)
{
    const Report done = totals(run);
    ledger::Event event;
    event.event = "backfilled";
    event.run = run;
    event.duration = done.duration;
    event.detail = relation + ": " + text(done.rows) + " rows" +
                   (done.skipped > 0 ? ", " + text(done.skipped) + " skipped" : "");
    ledger::record_event(event, job.session);
}

} // namespace migrate::backfill::record
