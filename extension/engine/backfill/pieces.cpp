// The pieces of a run: claims, and what batches mean for them.
// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/record.h"
#include "pg/query.h"

namespace migrate::backfill::record {

namespace {

std::string text(std::int64_t value)
{
    return std::to_string(value);
}

pg::Value key_text(const std::optional<Key> &key)
{
    return key ? pg::Value(pg::array_text(*key)) : pg::Value();
}

pg::Value name_of(const Cut &cut)
{
    return cut.key ? pg::Value(cut.key->name) : pg::Value();
}

pg::Value order_of(const Cut &cut)
{
    return cut.key ? pg::Value(cut.key->order) : pg::Value();
}

constexpr std::string_view cut_columns = "relation, relation_oid, key_index, key_order";

Cut read_cut(const pg::Row &row, std::size_t from)
{
    Cut cut;
    cut.relation = *row[from];
    cut.table = static_cast<pg::ObjectId>(std::stoul(*row[from + 1]));
    if (row[from + 2])
        cut.key = KeyIndex{*row[from + 2], row[from + 3].value_or("")};
    return cut;
}

} // namespace

void add_range(std::int64_t run, const Piece &range, std::int64_t units)
{
    pg::ledger("INSERT INTO migrate.backfill_pieces (run, relation, relation_oid, key_index,"
               " key_order, kind, low, high) VALUES ($1::bigint, $2, $3::bigint, $4, $5, 'range',"
               " $6::text[], $7::text[])",
               {text(run), range.relation, text(range.table), name_of(range), order_of(range),
                key_text(range.low), pg::array_text(range.high)});
    if (units > 0)
        pg::ledger("UPDATE migrate.backfills SET total_units = total_units + $2::bigint"
                   " WHERE run = $1::bigint",
                   {text(run), text(units)});
}

void next_pass(std::int64_t run)
{
    pg::ledger("UPDATE migrate.backfills SET pass = pass + 1, phase = 'batches'"
               " WHERE run = $1::bigint",
               {text(run)});
}

// Whoever claims at the same time waits for a moment and then looks again; SKIP LOCKED would take a rest
// that is just being cut for no rest at all.
std::optional<Piece> claim(const Claim &c)
{
    for (;;) {
        const std::vector<pg::Row> rows =
            pg::ledger("SELECT piece, low, high, " + std::string(cut_columns) +
                           " FROM migrate.backfill_pieces WHERE run = $1::bigint AND kind = "
                           "'range' AND worker IS NULL ORDER BY piece LIMIT 1"
                           " FOR UPDATE",
                       {text(c.run)});
        if (!rows.empty()) {
            const pg::Row &row = rows[0];
            Piece piece{read_cut(row, 3)};
            piece.piece = std::stoll(*row[0]);
            if (row[1])
                piece.low = pg::read_array(*row[1]);
            piece.high = pg::read_array(*row[2]);
            return piece;
        }
        if (pg::ledger("SELECT 1 FROM migrate.backfill_pieces WHERE run = $1::bigint"
                       " AND kind = 'range' AND worker IS NULL LIMIT 1",
                       {text(c.run)})
                .empty())
            return std::nullopt;
    }
}

void keep_part(const Claim &c, const Piece &piece, const Key &to)
{
    pg::ledger(
        "UPDATE migrate.backfill_pieces SET leader = $3::integer, worker = $4::integer,"
        " high = $5::text[] WHERE run = $1::bigint AND piece = $2::bigint",
        {text(c.run), text(piece.piece), text(c.leader), text(c.worker), pg::array_text(to)});
    if (to == piece.high)
        return;
    Piece rest = piece;
    rest.low = to;
    add_range(c.run, rest, 0);
}

bool still_ours(const Claim &c, std::int64_t piece)
{
    return !pg::ledger("SELECT 1 FROM migrate.backfill_pieces WHERE run = $1::bigint"
                       " AND piece = $2::bigint AND leader = $3::integer AND worker = $4::integer"
                       " FOR UPDATE",
                       {text(c.run), text(piece), text(c.leader), text(c.worker)})
                .empty();
}

void batch_done(const Claim &c, const Done &d)
{
    if (d.low)
        pg::ledger("UPDATE migrate.backfill_pieces SET low = $3::text[]"
                   " WHERE run = $1::bigint AND piece = $2::bigint",
                   {text(c.run), text(d.piece), pg::array_text(*d.low)});
    else
        pg::ledger("DELETE FROM migrate.backfill_pieces WHERE run = $1::bigint AND piece = "
                   "$2::bigint",
                   {text(c.run), text(d.piece)});
    pg::ledger(
        "UPDATE migrate.backfill_workers SET rows = rows + $3::bigint, units = units + "
        "$4::bigint, batches = batches + 1, batch_size = $5::bigint, throttled = NULL,"
        " low = coalesce($6::text[], high), at = clock_timestamp()"
        " WHERE run = $1::bigint AND worker = $2::integer",
        {text(c.run), text(c.worker), text(d.rows), text(d.units), text(d.size), key_text(d.low)});
}

void worker_at(const Claim &c, const Piece &piece, const std::optional<Key> &to)
{
    pg::ledger("UPDATE migrate.backfill_workers SET relation = $3, low = $4::text[], high = "
               "$5::text[], at = clock_timestamp() WHERE run = $1::bigint AND worker = $2::integer",
               {text(c.run), text(c.worker), piece.relation, key_text(piece.low), key_text(to)});
}

void add_rows(std::int64_t run, const Piece &range, const std::vector<Key> &keys)
{
    for (const Key &key : keys)
        pg::ledger("INSERT INTO migrate.backfill_pieces (run, relation, relation_oid, key_index,"
                   " key_order, kind, high, since, due) VALUES ($1::bigint, $2, $3::bigint, $4, $5,"
                   " 'row', $6::text[], clock_timestamp(),"
                   " clock_timestamp() + interval '100 milliseconds')",
                   {text(run), range.relation, text(range.table), name_of(range), order_of(range),
                    pg::array_text(key)});
}

std::vector<LateRow> due_rows(std::int64_t run, int most)
{
    std::vector<LateRow> late;
    for (const pg::Row &row :
         pg::ledger("SELECT piece, high, extract(epoch FROM clock_timestamp() - since), " +
                        std::string(cut_columns) +
                        " FROM migrate.backfill_pieces"
                        " WHERE run = $1::bigint AND kind = 'row' AND due <= clock_timestamp()"
                        " ORDER BY due LIMIT $2::integer FOR UPDATE SKIP LOCKED",
                    {text(run), text(most)}))
        late.push_back(
            {read_cut(row, 3), std::stoll(*row[0]), pg::read_array(*row[1]), std::stod(*row[2])});
    return late;
}

void row_done(std::int64_t run, std::int64_t piece)
{
    pg::ledger("DELETE FROM migrate.backfill_pieces WHERE run = $1::bigint AND piece = $2::bigint",
               {text(run), text(piece)});
}

// Asked for again after a tenth of the time that it has been locked, a second at most.
void row_still_locked(std::int64_t run, std::int64_t piece)
{
    pg::ledger("UPDATE migrate.backfill_pieces SET due = clock_timestamp() + least(interval '1 "
               "second', greatest(interval '50 milliseconds', (clock_timestamp() - since) / 10))"
               " WHERE run = $1::bigint AND piece = $2::bigint",
               {text(run), text(piece)});
}

std::int64_t rows_late(std::int64_t run)
{
    return std::stoll(*pg::ledger("SELECT count(*) FROM migrate.backfill_pieces"
                                  " WHERE run = $1::bigint AND kind = 'row'",
                                  {text(run)})[0][0]);
}

} // namespace migrate::backfill::record
