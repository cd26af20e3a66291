// One batch.  First without a look at who holds what, under a short lock_timeout; if it runs into a lock, the
// rows that are free now, and the others later; if it fails, smaller, and at last row by row.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>
#include <map>
#include <set>

#include "engine/backfill/trouble.h"
#include "engine/backfill/worker.h"
#include "pg/backfill/courtesy.h"
#include "pg/backfill/settings.h"
#include "pg/lock_watch.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"

namespace migrate::backfill {

namespace {

using pg::backfill::FoundRow;
using pg::backfill::Range;

constexpr std::int64_t careful_rows = 50; // each in a subtransaction of its own

} // namespace

void Worker::run_free_rows(const record::Piece &piece, const Range &range, record::Done &done)
{
    pg::backfill::Batches &batches = batches_of(piece);
    std::vector<FoundRow> free, all;
    as_statement_role([&] {
        free = batches.lock_free(range);
        all = batches.matching(range);
    });
    std::set<record::Key> reached;
    for (const FoundRow &row : free)
        reached.insert(row.key);
    std::vector<record::Key> held;
    for (const FoundRow &row : all)
        if (reached.insert(row.key).second)
            held.push_back(row.key);
    as_statement_role([&] { done.rows = batches.run_rows(free); });
    met_locks_ = met_locks_ || !held.empty();
    // By blocks the scan for what is left finds them.
    if (piece.key)
        record::add_rows(assignment_.claim.run, piece, held);
}

// Of each page's rows a twentieth.  Their new versions find room on the page, and what they leave behind is
// room for the next ones when the range is read again: so no index gets a new entry, and the table hardly grows.
// True if nothing is left in the range.
bool Worker::run_share(const record::Piece &piece, const Range &range, record::Done &done)
{
    constexpr std::size_t shares = 20;
    pg::backfill::Batches &batches = batches_of(piece);
    std::vector<FoundRow> all, some;
    as_statement_role([&] { all = batches.matching(range); });
    std::map<std::int64_t, std::size_t> of_page;
    for (const FoundRow &row : all)
        of_page[std::stoll(row.tid.substr(1))]++;
    if (share_ == 0 && !all.empty())
        share_ = std::max<std::size_t>(1, all.size() / of_page.size() / shares);
    of_page.clear();
    for (const FoundRow &row : all)
        if (of_page[std::stoll(row.tid.substr(1))]++ < share_)
            some.push_back(row);
    as_statement_role([&] { done.rows = batches.run_rows(some); });
    return some.size() == all.size() || done.rows == 0;
}

// True if the range is done.
bool Worker::run_range(const record::Piece &piece, const Range &range, bool skip_locked,
                       record::Done &done)
{
    bool all = true;
    if (skip_locked)
        run_free_rows(piece, range, done);
    else if (assignment_.in_shares && careful_units_ <= 0)
        all = run_share(piece, range, done);
    else
        as_statement_role([&] { done.rows = batches_of(piece).run(range); });
    as_statement_role([] { pg::require_settled(); });
    pg::impose_no_lock_timeout(pg::Hold::transaction); // what follows is ours
    return all;
}

pg::backfill::Batches::Step Worker::next_range(const record::Piece &piece, std::int64_t size)
{
    pg::backfill::Batches &batches = batches_of(piece);
    pg::backfill::Batches::Step step;
    as_statement_role([&] {
        step = window_ ? batches.advance(piece.low, *window_, std::stoll(window_->front()))
                       : batches.advance(piece.low, piece.high, limited_by_rate(size));
    });
    return step;
}

// Deferred constraints are checked while their errors are still those of the batch.
void Worker::settle() const
{
    if (assignment_.locked_role.empty())
        pg::settle_transaction();
    else
        as_statement_role([] { pg::require_settled(); });
}

// A transaction of so many units (rows, blocks) that gives way to others: it waits for nobody while somebody
// waits for it, and is given up for a smaller one before anybody who waits for it looks for a deadlock.
std::optional<Error> Worker::yielding_transaction(std::int64_t size,
                                                  const std::function<void()> &work)
{
    const int half = std::max(1, pg::backfill::settings().deadlock_timeout / 2);
    const std::optional<Error> error = pg::transaction([&] {
        pg::backfill::commit_lazily();
        pg::yield_to_others(size > 1 ? half : 0);
        work();
        pg::yield_no_more(); // a commit that waits for a standby must not be cut short
    });
    const pg::Yielded yielded = pg::yield_no_more();
    if (!error || error->sqlstate != sqlstate::query_canceled || yielded == pg::Yielded::no)
        return error;
    return Error(yielded == pg::Yielded::wait ? sqlstate::lock_not_available
                                              : sqlstate::serialization_failure,
                 "others waited for rows of the batch");
}

// The batch and what it means for its piece, in one transaction.
std::optional<Error> Worker::try_batch(record::Piece &piece, bool skip_locked)
{
    const Stopwatch watch;
    record::Done done;
    bool lost = false, waited = false, all = true;
    record::Key to;
    const std::optional<Error> error = yielding_transaction(size_.size(), [&] {
        pg::waitpoint(pg::Waitpoint::backfill_batch_begun);
        lost = !record::still_ours(assignment_.claim, piece.piece);
        if (lost)
            return;
        pg::backfill::limit_lock_waits(lock_patience());
        done.size = size_.size();
        if (careful_units_ > 0)
            done.size = std::min<std::int64_t>(done.size, piece.key ? careful_rows : 1);
        const pg::backfill::Batches::Step step = attempted_ = next_range(piece, done.size);
        to = step.to;
        all = run_range(piece, {piece.low, to}, skip_locked, done);
        pg::waitpoint(pg::Waitpoint::backfill_batch_ran);
        waited = pg::backfill::others_wait_for_us();
        done.piece = piece.piece;
        done.units = all ? step.units : 0;
        if (!all)
            done.low = piece.low ? *piece.low : record::Key{"0"};
        else if (to != piece.high)
            done.low = to;
        record::batch_done(assignment_.claim, done);
        pg::waitpoint(pg::Waitpoint::backfill_batch_recorded);
    });
    window_.reset();
    if (error)
        return error;
    if (lost)
        throw claim_lost(assignment_.claim.run);
    pg::waitpoint(pg::Waitpoint::backfill_batch_committed);
    batch_committed(done, static_cast<double>(watch.microseconds()) / 1000, waited);
    if (all)
        share_ = 0;
    else
        window_ = to;
    if (done.low)
        piece.low = done.low;
    else
        piece_.reset();
    return std::nullopt;
}

void Worker::batch_committed(const record::Done &done, double milliseconds, bool waited)
{
    conflicts_ = 0;
    reason_.clear();
    conditions_.after_batch = true;
    conditions_.batch_milliseconds = milliseconds;
    conditions_.given_away = pg::backfill::given_away();
    shares_processor_ = conditions_.given_away > milliseconds / 5;
    conditions_.rows_done += done.rows;
    rows_seen_ += done.rows;
    units_seen_ += done.units;
    // Of a window that is done in shares only once.
    waited_ = waited_ || waited;
    if (waited_ && (done.units > 0 || !assignment_.in_shares)) {
        size_.others_waited(done.units, milliseconds);
        waited_ = false;
    } else if (careful_units_ <= 0)
        size_.committed(done.units, milliseconds);
    if (careful_units_ > 0)
        careful_units_ -= done.units;
}

// No more rows at a time than may be done in a second.
std::int64_t Worker::limited_by_rate(std::int64_t units) const
{
    if (conditions_.rows_per_second <= 0)
        return units;
    const double rows_per_unit =
        units_seen_ > 0
            ? std::max(0.01, static_cast<double>(rows_seen_) / static_cast<double>(units_seen_))
            : assignment_.rows_per_unit;
    const double most = conditions_.rows_per_second / std::max(rows_per_unit, 0.01);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(most), 1, units);
}

void Worker::run_batch()
{
    pg::report_activity(assignment_.options.statement);
    record::Piece &piece = *piece_;
    std::optional<Error> error = try_batch(piece, false);
    if (error && trouble_of(*error) == Trouble::locked) {
        std::optional<Error> again = try_batch(piece, true);
        // A role that may not read every column cannot be told which rows are free.
        if (!again || again->sqlstate != sqlstate::insufficient_privilege)
            error = std::move(again);
    }
    if (!error)
        return;
    switch (trouble_of(*error)) {
    case Trouble::locked:
    case Trouble::again:
        return give_way(piece, *error);
    case Trouble::row:
        return handle_error(piece, *error);
    default:
        throw placed_in(*error, assignment_.options.statement);
    }
}

// Not even the free rows could be done: the table itself, a row that another table's constraint asks for.
void Worker::give_way(const record::Piece &piece, const Error &error)
{
    met_locks_ = true;
    size_.gave_up();
    conflicts_++;
    const std::string reason =
        "waiting for a lock on " +
        (error.table.empty() ? piece.relation : "table \"" + error.table + "\"");
    sleep(std::min(1000, 10 << std::min(conflicts_, 6)), conflicts_ > 3 ? reason : reason_);
}

// Once more in small batches, so that what is good is kept; then row by row.
void Worker::handle_error(record::Piece &piece, const Error &error)
{
    if (careful_units_ <= 0) {
        careful_units_ = std::max<std::int64_t>(1, size_.size());
        return;
    }
    run_row_by_row(piece, error);
}

void Worker::put_aside(const record::Piece &piece, const FoundRow &row, const Error &error)
{
    pg::backfill::Batches &batches = batches_of(piece);
    std::string column = error.column;
    if (column.empty())
        as_statement_role([&] { column = batches.failing_column(row); });
    if (!assignment_.options.skip_errors)
        throw error_of_row(error, piece.relation, batches.key_columns(), row.key, column);
    record::skip(assignment_.claim.run, {piece.relation, row.key, column, error});
}

// Just what failed together: entries of versions that were rolled back count when the index is asked anew.
void Worker::run_row_by_row(record::Piece &piece, const Error &first)
{
    record::Done done;
    record::Key to;
    bool failed = false, lost = false;
    const std::optional<Error> error = pg::transaction([&] {
        pg::backfill::commit_lazily();
        lost = !record::still_ours(assignment_.claim, piece.piece);
        if (lost)
            return;
        pg::backfill::limit_lock_waits(lock_patience());
        pg::backfill::Batches &batches = batches_of(piece);
        to = attempted_.to;
        std::vector<FoundRow> rows;
        as_statement_role([&] { rows = batches.matching({piece.low, to}); });
        std::set<std::string> seen;
        for (const FoundRow &row : rows) {
            if (!seen.insert(row.tid).second)
                continue;
            failed = run_row(piece, row, done) || failed;
        }
        if (!failed && !assignment_.options.skip_errors)
            throw first; // of no row: of all of them together
        done.piece = piece.piece;
        done.units = attempted_.units;
        done.size = attempted_.units;
        if (to != piece.high)
            done.low = to;
        record::batch_done(assignment_.claim, done);
    });
    if (lost)
        throw claim_lost(assignment_.claim.run);
    if (error && (trouble_of(*error) == Trouble::locked || trouble_of(*error) == Trouble::again))
        return give_way(piece, *error);
    if (error) // a role that may not read the rows is told of none
        throw placed_in(trouble_of(*error) == Trouble::fatal ? first : *error,
                        assignment_.options.statement);
    batch_committed(done, 0, false);
    if (done.low)
        piece.low = to;
    else
        piece_.reset();
    require_few_skipped();
}

// True if it was put aside.
bool Worker::run_row(const record::Piece &piece, const FoundRow &row, record::Done &done)
{
    pg::backfill::Batches &batches = batches_of(piece);
    const std::optional<Error> error = pg::attempt([&] {
        // Its tid may have become another's: nobody but us need have changed it since it was found.
        as_statement_role(
            [&] { done.rows += piece.key ? batches.run_key(row.key) : batches.run_rows({row}); });
        settle();
    });
    if (!error)
        return false;
    if (trouble_of(*error) == Trouble::locked && piece.key) {
        record::add_rows(assignment_.claim.run, piece, {row.key});
        met_locks_ = true;
        return false;
    }
    if (trouble_of(*error) != Trouble::row)
        throw *error;
    put_aside(piece, row, *error);
    return true;
}

} // namespace migrate::backfill
