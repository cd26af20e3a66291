// The server calls back when it rolls back, and again when it has let go of the transaction's own locks: by
// then every advisory lock that is still there is the session's.  The callbacks are C and touch memory and
// the lock table only.
// SPDX-License-Identifier: PostgreSQL
#include "pg/abort_cleanup.h"

#include "pg/boundary.h"

extern "C" {
#include "commands/prepare.h"
#include "storage/lock.h"
#include "utils/resowner.h"
}

namespace migrate::pg {

namespace {

// A session holds few advisory locks; those beyond this many at the start are left alone at the end.
constexpr int most = 256;
struct Lock
{
    LOCKTAG tag;
    LOCKMASK modes;
};
struct Watch
{
    int level = 0;           // nesting of the transaction that is watched; 0: none
    bool rolls_back = false; // it has begun to, its locks are still there
    int locks = 0, names = 0;
    Lock lock[most];
    char name[most][NAMEDATALEN];
};
Watch watches[2]; // by CleanupOf

bool is_sessions_own(const LockInstanceData &lock)
{
    return lock.pid == MyProcPid && lock.locktag.locktag_type == LOCKTAG_ADVISORY &&
           lock.locktag.locktag_field4 <= 2 && lock.holdMask != 0;
}

bool was_held(const Watch &watch, const LOCKTAG &tag, LOCKMODE mode)
{
    for (int i = 0; i < watch.locks; i++)
        if (memcmp(&watch.lock[i].tag, &tag, sizeof(tag)) == 0 &&
            (watch.lock[i].modes & LOCKBIT_ON(mode)) != 0)
            return true;
    return false;
}

void release_new_locks(const Watch &watch)
{
    const LockData *data = GetLockStatusData();
    for (int i = 0; i < data->nelements; i++) {
        const LockInstanceData &lock = data->locks[i];
        if (!is_sessions_own(lock))
            continue;
        for (LOCKMODE mode = AccessShareLock; mode <= AccessExclusiveLock; mode++)
            while ((lock.holdMask & LOCKBIT_ON(mode)) != 0 &&
                   !was_held(watch, lock.locktag, mode) &&
                   compat::lock_held_by_me(&lock.locktag, mode) &&
                   LockRelease(&lock.locktag, mode, true))
                ;
    }
}

void clean_up(Watch &watch)
{
    watch.level = 0;
    for (int i = 0; i < watch.names; i++)
        if (FetchPreparedStatement(watch.name[i], false) != nullptr)
            DropPreparedStatement(watch.name[i], false);
    watch.rolls_back = watch.locks < most;
}

extern "C" {
static void transaction_ends(XactEvent event, void *)
{
    for (Watch &watch : watches)
        if (watch.level != 0 && event == XACT_EVENT_ABORT)
            clean_up(watch);
        else if (event == XACT_EVENT_COMMIT)
            watch.level = 0;
}

static void subtransaction_ends(SubXactEvent event, SubTransactionId, SubTransactionId, void *)
{
    for (Watch &watch : watches)
        if (event == SUBXACT_EVENT_ABORT_SUB && watch.level > 1 &&
            GetCurrentTransactionNestLevel() <= watch.level)
            clean_up(watch);
}

// Follows the one or the other at once, for the transaction that is rolled back.
static void locks_are_released(ResourceReleasePhase phase, bool, bool, void *)
{
    if (phase != RESOURCE_RELEASE_AFTER_LOCKS)
        return;
    for (Watch &watch : watches)
        if (watch.rolls_back) {
            watch.rolls_back = false;
            release_new_locks(watch);
        }
}
}

} // namespace

void begin_abort_cleanup(CleanupOf what)
{
    Watch &watch = watches[static_cast<int>(what)];
    static bool registered = false;
    call([&] {
        if (!registered) {
            RegisterXactCallback(transaction_ends, nullptr);
            RegisterSubXactCallback(subtransaction_ends, nullptr);
            RegisterResourceReleaseCallback(locks_are_released, nullptr);
        }
        registered = true;
        watch.locks = watch.names = 0;
        const LockData *data = GetLockStatusData();
        for (int i = 0; i < data->nelements && watch.locks < most; i++)
            if (is_sessions_own(data->locks[i]))
                watch.lock[watch.locks++] = {data->locks[i].locktag, data->locks[i].holdMask};
        watch.level = GetCurrentTransactionNestLevel();
    });
}

void end_abort_cleanup(CleanupOf what)
{
    watches[static_cast<int>(what)].level = 0;
}

void note_prepared(const std::string &name)
{
    const char *text = name.c_str();
    const bool exists = call([&] { return FetchPreparedStatement(text, false) != nullptr; });
    for (Watch &watch : watches)
        if (watch.level != 0 && !exists && watch.names < most)
            strlcpy(watch.name[watch.names++], text, NAMEDATALEN);
}

} // namespace migrate::pg
