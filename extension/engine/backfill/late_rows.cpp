// Rows that somebody held when their batch was done.  They are asked for again and again, without waiting for
// any of them; one that stays locked for long is named.
// SPDX-License-Identifier: PostgreSQL
#include "core/text.h"
#include "engine/backfill/trouble.h"
#include "engine/backfill/worker.h"
#include "pg/backfill/settings.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"

namespace migrate::backfill {

namespace {

constexpr double long_seconds = 10;

} // namespace

// False if there are none at all.
bool Worker::come_back()
{
    std::int64_t left = 0;
    bool tried = false;
    std::string named;
    const int most = conflicts_ > 0 ? 1 : 50;
    const std::optional<Error> error = yielding_transaction(most, [&] {
        left = record::rows_late(assignment_.claim.run);
        pg::backfill::limit_lock_waits(lock_patience());
        std::int64_t changed = 0;
        for (const record::LateRow &row : record::due_rows(assignment_.claim.run, most)) {
            tried = true;
            if (!try_late_row(row, changed) && row.locked_seconds > long_seconds)
                named = describe(row);
        }
        if (tried)
            record::rows_changed(assignment_.claim, changed);
    });
    if (error && trouble_of(*error) != Trouble::locked && trouble_of(*error) != Trouble::again)
        throw placed_in(*error, assignment_.options.statement);
    conflicts_ = error ? conflicts_ + 1 : 0;
    if (left == 0)
        return false;
    if (!named.empty() && named != named_) {
        pg::notice(named, "",
                   "End that transaction, or wait; migrate.cancel() stops the backfill.");
        named_ = named;
    }
    if (!tried || error || !named.empty())
        sleep(50, named.empty() ? "waiting for locked rows" : named);
    return true;
}

// True if there is nothing left to do with it.
bool Worker::try_late_row(const record::LateRow &late, std::int64_t &changed)
{
    pg::backfill::Batches &batches = batches_of(late);
    std::vector<pg::backfill::FoundRow> free;
    const std::int64_t run = assignment_.claim.run;
    const std::optional<Error> held =
        pg::attempt([&] { as_statement_role([&] { free = batches.lock_key(late.row); }); });
    if (held && trouble_of(*held) != Trouble::locked)
        throw *held;
    if (held) {
        record::row_still_locked(run, late.piece);
        return false;
    }
    if (!free.empty()) {
        const record::Piece piece{late};
        record::Done done;
        run_row(piece, free.front(), done);
        changed += done.rows;
    }
    record::row_done(run, late.piece);
    return true;
}

// Who holds the row, as far as the row itself tells.
std::string Worker::describe(const record::LateRow &late)
{
    pg::backfill::Batches &batches = batches_of(late);
    std::string holder;
    std::vector<pg::backfill::FoundRow> rows;
    as_statement_role([&] { rows = batches.matching_key(late.row); });
    if (!rows.empty())
        for (const pg::Row &row : pg::ledger(
                 "SELECT format(' by process %s (%s%s, %s)', a.pid, a.usename,"
                 " coalesce(', ' || nullif(a.application_name, ''), ''), a.state)"
                 " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                 " WHERE l.locktype = 'transactionid' AND l.granted AND l.transactionid::text = $1",
                 {batches.holder_of(rows.front())}))
            holder = *row[0];
    return "row " + key_text(batches.key_columns(), late.row) + " of table " + late.relation +
           " is locked" + holder + " for more than " +
           format_duration(static_cast<long long>(long_seconds * 1000000));
}

// While it runs a share means little before there are some rows to have a share of.
void Worker::require_few_skipped() const
{
    constexpr std::int64_t enough = 1000;
    Report totals;
    if (const std::optional<Error> error =
            pg::transaction([&] { totals = record::totals(assignment_.claim.run); }))
        throw *error;
    if (totals.rows + totals.skipped >= enough)
        require_share(totals, assignment_.options);
}

} // namespace migrate::backfill
