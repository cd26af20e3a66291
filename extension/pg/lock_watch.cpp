// The handlers run at any time, as signals do: they read this process's own entry in shared memory, write
// plain variables, and ask for a cancel just as a SIGINT does.
// SPDX-License-Identifier: PostgreSQL
#include "pg/lock_watch.h"

#include <csignal>

#include "pg/boundary.h"
#include "pg/lock_tag.h"

extern "C" {
#include "storage/latch.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

namespace migrate::pg {

namespace {

// A wait is seen, and ended, at most so late.
constexpr int sample_milliseconds = 2;
constexpr int idle_sample_milliseconds = 10; // where nothing is to be ended
constexpr int yield_milliseconds = 5;

struct Watch
{
    WaitLimits limits;
    TimestampTz wait_began = 0, last_seen = 0; // of the wait that is or was last
    long long waited = 0;                      // in those before it, in microseconds
    LOCKTAG tag;                               // of the wait that was ended
    LOCKMODE mode;
    bool queueing, hold_limited, paused;
};
struct Yielding
{
    TimestampTz old_at; // 0: never
    bool is_on;
};
Yielding yielding{};
// Written by the handlers, and by us while they are off or where it does no harm.
Watch watch{};
volatile sig_atomic_t wait_was_ended = 0, hold_was_ended = 0, user_cancels = 0, cancels_before = 0;
volatile sig_atomic_t wait_yielded = 0, transaction_yielded = 0;

TimeoutId sampler = MAX_TIMEOUTS, queue_end = MAX_TIMEOUTS, hold_end = MAX_TIMEOUTS,
          yielder = MAX_TIMEOUTS;

bool waits_for_object(const LOCKTAG &tag)
{
    return tag.locktag_type == LOCKTAG_RELATION || tag.locktag_type == LOCKTAG_OBJECT ||
           tag.locktag_type == LOCKTAG_VIRTUALTRANSACTION;
}

bool can_be_ended(const LOCKTAG &tag)
{
    return tag.locktag_type != LOCKTAG_RELATION_EXTEND && tag.locktag_type != LOCKTAG_PAGE;
}

void cancel_myself()
{
    InterruptPending = 1;
    QueryCancelPending = 1;
    SetLatch(MyLatch);
}

void end_wait(const LOCK *lock)
{
    // A user's cancel that is on its way goes first.
    if (watch.paused || QueryCancelPending || ProcDiePending || wait_was_ended ||
        !can_be_ended(lock->tag))
        return;
    watch.tag = lock->tag;
    watch.mode = MyProc->waitLockMode;
    cancels_before = user_cancels;
    wait_was_ended = 1;
    cancel_myself();
}

// What this process waits for, or null.  Whoever grants the lock sets the field to null at any moment, so it
// is read once; the lock itself stays as long as we wait for it or have it.
const LOCK *awaited_lock()
{
    if (MyProc == nullptr || MyProc->waitStatus != PROC_WAIT_STATUS_WAITING)
        return nullptr;
    return const_cast<LOCK *const volatile &>(MyProc->waitLock);
}

// Without the lock manager's locks, which a handler may not take: entries of shared memory stay mapped, and
// one that changes while it is read is read again the next time.
bool others_wait_for_us()
{
    const TransactionId ours = MyProc != nullptr ? MyProc->xid : InvalidTransactionId;
    if (!TransactionIdIsValid(ours))
        return false;
    for (uint32 i = 0; i < ProcGlobal->allProcCount; i++) {
        const LOCK *lock = const_cast<LOCK *const volatile &>(ProcGlobal->allProcs[i].waitLock);
        if (lock != nullptr && lock->tag.locktag_type == LOCKTAG_TRANSACTION &&
            lock->tag.locktag_field1 == ours)
            return true;
    }
    return false;
}

extern "C" {
static void sample(void)
{
    const LOCK *lock = awaited_lock();
    if (lock == nullptr)
        return;
    const auto began = static_cast<TimestampTz>(pg_atomic_read_u64(&MyProc->waitStart));
    if (began == 0)
        return;
    const TimestampTz now = GetCurrentTimestamp();
    if (began != watch.wait_began) {
        watch.waited += watch.last_seen - watch.wait_began;
        watch.wait_began = began;
    }
    watch.last_seen = now;
    const int limit = waits_for_object(lock->tag) ? watch.limits.object : watch.limits.row;
    if (limit > 0 && now - began >= static_cast<TimestampTz>(limit) * 1000)
        end_wait(lock);
}

static void queue_time_is_up(void)
{
    if (const LOCK *lock = awaited_lock(); lock != nullptr && watch.queueing)
        end_wait(lock);
}

static void hold_time_is_up(void)
{
    if (!watch.hold_limited || watch.paused || QueryCancelPending || ProcDiePending)
        return;
    cancels_before = user_cancels;
    hold_was_ended = 1;
    cancel_myself();
}

static void look_for_others(void)
{
    if (!yielding.is_on || QueryCancelPending || ProcDiePending || wait_yielded ||
        transaction_yielded || !others_wait_for_us())
        return;
    const bool waits = awaited_lock() != nullptr;
    const bool old = yielding.old_at != 0 && GetCurrentTimestamp() >= yielding.old_at;
    if (!waits && !old)
        return;
    cancels_before = user_cancels;
    (waits ? wait_yielded : transaction_yielded) = 1;
    cancel_myself();
}

static void note_cancel(SIGNAL_ARGS)
{
    user_cancels = user_cancels + 1;
    StatementCancelHandler(postgres_signal_arg);
}
}

// C: for use inside call().
void register_timers()
{
    if (sampler != MAX_TIMEOUTS)
        return;
    sampler = RegisterTimeout(USER_TIMEOUT, sample);
    queue_end = RegisterTimeout(USER_TIMEOUT, queue_time_is_up);
    hold_end = RegisterTimeout(USER_TIMEOUT, hold_time_is_up);
    yielder = RegisterTimeout(USER_TIMEOUT, look_for_others);
}

void stop(TimeoutId timer)
{
    if (timer != MAX_TIMEOUTS)
        call([&] { disable_timeout(timer, false); });
}

// The cancel was ours unless a user's came after it; then that is what counts.
bool was_ours(volatile sig_atomic_t &flag)
{
    if (!flag)
        return false;
    flag = 0;
    if (user_cancels != cancels_before)
        return false;
    QueryCancelPending = 0; // in case the statement ended before it noticed
    return true;
}

} // namespace

void watch_lock_waits(const WaitLimits &limits)
{
    watch.limits = limits;
    const bool ends = limits.object > 0 || limits.row > 0;
    const int period = ends ? sample_milliseconds : idle_sample_milliseconds;
    call([&] {
        register_timers();
        if (!get_timeout_active(sampler))
            enable_timeout_every(
                sampler, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), period), period);
    });
}

void forget_lock_waits()
{
    stop(sampler);
    watch.wait_began = watch.last_seen = 0;
    watch.waited = 0;
}

long long stop_watching_lock_waits()
{
    stop(sampler);
    return watch.waited + (watch.last_seen - watch.wait_began);
}

void let_waits_be() noexcept
{
    watch.limits = {};
    watch.queueing = watch.hold_limited = false;
}

Unwatched::Unwatched() noexcept
{
    watch.paused = true;
}

Unwatched::~Unwatched()
{
    watch.paused = false;
}

void end_waits_in(int milliseconds)
{
    watch.queueing = true;
    call([&] {
        register_timers();
        enable_timeout_after(queue_end, milliseconds);
    });
}

void end_waits_no_more()
{
    watch.queueing = false;
    stop(queue_end);
}

std::optional<WantedLock> ended_wait()
{
    if (!was_ours(wait_was_ended))
        return std::nullopt;
    return wanted_lock(watch.tag, watch.mode);
}

void limit_lock_hold(int milliseconds)
{
    watch.hold_limited = true;
    call([&] {
        register_timers();
        enable_timeout_after(hold_end, milliseconds);
    });
}

void limit_lock_hold_no_more()
{
    watch.hold_limited = false;
    stop(hold_end);
}

bool held_too_long()
{
    return was_ours(hold_was_ended);
}

void yield_to_others(int milliseconds)
{
    const TimestampTz now = GetCurrentTimestamp();
    yielding = {milliseconds > 0 ? TimestampTzPlusMilliseconds(now, milliseconds) : 0, true};
    call([&] {
        register_timers();
        enable_timeout_every(yielder, TimestampTzPlusMilliseconds(now, yield_milliseconds),
                             yield_milliseconds);
    });
}

Yielded yield_no_more()
{
    yielding.is_on = false;
    stop(yielder);
    const bool wait = was_ours(wait_yielded), transaction = was_ours(transaction_yielded);
    return wait ? Yielded::wait : transaction ? Yielded::transaction : Yielded::no;
}

void install_cancel_handler()
{
    pqsignal(SIGINT, note_cancel);
}

} // namespace migrate::pg
