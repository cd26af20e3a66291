// Places where a test can hold a run still.  In a build for tests a waitpoint takes a shared advisory
// lock that a test may hold exclusively; in any other build it is nothing.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once

// Every waitpoint there is; the crash test has a row for each of them.
#define MIGRATE_WAITPOINTS(point)                                                                   \
    point(run_recorded)              /* the run is in the ledger, nothing ran */                    \
        point(plan_recorded)         /* a migration of several steps: its plan is in the ledger */  \
        point(transaction_begun)     /* inside a transactional step, before its first statement */  \
        point(lock_tried)            /* about to try a lock that the step needs */                  \
        point(lock_queued)           /* about to queue for it, among short transactions only */     \
        point(lock_refused)          /* rolled back for want of a lock, holding nothing */          \
        point(transaction_ran)       /* all its statements ran, the ledger is not written */        \
        point(transaction_recorded)  /* the ledger is written, nothing is committed */              \
        point(transaction_committed) /* committed, not reported */                                  \
        point(alone_noted) /* a step without a transaction is noted as started, and not begun */    \
        point(alone_ran)   /* it ran, and is not recorded as done */                                \
        point(alone_recorded)       /* recorded as done */                                          \
        point(leaf_built)           /* one leaf of a partitioned index is built, not attached */    \
        point(leftover_dropped)     /* an INVALID leftover is dropped, its index not rebuilt */     \
        point(failure_seen)         /* a step failed, the ledger does not know */                   \
        point(run_ended)            /* the outcome is recorded, the caller does not know */         \
        point(backfill_begun)       /* a backfill and its pieces are in the ledger, nothing ran */  \
        point(backfill_claimed)     /* a worker has a piece, no batch of it ran */                  \
        point(backfill_batch_begun) /* inside a batch, before anything */                           \
        point(backfill_batch_ran)   /* its statement ran, its piece is as before */                 \
        point(backfill_batch_recorded)  /* the piece is written, nothing is committed */            \
        point(backfill_batch_committed) /* committed */                                             \
        point(backfill_batches_done)    /* nothing is left of the pieces, nothing is proven */      \
        point(                                                                                      \
            backfill_leaf_looked_at) /* one table is scanned for what is left, others may follow */ \
        point(backfill_left_counted) /* the scan for what is left is over */

namespace migrate::pg {

enum class Waitpoint
{
#define MIGRATE_POINT(name) name,
    MIGRATE_WAITPOINTS(MIGRATE_POINT)
#undef MIGRATE_POINT
};

#ifdef MIGRATE_TESTING
void waitpoint(Waitpoint point);
#else
inline void waitpoint(Waitpoint) {}
#endif

} // namespace migrate::pg
