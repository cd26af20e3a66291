// SPDX-License-Identifier: PostgreSQL
#include "pg/free_locks.h"

#include <algorithm>

#include "pg/boundary.h"

extern "C" {
#include "storage/lmgr.h"
#include "utils/guc.h"
}

namespace migrate::pg {

namespace {

bool is_free(const RelationLock &lock)
{
    const auto mode =
        static_cast<LOCKMODE>(std::min(static_cast<int>(lock.mode), RowExclusiveLock));
    return call([&] { return ConditionalLockRelationOid(lock.relation, mode); });
}

} // namespace

std::optional<Error> attempt_with_free_locks(const Foretold &foretold, const Body &f)
{
    bool done = false;
    const std::optional<Error> error = attempt([&] {
        call([] {
            set_config_option("lock_timeout", "1", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
                              true, 0, false);
        });
        if (std::all_of(foretold.locks.begin(), foretold.locks.end(), is_free)) {
            f();
            done = true;
        }
        throw Error(sqlstate::lock_not_available, "looked at"); // with this the locks end
    });
    return done ? std::nullopt : error;
}

} // namespace migrate::pg
