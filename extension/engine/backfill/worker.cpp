// The loop of a worker: the operator and the standbys first, then a batch.
// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/worker.h"

#include <algorithm>

#include "core/backfill/share.h"
#include "core/error.h"
#include "core/text.h"
#include "engine/backfill/trouble.h"
#include "pg/backfill/courtesy.h"
#include "pg/backfill/settings.h"
#include "pg/backfill/statement.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"
#include "pg/worker.h"

namespace migrate::backfill {

namespace {

SizeLimits limits_of(const Assignment &a)
{
    SizeLimits limits;
    const pg::backfill::Settings settings = pg::backfill::settings();
    // A batch that is over before anybody looks for a deadlock cannot make the application a victim.
    const int target = a.options.target > 0 ? a.options.target : settings.batch_time;
    limits.target_milliseconds = std::min(target, std::max(1, settings.deadlock_timeout / 2));
    limits.start = a.by_blocks ? 8 : 250;
    limits.maximum = a.by_blocks ? 50000 : 1000000;
    if (a.options.batch > 0) {
        limits.start = a.options.batch;
        limits.fixed = true;
    }
    return limits;
}

LagLimits lag_limits()
{
    const pg::backfill::Settings settings = pg::backfill::settings();
    LagLimits limits;
    limits.bytes = settings.max_replica_lag_size * 1048576LL;
    limits.milliseconds = settings.max_replica_lag;
    std::string name;
    for (const char c : settings.replicas + ",") {
        if (c != ',') {
            name += c;
            continue;
        }
        const std::string_view trimmed = trim(name);
        if (!trimmed.empty())
            limits.names.emplace_back(trimmed);
        name.clear();
    }
    return limits;
}

void in_transaction(const std::function<void()> &work)
{
    if (const std::optional<Error> error = pg::transaction(work))
        throw *error;
}

void require_same_table(const record::Cut &cut)
{
    const pg::ObjectId now = pg::relation_id(cut.relation);
    if (now == cut.table)
        return;
    throw Error(sqlstate::prerequisite_state,
                "table " + cut.relation + (now == 0 ? " is gone" : " is another one now"),
                "It was dropped or renamed after a backfill of it had begun.",
                "Call migrate.backfill(..., restart => true) for the tables that are there.");
}

// The index in whose order the table is cut.
pg::ObjectId index_of(const record::Cut &cut)
{
    const pg::ObjectId index = pg::relation_id(cut.key->name);
    if (index == 0)
        throw Error(sqlstate::prerequisite_state, "index " + cut.key->name + " is gone",
                    "The rows of " + cut.relation + " were taken in its order.",
                    "Create it again, or begin anew with restart => true.");
    const std::string order = order_of_index(index, cut.table);
    if (order != cut.key->order)
        throw Error(sqlstate::prerequisite_state,
                    "index " + cut.key->name + " has another order now",
                    "The rows of " + cut.relation + " were taken in the order of (" +
                        cut.key->order + "); it is an index of (" + order + ") now.",
                    "Begin anew with restart => true: which rows are done can no longer be told.");
    return index;
}

} // namespace

Worker::Worker(const Assignment &assignment)
    : assignment_(assignment), size_(limits_of(assignment)), throttle_(lag_limits())
{
    in_transaction([&] { record::worker_starts(assignment_.claim); });
    pg::backfill::install_courtesy();
}

void Worker::close()
{
    in_transaction([&] {
        for (const auto &[cut, batches] : batches_)
            batches->close();
    });
}

void Worker::as_statement_role(const std::function<void()> &work) const
{
    if (assignment_.locked_role.empty())
        work();
    else
        pg::as_locked_role(assignment_.locked_role, work);
}

pg::backfill::Batches &Worker::batches_of(const record::Cut &cut)
{
    pg::hold_relation(cut.table);
    require_same_table(cut);
    const std::pair<pg::ObjectId, std::string> name{cut.table, cut.key ? cut.key->name : ""};
    if (const auto found = batches_.find(name); found != batches_.end()) {
        if (found->second->still_fits())
            return *found->second;
        found->second->close();
        batches_.erase(found);
    }
    std::unique_ptr<pg::backfill::Batches> made = make_batches(cut);
    return *(batches_[name] = std::move(made));
}

std::unique_ptr<pg::backfill::Batches> Worker::make_batches(const record::Cut &cut)
{
    pg::backfill::Cutting cutting;
    cutting.table = cut.table;
    if (cut.key) {
        cutting.index = index_of(cut);
        cutting.watch_key = assignment_.watch_key;
    } else {
        const std::vector<KeyChoice> keys = keys_of_table(cut.table);
        cutting.naming = keys.empty() ? 0 : keys.front().index;
    }
    std::unique_ptr<pg::backfill::Batches> batches;
    as_statement_role([&] {
        pg::backfill::check_rights(assignment_.options.statement);
        batches = std::make_unique<pg::backfill::Batches>(
            assignment_.options.statement, cutting, assignment_.options.remaining.value_or(""));
    });
    if (cut.key && !assignment_.options.allow_unsafe) {
        const pg::ObjectId named = pg::relation_id(assignment_.relation);
        key_watch_.watch(cut.table, batches->key_columns());
        if (named != 0) // other parts may be another worker's
            key_watch_.watch(named, batches->key_columns());
    }
    return batches;
}

int Worker::lock_patience() const
{
    const int target = assignment_.options.target > 0 ? assignment_.options.target
                                                      : pg::backfill::settings().batch_time;
    return std::clamp(target / 4, 5, std::max(5, pg::backfill::settings().deadlock_timeout / 4));
}

// Says why, and lets interrupts in; never in a transaction.
void Worker::sleep(int milliseconds, const std::string &reason)
{
    if (reason != reason_)
        in_transaction([&] {
            pg::backfill::commit_lazily();
            record::worker_waits(assignment_.claim, reason);
        });
    reason_ = reason;
    pg::sleep_for(std::max(1, milliseconds));
    in_transaction([] { pg::check_for_interrupts(); });
}

// True if there is something that wants the worker to hold still; a part of that time has passed.
bool Worker::hold_still()
{
    pg::end_without_server();
    const std::int64_t now = clock_.milliseconds();
    in_transaction([&] {
        control_ = record::control(assignment_.claim.run);
        if (now - looked_at_replicas_ < 100)
            return;
        looked_at_replicas_ = now;
        conditions_.replicas.clear();
        for (const pg::Row &row :
             pg::ledger("SELECT name, replayed FROM migrate.replicas() WHERE NOT logical OR name ="
                        " ANY (string_to_array(replace(current_setting('migrate.replicas'), ' ',"
                        " ''), ','))"))
            conditions_.replicas.push_back({*row[0], true, std::stoll(*row[1])});
    });
    if (control_.abandoned || control_.leader != assignment_.claim.leader)
        throw claim_lost(assignment_.claim.run);
    conditions_.now = static_cast<double>(clock_.microseconds()) / 1000;
    conditions_.log_position = pg::backfill::log_position();
    conditions_.paused = control_.paused;
    conditions_.rows_per_second = control_.rows_per_second / std::max(1, control_.workers);
    conditions_.pause_milliseconds = assignment_.options.pause;
    const Hold hold = throttle_.consider(conditions_);
    conditions_.after_batch = false;
    if (hold.milliseconds <= 0)
        return false;
    sleep(static_cast<int>(hold.milliseconds) + 1, hold.reason);
    return true;
}

bool Worker::claim_piece()
{
    in_transaction([&] {
        pg::backfill::commit_lazily();
        piece_ = record::claim(assignment_.claim);
        if (!piece_)
            return;
        const std::int64_t units =
            portion(control_.units_left, size_.size(), std::max(1, control_.workers));
        pg::backfill::Batches &batches = batches_of(*piece_);
        record::Key to;
        as_statement_role([&] { to = batches.advance(piece_->low, piece_->high, units).to; });
        record::keep_part(assignment_.claim, *piece_, to);
        piece_->high = to;
        record::worker_at(assignment_.claim, *piece_, to);
    });
    pg::waitpoint(pg::Waitpoint::backfill_claimed);
    return piece_.has_value();
}

Worker::Step Worker::step()
{
    if (hold_still())
        return Step::worked;
    if (assignment_.claim.worker >= control_.workers && !piece_)
        return Step::let_go;
    if (!piece_ && !claim_piece())
        return come_back() ? Step::worked : Step::nothing;
    run_batch();
    return Step::worked;
}

} // namespace migrate::backfill
