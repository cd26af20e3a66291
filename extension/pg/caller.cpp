// SPDX-License-Identifier: PostgreSQL
#include "pg/caller.h"

#include <cstring>

#include "pg/boundary.h"
#include "pg/workspace.h"

extern "C" {
#include "access/transam.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "executor/execdesc.h"
#include "nodes/plannodes.h"
#include "utils/lsyscache.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
}

namespace migrate::pg {

namespace {

bool reads_relations(const PlannedStmt *plan)
{
    ListCell *cell;
    foreach (cell, plan->rtable)
        if (static_cast<const RangeTblEntry *>(lfirst(cell))->rtekind == RTE_RELATION)
            return true;
    return false;
}

Snapshot portal_snapshot()
{
    return ActivePortal != nullptr && ActivePortal->queryDesc != nullptr
               ? ActivePortal->queryDesc->snapshot
               : nullptr;
}

// Takes over the arrays of transaction ids; they live as long as the transaction, as the snapshot does.
void copy_ids(TransactionId *&into, const TransactionId *from, uint32 count)
{
    into = nullptr;
    if (count == 0)
        return;
    into = static_cast<TransactionId *>(
        MemoryContextAlloc(TopTransactionContext, count * sizeof(TransactionId)));
    std::memcpy(into, from, count * sizeof(TransactionId));
}

// Locks on relations that a migration can be about: not the catalogs, not the ledger.
bool has_table_locks()
{
    Workspace workspace;
    const bool found = call([] {
        const Oid ledger = get_namespace_oid("migrate", true);
        const LockData *data = GetLockStatusData();
        for (int i = 0; i < data->nelements; i++) {
            const LOCKTAG &tag = data->locks[i].locktag;
            if (data->locks[i].pid == MyProcPid && tag.locktag_type == LOCKTAG_RELATION &&
                tag.locktag_field2 >= FirstNormalObjectId &&
                get_rel_namespace(tag.locktag_field2) != ledger)
                return true;
        }
        return false;
    });
    workspace.close();
    return found;
}

} // namespace

// The conditions are exact: weaker ones were tried, and sessions read rows that vacuum had removed.
// Two registrations are the query descriptor's and the executor's; one activation is the portal's run.
Standing standing()
{
    return call([] {
        if (ActivePortal != nullptr && (ActivePortal->cursorOptions & CURSOR_OPT_HOLD) != 0 &&
            !IsTransactionBlock())
            return Standing::finishing;
        if (IsInTransactionBlock(true))
            return Standing::block;
        const Snapshot snapshot = portal_snapshot();
        InvalidateCatalogSnapshot();
        if (snapshot == nullptr || !ActiveSnapshotSet() || GetActiveSnapshot() != snapshot ||
            snapshot->regd_count != 2 || snapshot->active_count != 1)
            return Standing::block;
        if (!ThereAreNoPriorRegisteredSnapshots() || XactIsoLevel != XACT_READ_COMMITTED ||
            TransactionIdIsValid(GetTopTransactionIdIfAny()) ||
            reads_relations(ActivePortal->queryDesc->plannedstmt) ||
            (ActivePortal->cursorOptions & CURSOR_OPT_HOLD) != 0)
            return Standing::holding;
        return Standing::free;
    });
}

void let_go_of_snapshot()
{
    if (!TransactionIdIsValid(MyProc->xmin))
        return;
    const bool waited_for_rightly = has_table_locks();
    call([] { InvalidateCatalogSnapshot(); });
    MyProc->xmin = TransactionXmin = InvalidTransactionId;
    if (!waited_for_rightly)
        call([] { compat::renew_virtual_transaction(); });
}

void bring_snapshot_up_to_date()
{
    call([] {
        const Snapshot fresh = GetTransactionSnapshot();
        const Snapshot old = portal_snapshot();
        old->xmin = fresh->xmin;
        old->xmax = fresh->xmax;
        old->xcnt = fresh->xcnt;
        old->subxcnt = fresh->subxcnt;
        old->suboverflowed = fresh->suboverflowed;
        old->takenDuringRecovery = fresh->takenDuringRecovery;
        old->curcid = fresh->curcid;
        old->snapXactCompletionCount = 0;
        copy_ids(old->xip, fresh->xip, fresh->xcnt);
        copy_ids(old->subxip, fresh->subxip, fresh->subxcnt > 0 ? fresh->subxcnt : 0);
    });
}

void disarm_timeouts()
{
    call([] {
        disable_timeout(STATEMENT_TIMEOUT, false);
        compat::disarm_transaction_timeout();
    });
}

bool in_recovery()
{
    return call([] { return RecoveryInProgress(); });
}

bool is_read_only()
{
    return XactReadOnly;
}

} // namespace migrate::pg
