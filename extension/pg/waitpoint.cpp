// SPDX-License-Identifier: PostgreSQL
#include "pg/waitpoint.h"

#ifdef MIGRATE_TESTING

#include "pg/boundary.h"
#include "pg/lock_watch.h"

extern "C" {
#include "storage/lock.h"
#include "utils/builtins.h"
}

namespace migrate::pg {

// A test holds pg_advisory_lock(77, n), n being the point's place in the list, to stop whoever arrives.
void waitpoint(Waitpoint point)
{
    const Unwatched unwatched;
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 77, static_cast<uint32>(point), 2);
    call([&] {
        LockAcquire(&tag, ShareLock, true, false);
        LockRelease(&tag, ShareLock, true);
    });
}

} // namespace migrate::pg

extern "C" {
// migrate.waitpoints(): the list, for the test that every point has a row.
PG_FUNCTION_INFO_V1(migrate_waitpoints);
Datum migrate_waitpoints(PG_FUNCTION_ARGS)
{
    (void)fcinfo;
    return migrate::pg::entry([] {
        return migrate::pg::call([] {
#define MIGRATE_POINT(name) " " #name
            return CStringGetTextDatum(&(MIGRATE_WAITPOINTS(MIGRATE_POINT))[1]);
#undef MIGRATE_POINT
        });
    });
}
}

#endif
