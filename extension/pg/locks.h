// The locks of the one runner, in the space of advisory locks with a class of our own, so that they can
// never meet an application's.  PG-free.
//
// queue   held by a caller from before its worker starts until its call ends.  Callers wait here, without
//         a snapshot and without a worker.
// runner  held by whoever runs migrations; so that a dead caller opens no door while its worker lives.
// registry held while migrations are registered, to the end of that transaction: many instances of an
//         application may upload the same folder at once.
// A run also holds a lock that carries its number, one for the step it is at and one for the migration:
// what is running is read off the lock table, never stored.
// The server releases all of them when the session ends, whatever happens.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <vector>

#include "pg/relation_locks.h"

namespace migrate::pg {

enum class RunnerLock
{
    queue = 1,
    runner = 2,
    registry = 3
};

// How long a lock is kept: to the end of the session, or of the transaction.
enum class Hold
{
    session,
    transaction
};

// True if the lock is ours now.  Never waits.
bool try_lock(RunnerLock lock, Hold hold);

// Waits at most this long; false if somebody else still has it.  REQUIRES: milliseconds > 0.
bool lock_within(RunnerLock lock, Hold hold, int milliseconds);
void unlock(RunnerLock lock, Hold hold);
bool holds(RunnerLock lock);

// The process that holds the lock, or 0.
int holder(RunnerLock lock);

// The locks that say what runs.  Step 0 means before the first.
void announce_run(std::int64_t run, Hold hold);
void announce_step(std::int64_t run, int step, Hold hold);
void announce_migration(std::int64_t run, std::int64_t migration, Hold hold);
// No step runs any more; for a run inside the caller's transaction, which goes on.
void announce_end(Hold hold);
// What a step waits for outside of the queue, for migrate.blocking() to find: an object's relation with the
// mode that is wanted, or a transaction.  Nothing: it waits no more.
void announce_wait(const std::vector<WantedLock> &wanted, Hold hold);
bool is_running(std::int64_t run);
int process_of(std::int64_t run); // 0 if it is not running
// Waits until the run has ended, at most this long; false if it has not.
bool wait_for_run(std::int64_t run, int milliseconds);

// Takes the locks again that a script dropped (DISCARD ALL, pg_advisory_unlock_all()).  False if
// somebody else has the runner lock now: the run must stop.
bool retake(std::int64_t run, int step, std::int64_t migration, Hold hold);

// Releases the session's other advisory locks, one by one.
void release_foreign_advisory_locks();

// Gives back, in the session, what a run holds and says of itself.  The run's own lock goes last: whoever
// waited for the run finds that nothing is running.
void leave(std::int64_t run);

// True if `pid`, or one of its parallel workers, waits for this very process.
bool waits_for_me(int pid);

} // namespace migrate::pg
