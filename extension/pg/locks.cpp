// SPDX-License-Identifier: PostgreSQL
#include "pg/locks.h"

#include <vector>

#include "pg/boundary.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/array.h"
#include "utils/builtins.h"
}

namespace migrate::pg {

namespace {

// The fourth field of an advisory lock's tag; the server's own functions use 1 and 2.
constexpr uint16 runner_class = 19783;
constexpr uint16 step_class = 19784;
constexpr uint16 run_class = 19785;
constexpr uint16 migration_class = 19786;
constexpr uint16 wait_class = 19787;
constexpr uint16 advisory_wait_class =
    wait_class; // and what the application's has as its class: 1, 2

LOCKTAG tag_of(uint32 first, uint32 second, uint16 kind)
{
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, first, second, kind);
    return tag;
}

LOCKTAG tag_of(RunnerLock lock)
{
    return tag_of(static_cast<uint32>(lock), 0, runner_class);
}

bool try_tag(const LOCKTAG &tag, Hold hold)
{
    return call([&] {
        return LockAcquire(&tag, ExclusiveLock, hold == Hold::session, true) !=
               LOCKACQUIRE_NOT_AVAIL;
    });
}

void release_tag(const LOCKTAG &tag, Hold hold)
{
    call([&] { LockRelease(&tag, ExclusiveLock, hold == Hold::session); });
}

bool acquire_within(const LOCKTAG &tag, LOCKMODE mode, Hold hold, int milliseconds)
{
    const std::string limit = std::to_string(milliseconds);
    const char *text = limit.c_str();
    const ResourceOwner asker = CurrentResourceOwner;
    const std::optional<Error> failure = attempt([&] {
        call([&] {
            const int level = NewGUCNestLevel();
            set_config_option("lock_timeout", text, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                              true, 0, false);
            // The lock is the asker's, not the subtransaction's: that is where unlock() looks for it.
            const ResourceOwner inner = CurrentResourceOwner;
            CurrentResourceOwner = asker;
            LockAcquire(&tag, mode, hold == Hold::session, false);
            CurrentResourceOwner = inner;
            AtEOXact_GUC(true, level);
        });
    });
    if (!failure)
        return true;
    if (failure->sqlstate != sqlstate::lock_not_available)
        throw *failure;
    // It may have been granted in the very moment in which the time was up.
    return call([&] { return compat::lock_held_by_me(&tag, mode); });
}

struct Held
{
    LOCKTAG tag;
    LOCKMASK modes;
    int pid;
};

// Granted advisory locks of this database.
std::vector<Held> advisory_locks()
{
    Workspace workspace;
    const LockData *data = call([] { return GetLockStatusData(); });
    std::vector<Held> held;
    for (int i = 0; i < data->nelements; i++) {
        const LockInstanceData &lock = data->locks[i];
        if (lock.locktag.locktag_type == LOCKTAG_ADVISORY && lock.holdMask != 0 &&
            lock.locktag.locktag_field1 == MyDatabaseId)
            held.push_back({lock.locktag, lock.holdMask, lock.pid});
    }
    workspace.close();
    return held;
}

int holder_of(uint32 first, uint16 kind)
{
    for (const Held &lock : advisory_locks())
        if (lock.tag.locktag_field2 == first && lock.tag.locktag_field4 == kind &&
            (lock.modes & LOCKBIT_ON(ExclusiveLock)) != 0)
            return lock.pid;
    return 0;
}

// One of the locks that tell what runs; taking the next one gives the one before back.
struct Announcement
{
    const uint16 kind;
    uint32 run, value;
    bool held;
};
Announcement step_announced{step_class, 0, 0, false};
Announcement migration_announced{migration_class, 0, 0, false};

void give_back(Announcement &announcement, Hold hold)
{
    const LOCKTAG tag = tag_of(announcement.run, announcement.value, announcement.kind);
    if (announcement.held && call([&] { return compat::lock_held_by_me(&tag, ExclusiveLock); }))
        release_tag(tag, hold);
    announcement.held = false;
}

void announce(Announcement &announcement, std::int64_t run, std::int64_t value, Hold hold)
{
    const Announcement next{announcement.kind, static_cast<uint32>(run), static_cast<uint32>(value),
                            true};
    const LOCKTAG after = tag_of(next.run, next.value, next.kind);
    if (call([&] { return compat::lock_held_by_me(&after, ExclusiveLock); }))
        return;
    try_tag(after, hold);
    if (announcement.run != next.run || announcement.value != next.value)
        give_back(announcement, hold);
    announcement.run = next.run;
    announcement.value = next.value;
    announcement.held = true;
}

// So many are shown; it is one that matters.
constexpr int most_waits = 32;
struct Waits
{
    int count;
    LOCKTAG tags[most_waits];
};
Waits waits{};

// The lock that says that this one is waited for; of no type if there is no way to say it.
LOCKTAG announcement_of(const WantedLock &lock)
{
    if (const uint32 transaction = transaction_of(lock); transaction != 0)
        return tag_of(transaction, 0, wait_class);
    if (const Oid relation = relation_of(lock); relation != 0)
        return tag_of(relation, static_cast<uint32>(lock.mode), wait_class);
    if (lock.tag.type == LOCKTAG_ADVISORY)
        return tag_of(lock.tag.field2, lock.tag.field3, advisory_wait_class + lock.tag.field4);
    return {};
}

// This process stands before the other in a queue of the server.
bool blocks(int pid)
{
    Workspace workspace;
    const bool waits = call([&] {
        ArrayType *pids =
            DatumGetArrayTypeP(DirectFunctionCall1(pg_blocking_pids, Int32GetDatum(pid)));
        const int32 *values = reinterpret_cast<const int32 *>(ARR_DATA_PTR(pids));
        const int count = ArrayGetNItems(ARR_NDIM(pids), ARR_DIMS(pids));
        for (int i = 0; i < count; i++)
            if (values[i] == MyProcPid)
                return true;
        return false;
    });
    workspace.close();
    return waits;
}

bool holds_mode(Oid relation, LOCKMODE mode)
{
    LOCKTAG tag;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
    return call([&] { return compat::lock_held_by_me(&tag, mode); });
}

// This process has what an announcement of another's says; see announcement_of().
bool has_announced(const LOCKTAG &said)
{
    if (said.locktag_field4 != wait_class) {
        const LOCKTAG tag = tag_of(said.locktag_field2, said.locktag_field3,
                                   said.locktag_field4 - advisory_wait_class);
        return call([&] {
            return compat::lock_held_by_me(&tag, ExclusiveLock) ||
                   compat::lock_held_by_me(&tag, ShareLock);
        });
    }
    const auto wanted = static_cast<LockMode>(said.locktag_field3);
    if (wanted == LockMode::none)
        return call([&] { return TransactionIdIsCurrentTransactionId(said.locktag_field2); });
    for (int mode = AccessShareLock; mode <= AccessExclusiveLock; mode++)
        if (conflict(wanted, static_cast<LockMode>(mode)) && holds_mode(said.locktag_field2, mode))
            return true;
    return false;
}

bool blocks_outside_of_queue(int pid)
{
    for (const Held &lock : advisory_locks())
        if (lock.pid == pid && lock.tag.locktag_field4 >= wait_class &&
            lock.tag.locktag_field4 <= advisory_wait_class + 2 && has_announced(lock.tag))
            return true;
    return false;
}

} // namespace

bool try_lock(RunnerLock lock, Hold hold)
{
    return try_tag(tag_of(lock), hold);
}

bool lock_within(RunnerLock lock, Hold hold, int milliseconds)
{
    return acquire_within(tag_of(lock), ExclusiveLock, hold, milliseconds);
}

void unlock(RunnerLock lock, Hold hold)
{
    release_tag(tag_of(lock), hold);
}

bool holds(RunnerLock lock)
{
    const LOCKTAG tag = tag_of(lock);
    return call([&] { return compat::lock_held_by_me(&tag, ExclusiveLock); });
}

int holder(RunnerLock lock)
{
    return holder_of(static_cast<uint32>(lock), runner_class);
}

void announce_run(std::int64_t run, Hold hold)
{
    try_tag(tag_of(static_cast<uint32>(run), 0, run_class), hold);
    step_announced.held = migration_announced.held = false; // another run's are gone with it
}

void announce_step(std::int64_t run, int step, Hold hold)
{
    announce(step_announced, run, step, hold);
}

void announce_migration(std::int64_t run, std::int64_t migration, Hold hold)
{
    announce(migration_announced, run, migration, hold);
}

void announce_wait(const std::vector<WantedLock> &wanted, Hold hold)
{
    while (waits.count > 0) {
        const LOCKTAG &tag = waits.tags[--waits.count];
        if (call([&] { return compat::lock_held_by_me(&tag, ExclusiveLock); }))
            release_tag(tag, hold);
    }
    for (const WantedLock &lock : wanted) {
        if (waits.count == most_waits)
            break;
        const LOCKTAG tag = announcement_of(lock);
        if (tag.locktag_type == LOCKTAG_ADVISORY && try_tag(tag, hold))
            waits.tags[waits.count++] = tag;
    }
}

void announce_end(Hold hold)
{
    announce_wait({}, hold);
    give_back(step_announced, hold);
    give_back(migration_announced, hold);
}

bool is_running(std::int64_t run)
{
    return process_of(run) != 0;
}

int process_of(std::int64_t run)
{
    return holder_of(static_cast<uint32>(run), run_class);
}

bool wait_for_run(std::int64_t run, int milliseconds)
{
    const LOCKTAG tag = tag_of(static_cast<uint32>(run), 0, run_class);
    if (!acquire_within(tag, ShareLock, Hold::transaction, milliseconds))
        return false;
    call([&] { LockRelease(&tag, ShareLock, false); });
    return true;
}

bool retake(std::int64_t run, int step, std::int64_t migration, Hold hold)
{
    if (holds(RunnerLock::runner))
        return true;
    if (!try_lock(RunnerLock::runner, hold))
        return false;
    announce_run(run, hold);
    announce_step(run, step, hold);
    announce_migration(run, migration, hold);
    return true;
}

void release_foreign_advisory_locks()
{
    for (const Held &lock : advisory_locks()) {
        if (lock.pid != MyProcPid || lock.tag.locktag_field4 > 2)
            continue;
        call([&] {
            for (LOCKMODE mode = AccessShareLock; mode <= AccessExclusiveLock; mode++)
                while ((lock.modes & LOCKBIT_ON(mode)) != 0 &&
                       compat::lock_held_by_me(&lock.tag, mode) &&
                       LockRelease(&lock.tag, mode, true))
                    ;
        });
    }
}

void leave(std::int64_t run)
{
    announce_wait({}, Hold::session);
    const auto give_back = [](const LOCKTAG &tag) {
        if (call([&] { return compat::lock_held_by_me(&tag, ExclusiveLock); }))
            release_tag(tag, Hold::session);
    };
    for (Announcement *said : {&migration_announced, &step_announced}) {
        give_back(tag_of(said->run, said->value, said->kind));
        said->held = false;
    }
    give_back(tag_of(RunnerLock::runner));
    give_back(tag_of(static_cast<uint32>(run), 0, run_class));
}

bool waits_for_me(int pid)
{
    return blocks(pid) || blocks_outside_of_queue(pid);
}

} // namespace migrate::pg
