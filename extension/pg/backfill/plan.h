// One kept plan of a backfill.  For pg/ only; C, inside call().
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/compat.h"

extern "C" {
#include "utils/plancache.h"
#include "utils/tuplestore.h"
}

namespace migrate::pg::backfill {

struct KeptPlan
{
    CachedPlanSource *source;
    Oid table, index; // index 0: the table is read by blocks
    bool whole_table; // read in any way the planner likes
};

// Analyses the tree, with parameters of these types, and keeps it to the end of the session or drop_plan().
KeptPlan keep_plan(RawStmt *tree, const char *text, const Oid *types, int count);
void drop_plan(KeptPlan *plan);

// Plans it if need be, as for the given way of reading the table, and runs it.  Rows go to `rows` unless
// that is null.  Returns the rows processed.
uint64 run_plan(const KeptPlan &plan, const Datum *values, const Oid *types, int count,
                Tuplestorestate *rows);

// An error may leave planning in the middle: forgets it.  To be called where call() has returned or thrown.
void planning_is_over() noexcept;

// Plans it and lets the executor check rights; runs nothing.
void check_plan(const KeptPlan &plan, const Oid *types, int count);

TupleDesc result_of(const KeptPlan &plan);

// The planner's hook: while one of our plans is made its table has only the index that the range is on.
void install_planner_hook();

} // namespace migrate::pg::backfill
