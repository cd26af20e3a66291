// SPDX-License-Identifier: PostgreSQL
#include "pg/relation_locks.h"

#include <algorithm>

#include "pg/boundary.h"
#include "pg/lock_tag.h"
#include "pg/query.h"
#include "pg/workspace.h"

extern "C" {
#include "access/relation.h"
#include "access/transam.h"
#include "catalog/catalog.h"
#include "storage/lmgr.h"
#include "storage/sinval.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace migrate::pg {

namespace {

// After a lock on anything: what others did to it before is seen from now on.
LockAcquireResult acquire(const LOCKTAG &tag, LOCKMODE mode, bool at_once)
{
    return call([&] {
        if (tag.locktag_type == LOCKTAG_RELATION && tag.locktag_field1 == MyDatabaseId) {
            if (!at_once)
                LockRelationOid(tag.locktag_field2, mode);
            else if (!ConditionalLockRelationOid(tag.locktag_field2, mode))
                return LOCKACQUIRE_NOT_AVAIL;
            return LOCKACQUIRE_OK;
        }
        const LockAcquireResult result = LockAcquire(&tag, mode, false, at_once);
        if (result != LOCKACQUIRE_NOT_AVAIL)
            AcceptInvalidationMessages();
        return result;
    });
}

// Made in this very transaction: nobody else can want it.
bool is_new(Oid relation)
{
    return call([&] {
        Relation open = try_relation_open(relation, NoLock);
        if (open == nullptr)
            return false; // dropped in it
        const bool made_here = open->rd_createSubid != InvalidSubTransactionId;
        relation_close(open, NoLock);
        return made_here;
    });
}

} // namespace

WantedLock relation_lock(ObjectId relation, LockMode mode)
{
    LOCKTAG tag;
    const Oid database =
        call([&] { return IsSharedRelation(relation) ? InvalidOid : MyDatabaseId; });
    SET_LOCKTAG_RELATION(tag, database, relation);
    return wanted_lock(tag, static_cast<LOCKMODE>(mode));
}

ObjectId relation_of(const WantedLock &lock)
{
    return lock.tag.type == LOCKTAG_RELATION ? lock.tag.field2 : 0;
}

std::uint32_t transaction_of(const WantedLock &lock)
{
    return lock.tag.type == LOCKTAG_TRANSACTION ? lock.tag.field1 : 0;
}

bool is_on_object(const WantedLock &lock)
{
    return lock.tag.type == LOCKTAG_RELATION || lock.tag.type == LOCKTAG_OBJECT;
}

std::string describe(const WantedLock &lock)
{
    if (const ObjectId relation = relation_of(lock); relation != 0) {
        const std::vector<Row> rows =
            query("SELECT $1::oid::regclass::text", {std::to_string(relation)});
        return "relation " + rows[0][0].value_or(std::to_string(relation));
    }
    switch (lock.tag.type) {
    case LOCKTAG_TRANSACTION:
    case LOCKTAG_TUPLE:
        return "a lock on a row";
    case LOCKTAG_VIRTUALTRANSACTION:
        return "a transaction";
    case LOCKTAG_ADVISORY:
        return "an advisory lock";
    default:
        return "an object of the schema";
    }
}

bool is_held(const WantedLock &lock)
{
    const LOCKTAG tag = server_tag(lock.tag);
    return call([&] {
        for (LOCKMODE mode = static_cast<LOCKMODE>(lock.mode); mode <= AccessExclusiveLock; mode++)
            if (compat::lock_held_by_me(&tag, mode))
                return true;
        return false;
    });
}

bool take_at_once(const WantedLock &lock)
{
    return acquire(server_tag(lock.tag), static_cast<LOCKMODE>(lock.mode), true) !=
           LOCKACQUIRE_NOT_AVAIL;
}

void take_in_queue(const WantedLock &lock)
{
    acquire(server_tag(lock.tag), static_cast<LOCKMODE>(lock.mode), false);
}

WantedLock strongest_held()
{
    Workspace workspace;
    const LockData *data = call([] { return GetLockStatusData(); });
    WantedLock strongest;
    for (int i = 0; i < data->nelements; i++) {
        const LockInstanceData &lock = data->locks[i];
        if (lock.pid != MyProcPid || lock.locktag.locktag_type != LOCKTAG_RELATION ||
            lock.locktag.locktag_field1 != MyDatabaseId ||
            lock.locktag.locktag_field2 < FirstNormalObjectId)
            continue;
        int mode = AccessExclusiveLock;
        while (mode > 0 && (lock.holdMask & LOCKBIT_ON(mode)) == 0)
            mode--;
        if (static_cast<LockMode>(mode) > strongest.mode && !is_new(lock.locktag.locktag_field2))
            strongest = wanted_lock(lock.locktag, mode);
    }
    workspace.close();
    return strongest;
}

std::uint64_t catalog_changes()
{
    return SharedInvalidMessageCounter;
}

void signal_session(int pid, Measure action)
{
    query(action == Measure::terminate ? "SELECT pg_terminate_backend($1::integer)"
                                       : "SELECT pg_cancel_backend($1::integer)",
          {std::to_string(pid)});
}

} // namespace migrate::pg
