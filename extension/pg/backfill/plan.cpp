// The planner must read the table along the range, whatever statistics say or don't: another index, or the
// whole table, would make each batch cost as much as all of them.  So it is shown just the index of the
// range (for blocks: none), and no sequential scan while another way exists.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/plan.h"

#include "pg/backfill/courtesy.h"
#include "pg/boundary.h"

extern "C" {
#include "executor/tstoreReceiver.h"
#include "nodes/params.h"
#include "optimizer/plancat.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
}

namespace migrate::pg::backfill {

namespace {

get_relation_info_hook_type next_hook = nullptr;
KeptPlan being_planned{};
bool planning = false;

extern "C" {
static void show_only_our_index(PlannerInfo *root, Oid relation, bool inherited, RelOptInfo *info)
{
    if (next_hook != nullptr)
        next_hook(root, relation, inherited, info);
    if (!planning || being_planned.whole_table || being_planned.table != relation)
        return;
    List *kept = NIL;
    ListCell *cell;
    foreach (cell, info->indexlist) {
        auto *index = lfirst_node(IndexOptInfo, cell);
        if (index->indexoid == being_planned.index)
            kept = lappend(kept, index);
    }
    info->indexlist = kept;
}
}

int enter_planning(const KeptPlan &plan)
{
    const int level = NewGUCNestLevel();
    const auto set = [](const char *name, const char *value) {
        set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    };
    set("jit", "off"); // a batch is too short for it
    if (plan.whole_table)
        return level;
    set("enable_seqscan", "off");
    set("enable_bitmapscan", "off");
    // By blocks no index is shown; off for all, so that tables joined to have the choice they always have.
    set("enable_indexscan", OidIsValid(plan.index) ? "on" : "off");
    set("enable_tidscan", "on");
    return level;
}

// Settings do not matter for a plan that is there; an error leaves the level by itself.
CachedPlan *ready_plan(const KeptPlan &plan, ParamListInfo parameters)
{
    const int level = enter_planning(plan);
    being_planned = plan;
    planning = true;
    CachedPlan *ready = GetCachedPlan(plan.source, parameters, nullptr, nullptr);
    planning = false;
    AtEOXact_GUC(true, level);
    return ready;
}

ParamListInfo parameters_of(const Datum *values, const Oid *types, int count)
{
    if (count == 0)
        return nullptr;
    ParamListInfo list = makeParamList(count);
    for (int i = 0; i < count; i++) {
        list->params[i].value = values != nullptr ? values[i] : Datum(0);
        list->params[i].isnull = values == nullptr;
        list->params[i].pflags = PARAM_FLAG_CONST;
        list->params[i].ptype = types[i];
    }
    return list;
}

} // namespace

void install_planner_hook()
{
    next_hook = get_relation_info_hook;
    get_relation_info_hook = show_only_our_index;
}

KeptPlan keep_plan(RawStmt *tree, const char *text, const Oid *types, int count)
{
    const bool snapshot = !ActiveSnapshotSet();
    if (snapshot)
        PushActiveSnapshot(GetTransactionSnapshot());
    CachedPlanSource *source = CreateCachedPlan(tree, text, CreateCommandTag(tree->stmt));
    auto *analysed = static_cast<RawStmt *>(copyObjectImpl(tree));
    List *queries = pg_analyze_and_rewrite_fixedparams(analysed, text, types, count, nullptr);
    auto *kept_types = static_cast<Oid *>(
        MemoryContextAlloc(source->context, sizeof(Oid) * static_cast<Size>(Max(count, 1))));
    for (int i = 0; i < count; i++)
        kept_types[i] = types[i];
    CompleteCachedPlan(source, queries, nullptr, kept_types, count, nullptr, nullptr,
                       CURSOR_OPT_GENERIC_PLAN | CURSOR_OPT_PARALLEL_OK, false);
    SaveCachedPlan(source);
    if (snapshot)
        PopActiveSnapshot();
    return {source, InvalidOid, InvalidOid, false};
}

void drop_plan(KeptPlan *plan)
{
    if (plan->source != nullptr)
        DropCachedPlan(plan->source);
    plan->source = nullptr;
}

uint64 run_plan(const KeptPlan &plan, const Datum *values, const Oid *types, int count,
                Tuplestorestate *rows)
{
    Portal portal = CreateNewPortal();
    portal->visible = false;
    MemoryContext outer = MemoryContextSwitchTo(portal->portalContext);
    ParamListInfo parameters = parameters_of(values, types, count);
    MemoryContextSwitchTo(outer);
    PushActiveSnapshot(GetTransactionSnapshot()); // for planning
    CachedPlan *ready = ready_plan(plan, parameters);
    PopActiveSnapshot();
    PortalDefineQuery(portal, nullptr, plan.source->query_string, plan.source->commandTag,
                      ready->stmt_list, ready);
    PortalStart(portal, parameters, 0, InvalidSnapshot);
    DestReceiver *receiver = None_Receiver;
    if (rows != nullptr) {
        receiver = CreateDestReceiver(DestTuplestore);
        SetTuplestoreDestReceiverParams(receiver, rows, CurrentMemoryContext, false, nullptr,
                                        nullptr);
    }
    QueryCompletion completion;
    InitializeQueryCompletion(&completion);
    give_way_in(plan.source->query_string);
    compat::portal_run(portal, false, receiver, &completion);
    const uint64 processed = completion.nprocessed;
    PortalDrop(portal, false);
    if (rows != nullptr)
        receiver->rDestroy(receiver);
    CommandCounterIncrement();
    return processed;
}

void planning_is_over() noexcept
{
    planning = false;
}

void check_plan(const KeptPlan &plan, const Oid *types, int count)
{
    PushActiveSnapshot(GetTransactionSnapshot());
    ParamListInfo parameters = parameters_of(nullptr, types, count);
    CachedPlan *ready = ready_plan(plan, parameters);
    auto *statement = linitial_node(PlannedStmt, ready->stmt_list);
    QueryDesc *query = CreateQueryDesc(statement, plan.source->query_string, GetActiveSnapshot(),
                                       InvalidSnapshot, None_Receiver, parameters, nullptr, 0);
    ExecutorStart(query, EXEC_FLAG_EXPLAIN_ONLY);
    ExecutorEnd(query);
    FreeQueryDesc(query);
    ReleaseCachedPlan(ready, nullptr);
    PopActiveSnapshot();
}

TupleDesc result_of(const KeptPlan &plan)
{
    return plan.source->resultDesc;
}

} // namespace migrate::pg::backfill
