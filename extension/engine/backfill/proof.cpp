// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/proof.h"

#include "core/text.h"
#include "engine/backfill/trouble.h"
#include "pg/backfill/settings.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"
#include "pg/worker.h"

namespace migrate::backfill {

namespace {

constexpr int most_passes = 10;

void in_transaction(const std::function<void()> &work)
{
    if (const std::optional<Error> error = pg::transaction(work))
        throw *error;
}

} // namespace

// Without a condition of its own a statement proves itself only if a row that is done stops matching.
bool Proof::has_condition() const
{
    return assignment_.options.remaining || (facts_.has_where && facts_.where_should_end) ||
           (assignment_.by_blocks && facts_.has_where);
}

record::Cut Proof::cut_of(const Leaf &leaf) const
{
    record::Cut cut{leaf.name, leaf.table, std::nullopt};
    if (!assignment_.by_blocks && !leaf.keys.empty())
        cut.key = leaf.keys.front();
    return cut;
}

pg::backfill::Batches &Proof::batches_of(const Leaf &leaf)
{
    return worker_.batches_of(cut_of(leaf));
}

Proof::Found Proof::look_at_leaf(std::size_t leaf)
{
    Found one;
    one.leaf = leaf;
    const Leaf &table = target_.leaves[leaf];
    pg::backfill::Batches &batches = batches_of(table);
    worker_.as_statement_role([&] { one.left = batches.left(); });
    // Those that were put aside are left, and known.
    const std::int64_t aside = one.left.rows > 0 ? record::skipped(assignment_.claim.run) : 0;
    std::vector<pg::backfill::FoundRow> rows;
    if (aside > 0 && one.left.rows <= aside)
        worker_.as_statement_role([&] { rows = batches.first_left(static_cast<int>(aside) + 1); });
    for (const pg::backfill::FoundRow &row : rows)
        one.put_aside += record::is_skipped(assignment_.claim.run, table.name, row.key);
    return one;
}

// One snapshot for all partitions: a row that moves from one that is not looked at yet to one that is would
// hide from a snapshot each.
std::vector<Proof::Found> Proof::look()
{
    std::vector<Found> found;
    in_transaction([&] {
        pg::backfill::keep_one_snapshot();
        if (worker_.shares_processor())
            pg::backfill::leave_processors_alone();
        for (std::size_t i = 0; i < target_.leaves.size(); i++) {
            const Found one = look_at_leaf(i);
            if (one.left.rows > one.put_aside)
                found.push_back(one);
            pg::waitpoint(pg::Waitpoint::backfill_leaf_looked_at);
        }
    });
    return found;
}

// Another pass is worth it while it makes the rest smaller, or locks were in its way.
bool Proof::may_go_on(std::int64_t rows)
{
    if (!assignment_.by_blocks && facts_.ending != pg::backfill::Ending::stops)
        return false;
    const bool locks = worker_.met_locks();
    worker_.forget_locks();
    if (locks) {
        pg::sleep_for(100);
        return true;
    }
    const bool fewer = before_ < 0 || rows < before_;
    before_ = rows;
    return ++passes_ < most_passes && fewer;
}

void Proof::plan_pass(const std::vector<Found> &found)
{
    in_transaction([&] {
        record::next_pass(assignment_.claim.run);
        for (const Found &one : found) {
            const Leaf &leaf = target_.leaves[one.leaf];
            record::Piece piece{cut_of(leaf)};
            if (assignment_.by_blocks) {
                piece.low = record::Key{std::to_string(one.left.first_block)};
                piece.high = {std::to_string(one.left.last_block + 1)};
                record::add_range(assignment_.claim.run, piece,
                                  one.left.last_block + 1 - one.left.first_block);
                continue;
            }
            pg::backfill::Batches &batches = batches_of(leaf);
            const std::optional<record::Key> end = batches.end();
            if (!end)
                continue;
            piece.high = *end;
            record::add_range(assignment_.claim.run, piece, leaf.rows);
        }
    });
}

void Proof::report(const std::vector<Found> &found, std::int64_t rows)
{
    const Leaf &leaf = target_.leaves[found.front().leaf];
    std::string keys;
    in_transaction([&] {
        pg::backfill::Batches &batches = batches_of(leaf);
        std::vector<pg::backfill::FoundRow> first;
        worker_.as_statement_role([&] { first = batches.first_left(3); });
        for (const pg::backfill::FoundRow &row : first)
            keys += (keys.empty() ? "" : ", ") + key_text(batches.key_columns(), row.key);
    });
    throw Error(sqlstate::prerequisite_state,
                "rows are left that the backfill did not change: " + std::to_string(rows),
                "They match " +
                    (assignment_.options.remaining ? *assignment_.options.remaining
                                                   : std::string("the WHERE clause")) +
                    ", among them " + keys + " of table " + leaf.name + ".",
                "If new rows come in like that, let the application or a default fill them first; "
                "if they are to stay so, say with remaining => '...' what must not be left.");
}

bool Proof::something_left()
{
    if (!has_condition())
        return false;
    in_transaction([&] { record::phase(assignment_.claim.run, "looking for what is left"); });
    pg::report_activity("migrate: looking for rows that are left of " +
                        assignment_.options.statement);
    const std::vector<Found> found = look();
    pg::waitpoint(pg::Waitpoint::backfill_left_counted);
    if (found.empty())
        return false;
    std::int64_t rows = 0;
    for (const Found &one : found)
        rows += one.left.rows - one.put_aside;
    if (!may_go_on(rows)) {
        if (assignment_.options.may_leave)
            return false;
        report(found, rows);
    }
    plan_pass(found);
    return true;
}

// New values are new statistics.  Only the owner may gather them: for others it is left to autovacuum.
void Proof::analyze()
{
    std::string columns;
    for (const pg::Row &row : [&] {
             std::vector<pg::Row> rows;
             in_transaction([&] {
                 rows = pg::query("SELECT quote_ident(a) FROM unnest($1::text[]) a",
                                  {pg::array_text(facts_.assigned)});
             });
             return rows;
         }())
        columns += (columns.empty() ? " (" : ", ") + *row[0];
    columns += columns.empty() ? "" : ")";
    const std::optional<Error> error = pg::transaction([&] {
        record::phase(assignment_.claim.run, "analyze");
        if (worker_.shares_processor())
            pg::backfill::leave_processors_alone();
        const bool owner =
            pg::query("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = $1::oid",
                      {std::to_string(facts_.target)})[0][0] == "t";
        if (owner)
            worker_.as_statement_role([&] { pg::command("ANALYZE " + facts_.relation + columns); });
    });
    if (error && error->sqlstate == sqlstate::query_canceled)
        throw *error;
    if (error)
        pg::notice("could not gather statistics of " + facts_.relation + ": " + error->message, "",
                   "Run ANALYZE.");
}

} // namespace migrate::backfill
