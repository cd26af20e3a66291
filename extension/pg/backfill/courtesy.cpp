// The executor calls a node's ExecProcNodeReal for a row that is wanted and its qual's evalfunc for each row that
// is looked at; both are replaced in the scans of a plan by a function that gives way and goes on with what
// was there.  Both are pointers in the state of one execution and end with it.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/courtesy.h"

#include <sched.h>

#include "pg/compat.h"

extern "C" {
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "portability/instr_time.h"
}

namespace migrate::pg::backfill {

namespace {

constexpr int rows_at_a_time = 16;    // before a look at the clock
constexpr double longest_slice = 200; // microseconds without giving way, while nobody takes it
constexpr int most_scans = 16;        // of one plan; others of it do not give way

struct Scan
{
    PlanState *node;
    ExecProcNodeMtd rows;
    ExprState *qual;
    ExprStateEvalFunc evaluate;
};

ExecutorRun_hook_type next_run;
Scan scans[most_scans];
int scan_count;
bool installed;
const char *ours; // text of the query that is about to run; compared, not read
int rows_left = rows_at_a_time;
double slice, given_microseconds;
instr_time last_time;

extern "C" TupleTableSlot *next_row(PlanState *node)
{
    row_passed();
    for (int i = 0; i < scan_count; i++)
        if (scans[i].node == node)
            return scans[i].rows(node);
    pg_unreachable();
}

// An expression's first evaluation puts the function that it chooses in the place of this one.
extern "C" Datum evaluate_qual(ExprState *state, ExprContext *context, bool *is_null)
{
    row_passed();
    int i = 0;
    while (scans[i].qual != state)
        i++;
    const Datum result = scans[i].evaluate(state, context, is_null);
    if (state->evalfunc != evaluate_qual) {
        scans[i].evaluate = state->evalfunc;
        state->evalfunc = evaluate_qual;
    }
    return result;
}

bool wrap_scans(PlanState *node, void *context)
{
    if (outerPlanState(node) == nullptr && scan_count < most_scans) {
        Scan *scan = &scans[scan_count++];
        *scan = {node, node->ExecProcNodeReal, node->qual, nullptr};
        node->ExecProcNodeReal = next_row;
        if (node->qual != nullptr) {
            scan->evaluate = node->qual->evalfunc;
            node->qual->evalfunc = evaluate_qual;
        }
    }
    return planstate_tree_walker(node, untyped(wrap_scans), context);
}

// 18 has one argument less.
template <typename... Arguments>
void run_with_courtesy(QueryDesc *query, Arguments... arguments)
{
    if (query->sourceText == ours && ours != nullptr) {
        ours = nullptr;
        scan_count = 0; // an earlier query of ours has ended, or failed
        wrap_scans(query->planstate, nullptr);
    }
    if (next_run != nullptr)
        next_run(query, arguments...);
    else
        standard_ExecutorRun(query, arguments...);
}

} // namespace

void install_courtesy()
{
    if (installed)
        return;
    installed = true;
    next_run = ExecutorRun_hook;
    ExecutorRun_hook = run_with_courtesy;
}

void give_way_in(const char *text) noexcept
{
    ours = installed ? text : nullptr;
}

void row_passed() noexcept
{
    if (--rows_left > 0)
        return;
    rows_left = rows_at_a_time;
    instr_time before, after, passed;
    INSTR_TIME_SET_CURRENT(before);
    passed = before;
    INSTR_TIME_SUBTRACT(passed, last_time);
    if (static_cast<double>(INSTR_TIME_GET_MICROSEC(passed)) < slice)
        return;
    sched_yield();
    INSTR_TIME_SET_CURRENT(after);
    last_time = after;
    INSTR_TIME_SUBTRACT(after, before);
    // A call alone is not a share of anybody.
    const auto taken = static_cast<double>(INSTR_TIME_GET_MICROSEC(after));
    if (taken < 5) {
        slice = Min(slice + 1, longest_slice);
    } else {
        slice = 0;
        given_microseconds += taken;
    }
}

double given_away() noexcept
{
    const double milliseconds = given_microseconds / 1000;
    given_microseconds = 0;
    return milliseconds;
}

} // namespace migrate::pg::backfill
