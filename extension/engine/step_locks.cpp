// SPDX-License-Identifier: PostgreSQL
#include "engine/step_locks.h"

#include <algorithm>

#include "core/text.h"
#include "pg/lock_watch.h"
#include "pg/settings.h"
#include "pg/waitpoint.h"

namespace migrate {

namespace {

bool by_tag(const pg::WantedLock &one, const pg::WantedLock &other)
{
    return one.tag < other.tag;
}

// One order for all, the strongest mode of each.
void add(std::vector<pg::WantedLock> &locks, const pg::WantedLock &lock)
{
    const auto at = std::lower_bound(locks.begin(), locks.end(), lock, by_tag);
    if (at == locks.end() || at->tag != lock.tag)
        locks.insert(at, lock);
    else
        at->mode = std::max(at->mode, lock.mode);
}

bool any_strong(const std::vector<pg::WantedLock> &locks)
{
    return std::any_of(locks.begin(), locks.end(),
                       [](const pg::WantedLock &lock) { return is_strong(lock.mode); });
}

void forget_held(std::vector<pg::WantedLock> &locks)
{
    std::erase_if(locks, [](const pg::WantedLock &lock) { return pg::is_held(lock); });
}

} // namespace

StepLocks::~StepLocks()
{
    pg::let_waits_be();
}

void StepLocks::begin_attempt()
{
    settings_ = pg::lock_settings();
    strongest_ = {};
    strong_since_.reset();
    pg::forget_lock_waits();
    pg::watch_lock_waits({settings_.queue_milliseconds(), settings_.row_wait_milliseconds()});
}

std::vector<pg::WantedLock> StepLocks::needed_by(std::size_t statement)
{
    const pg::Foretold foretold = pg::foretell(step_.statements[statement].statement.text);
    std::vector<pg::WantedLock> locks;
    if (statement == at_)
        opaque_ = foretold.opaque;
    if (!foretold.refused)
        for (const pg::RelationLock &lock : foretold.locks)
            add(locks, pg::relation_lock(lock.relation, lock.mode));
    if (const auto learned = learned_.find(statement); learned != learned_.end())
        for (const pg::WantedLock &lock : learned->second)
            add(locks, lock);
    return locks;
}

// Names in later statements mean what they mean now: what an earlier one makes or renames is looked at again
// when its turn comes.
std::vector<pg::WantedLock> StepLocks::needed_from(std::size_t statement)
{
    std::vector<pg::WantedLock> locks = needed_by(statement);
    if (!any_strong(locks))
        return locks;
    for (std::size_t next = statement + 1; next < step_.statements.size(); next++) {
        const Statement &later = step_.statements[next].statement;
        if (pg::foretell(later.text).bytes > pg::small_table_bytes())
            break; // what comes after it would be held for as long as it takes
        for (const pg::WantedLock &lock : needed_by(next))
            add(locks, lock);
    }
    return locks;
}

void StepLocks::before(std::size_t statement)
{
    at_ = statement;
    statement_since_.emplace();
    const std::uint64_t changes = pg::catalog_changes();
    std::vector<pg::WantedLock> locks = needed_from(statement);
    forget_held(locks);
    if (locks.empty())
        return;
    acquire(locks);
    if (pg::catalog_changes() == changes)
        return;
    // Somebody changed the catalogs before we had the locks: the names may mean something else now, and what
    // is held be of no use.
    std::vector<pg::WantedLock> again = needed_from(statement);
    forget_held(again);
    if (!again.empty())
        throw LockRefused{again};
}

void StepLocks::take_learned()
{
    std::vector<pg::WantedLock> locks;
    for (const auto &[statement, learned] : learned_)
        for (const pg::WantedLock &lock : learned)
            add(locks, lock);
    forget_held(locks);
    acquire(locks);
}

void StepLocks::acquire(const std::vector<pg::WantedLock> &locks)
{
    std::optional<Stopwatch> stops_others; // since it holds or queues for the first
    for (const pg::WantedLock &lock : locks) {
        pg::waitpoint(pg::Waitpoint::lock_tried);
        const bool taken = pg::take_at_once(lock);
        if (!stops_others)
            stops_others.emplace();
        if (!taken)
            queue_for(lock, locks, *stops_others);
        note_held(lock);
    }
}

// Everybody who comes now waits behind us, and whoever wants what we hold already: so all of it together
// takes no longer than the limit, and nothing is begun that a slow holder will not let end.
void StepLocks::queue_for(const pg::WantedLock &lock, const std::vector<pg::WantedLock> &all,
                          const Stopwatch &stops_others)
{
    for (const pg::WantedLock &each : all) {
        if (pg::is_held(each))
            continue;
        const Approach found = approach(pg::holders_of(each), settings_);
        if (found == Approach::stand_by || (found == Approach::come_back && each == lock))
            throw LockRefused{all};
    }
    const int left = settings_.queue_milliseconds() - stops_others.milliseconds();
    if (left <= 0)
        throw LockRefused{all, true};
    pg::waitpoint(pg::Waitpoint::lock_queued);
    pg::end_waits_in(left);
    pg::take_in_queue(lock);
    pg::end_waits_no_more();
}

void StepLocks::note_held(const pg::WantedLock &lock)
{
    if (!is_strong(lock.mode) || lock.mode <= strongest_.mode)
        return;
    strongest_ = lock;
    if (strong_since_)
        return;
    strong_since_.emplace();
    // A wait for a row is a wait of everybody who wants the relation now.
    pg::watch_lock_waits({settings_.queue_milliseconds(), settings_.queue_milliseconds()});
    if (settings_.max_hold > 0)
        pg::limit_lock_hold(settings_.max_hold);
}

void StepLocks::after(std::size_t statement)
{
    require_uninterrupted();
    if (!opaque_ || strong_since_)
        return;
    // A function may have locked anything, and at any time since it began.
    const pg::WantedLock strongest = pg::strongest_held();
    if (!is_strong(strongest.mode))
        return;
    const Stopwatch since = *statement_since_;
    at_ = statement;
    note_held(strongest);
    strong_since_.emplace(since);
}

void StepLocks::require_uninterrupted()
{
    if (const std::optional<pg::WantedLock> ended = pg::ended_wait()) {
        learn(*ended);
        throw LockRefused{{*ended}, true};
    }
    if (held_too_long())
        throw hold_error();
}

void StepLocks::end_attempt()
{
    waited_ += pg::stop_watching_lock_waits();
    pg::let_waits_be();
}

void StepLocks::learn(const pg::WantedLock &lock)
{
    if (!pg::is_on_object(lock))
        return;
    std::vector<pg::WantedLock> &known = learned_[at_];
    if (std::find(known.begin(), known.end(), lock) == known.end())
        known.push_back(lock);
}

std::optional<LockRefused> StepLocks::refusal(const Error &error)
{
    const std::optional<pg::WantedLock> ended = pg::ended_wait();
    end_attempt();
    if (ended) {
        learn(*ended);
        return LockRefused{{*ended}, true};
    }
    if (error.sqlstate == sqlstate::deadlock_detected)
        return LockRefused{};
    return std::nullopt;
}

bool StepLocks::held_too_long()
{
    return pg::held_too_long();
}

Error StepLocks::hold_error() const
{
    return Error(sqlstate::lock_held_too_long,
                 "the step held a lock that stops others for longer than migrate.max_lock_hold",
                 "It held " + std::string(name_of(strongest_.mode)) + " on " +
                     pg::describe(strongest_) + " for " + format_duration(held()) +
                     " and was cancelled; nothing of it is left.",
                 "Make the step shorter, or raise migrate.max_lock_hold for this migration.");
}

long long StepLocks::held() const
{
    return strong_since_ ? strong_since_->microseconds() : 0;
}

} // namespace migrate
