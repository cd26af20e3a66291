// SPDX-License-Identifier: PostgreSQL
#include "pg/caller.h"

#include <cstring>

#include "pg/boundary.h"

extern "C" {
#include "access/transam.h"
#include "access/xlog.h"
#include "executor/execdesc.h"
#include "nodes/plannodes.h"
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
    call([] { InvalidateCatalogSnapshot(); });
    MyProc->xmin = TransactionXmin = InvalidTransactionId;
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
