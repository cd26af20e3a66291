// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/lock.h"

#include "pg/boundary.h"

extern "C" {
#include "storage/lock.h"
}

namespace migrate::pg::backfill {

namespace {

// As pg/locks.cpp has it for runs.
constexpr uint16 run_class = 19785;

LOCKTAG tag_of(std::int64_t run)
{
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(run), 0, run_class);
    return tag;
}

} // namespace

bool hold_run(std::int64_t run)
{
    const LOCKTAG tag = tag_of(run);
    return call(
        [&] { return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL; });
}

void release_run(std::int64_t run)
{
    const LOCKTAG tag = tag_of(run);
    call([&] {
        if (compat::lock_held_by_me(&tag, ExclusiveLock))
            LockRelease(&tag, ExclusiveLock, true);
    });
}

} // namespace migrate::pg::backfill
