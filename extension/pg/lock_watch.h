// Watches this process while it waits for locks: measures the waits, ends those that take too long, and
// notes what was waited for, so that it can be had beforehand at the next try.  PG-free.
//
// It ends a wait as a cancel does, not as lock_timeout does: a script's own EXCEPTION WHEN OTHERS would
// swallow the latter, and the migration would go on without what it waited for.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>

#include "pg/relation_locks.h"

namespace migrate::pg {

// The longest wait, in milliseconds, for a lock on an object of the schema, and for a row, a transaction or
// an advisory lock.  0: no limit.
struct WaitLimits
{
    int object = 0, row = 0;
};

// Begins to count, or goes on with other limits.
void watch_lock_waits(const WaitLimits &limits);
// Counts anew from nothing.
void forget_lock_waits();
// Microseconds waited since; stops watching.
long long stop_watching_lock_waits();

// Ends none any more, whatever timers still run.  Calls nothing of the server's: destructors may use it.
void let_waits_be() noexcept;

// While it lives waits are let be, and then what was is again: for waits of our own.
class Unwatched
{
public:
    Unwatched() noexcept;
    ~Unwatched();
    Unwatched(const Unwatched &) = delete;
    Unwatched &operator=(const Unwatched &) = delete;
};

// A wait in the queue that ends at a moment common to several locks.
void end_waits_in(int milliseconds);
void end_waits_no_more();

// The wait that was ended, if one was since the last call.  What came of it, a cancelled statement, is
// not what a user's cancel is.
std::optional<WantedLock> ended_wait();

// The server cancels what runs so long from now on, while a strong lock is held.
void limit_lock_hold(int milliseconds);
void limit_lock_hold_no_more();
bool held_too_long(); // and so was cancelled; asked once

// A transaction that others must not have to wait for.  From now on a wait of ours is ended as soon as
// somebody waits for us: of two that wait for each other the application's would be the deadlock's victim.
// And once that many milliseconds have passed (0: never) it is ended as soon as somebody waits at all.
void yield_to_others(int milliseconds);
enum class Yielded
{
    no,
    wait,       // we waited, and others for us
    transaction // it was old enough, and others waited
};
// It yields no more.  Whether it did, and so was cancelled.
Yielded yield_no_more();

// In the worker: tells a user's cancel from those made here.
void install_cancel_handler();

} // namespace migrate::pg
