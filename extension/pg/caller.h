// Where a call stands, and how the caller waits without holding anybody up.  PG-free.
//
// A SELECT that waits for a worker whose CREATE INDEX CONCURRENTLY waits for every older snapshot, the
// SELECT's included, waits for ever, and no deadlock detector sees it.  So the caller takes its snapshot
// out of the way before it waits, and brings that same snapshot up to date afterwards: whatever comes
// later in its statement reads through it.
// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace migrate::pg {

enum class Standing
{
    block,     // in a transaction block, a function, DO, a pipeline with open portals
    free,      // a statement of its own whose snapshot can be taken out of the way
    holding,   // a statement of its own that must keep its snapshot
    finishing, // at the end of a transaction already: nothing can run here
};

// Decides from the portal, the transaction and the registered snapshots; changes nothing.
Standing standing();

// Before every sleep, as any catalog lookup sets it again.  Somebody may have seen the snapshot, and wait
// for this transaction to end because of it; so the transaction gets a new virtual id, unless it has locks
// on tables, for which the other may be waiting rightly.  REQUIRES: standing() was free.
void let_go_of_snapshot();

// After the wait.  REQUIRES: standing() was free.
void bring_snapshot_up_to_date();

// The caller's own time limits do not end a run: disarms them for this statement.
void disarm_timeouts();

bool in_recovery();
bool is_read_only(); // the transaction may not write

} // namespace migrate::pg
