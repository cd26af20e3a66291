// The locks of one transactional step.  What its statements will lock is foretold, and taken just before
// the first of them that stops reads or writes: all of it or nothing, and never by waiting in the queue
// behind somebody slow.  What was not foretold is met by a limit on every wait, and foretold from then on.
//
// A step that is refused a lock is rolled back as a whole, so that it holds nothing while it waits, and
// begun again; see lock_wait.h.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/plan.h"
#include "engine/stopwatch.h"
#include "pg/foretell.h"
#include "pg/relation_locks.h"

namespace migrate {

// Thrown when a lock is not to be had now.  Holds what the step needs beside what it has, and whether others
// had to wait behind it.
struct LockRefused
{
    std::vector<pg::WantedLock> wanted;
    bool queued = false;
};

class StepLocks
{
public:
    explicit StepLocks(const Step &step) : step_(step) {}
    ~StepLocks();
    StepLocks(const StepLocks &) = delete;
    StepLocks &operator=(const StepLocks &) = delete;

    // Nothing is held yet.  From here on the step's waits are limited and counted.
    void begin_attempt();
    // Takes what the statement needs, if it stops others: with what those after it need, up to the next
    // one that takes long.  Throws: LockRefused, or the server's error if its wait was ended.
    void before(std::size_t statement);
    // Takes what earlier attempts met; for work that is not a statement of the step.
    void take_learned();
    // Throws: LockRefused if a wait was ended and the script went on as if nothing had happened.
    void after(std::size_t statement);
    // All statements ran; the waits' limits are off.
    void end_attempt();

    // Throws: LockRefused or hold_error(), if the server was to end the step at the last moment.
    void require_uninterrupted();

    // Why an attempt failed: for want of a lock, which the next attempt takes beforehand; or nothing, and
    // the error is the step's own.
    std::optional<LockRefused> refusal(const Error &error);
    // Whether the step was ended for holding its lock for too long; asked once.
    bool held_too_long();
    // The error of such a step.  REQUIRES: a transaction.
    Error hold_error() const;

    long long waited() const { return waited_; } // in statements, in microseconds
    pg::WantedLock strongest() const { return strongest_; }
    long long held() const; // microseconds since the first strong lock; 0 if there was none

private:
    std::vector<pg::WantedLock> needed_by(std::size_t statement);
    std::vector<pg::WantedLock> needed_from(std::size_t statement);
    void acquire(const std::vector<pg::WantedLock> &locks);
    void queue_for(const pg::WantedLock &lock, const std::vector<pg::WantedLock> &all,
                   const Stopwatch &stops_others);
    void note_held(const pg::WantedLock &lock);
    void learn(const pg::WantedLock &lock);

    const Step &step_;
    LockSettings settings_;
    std::size_t at_ = 0;                                         // the statement that runs
    std::map<std::size_t, std::vector<pg::WantedLock>> learned_; // by the statement that met them
    bool opaque_ = false;                                        // what runs now cannot be foretold
    pg::WantedLock strongest_;
    std::optional<Stopwatch> strong_since_, statement_since_;
    long long waited_ = 0;
};

} // namespace migrate
