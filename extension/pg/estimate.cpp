// The planner evaluates stable and immutable functions of constants, so a statement that has other ones than the
// server's own is not planned: whoever asks for a plan must not run them.
// SPDX-License-Identifier: PostgreSQL
#include "pg/estimate.h"

#include "pg/foretell_query.h"
#include "pg/foretelling.h"
#include "pg/free_locks.h"
#include "pg/role_lock.h"
#include "pg/string_rules.h"
#include "pg/workspace.h"

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_language.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "parser/parser.h"
#include "parser/parsetree.h"
#include "tcop/tcopprot.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

// Those of users do not: estimating how many rows an operator lets pass calls it with what ANALYZE has seen.  What a
// superuser has put in from a library is as good as the server's own.
bool is_of_library(Oid function)
{
    HeapTuple row = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(row))
        return false;
    const auto *found = reinterpret_cast<Form_pg_proc>(GETSTRUCT(row));
    const bool good = found->prolang == ClanguageId && superuser_arg(found->proowner);
    ReleaseSysCache(row);
    return good;
}

// Some of the server's own that make XML read whole tables and views.
bool may_run(Oid function, void *)
{
    return function >= FirstNormalObjectId ? !is_of_library(function)
                                           : get_func_rettype(function) == XMLOID;
}

// Any function of the server can be put behind an operator, with an estimate that calls it.
bool is_of_user(Oid operation)
{
    if (operation < FirstNormalObjectId)
        return false;
    HeapTuple row = SearchSysCache1(OPEROID, ObjectIdGetDatum(operation));
    if (!HeapTupleIsValid(row))
        return true;
    const bool good = superuser_arg(reinterpret_cast<Form_pg_operator>(GETSTRUCT(row))->oprowner);
    ReleaseSysCache(row);
    return !good;
}

bool has_operator_of_user(Node *node)
{
    switch (nodeTag(node)) {
    case T_OpExpr:
    case T_DistinctExpr:
    case T_NullIfExpr: // the same structure
        return is_of_user(reinterpret_cast<OpExpr *>(node)->opno);
    case T_ScalarArrayOpExpr:
        return is_of_user(reinterpret_cast<ScalarArrayOpExpr *>(node)->opno);
    default:
        return false;
    }
}

bool runs_functions(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (IsA(node, Query))
        return compat::walk_query(reinterpret_cast<Query *>(node), runs_functions, context, 0);
    return has_operator_of_user(node) || check_functions_in_node(node, may_run, context) ||
           compat::walk_expression(node, runs_functions, context);
}

// Null for a statement that is no query.  Parameters, of a prepared statement, have the types that they need.
Query *query_of(RawStmt *tree, const char *text)
{
    ListCell *cell;
    Oid *types = nullptr;
    int count = 0;
    foreach (cell, pg_analyze_and_rewrite_varparams(tree, text, &types, &count, nullptr)) {
        auto *query = lfirst_node(Query, cell);
        if (query->commandType == CMD_UTILITY && IsA(query->utilityStmt, CreateTableAsStmt))
            query =
                castNode(Query, reinterpret_cast<CreateTableAsStmt *>(query->utilityStmt)->query);
        if (query->commandType != CMD_UTILITY && query->canSetTag)
            return query;
    }
    return nullptr;
}

migrate::ActionKind kind_of(CmdType operation)
{
    switch (operation) {
    case CMD_INSERT:
        return ActionKind::insert;
    case CMD_UPDATE:
        return ActionKind::update;
    case CMD_DELETE:
        return ActionKind::delete_rows;
    default:
        return ActionKind::merge;
    }
}

void note_changes_of_with(const PlannedStmt *planned, PlannedQuery &result)
{
    ListCell *cell;
    foreach (cell, planned->subplans) {
        auto *part = static_cast<Plan *>(lfirst(cell));
        if (part == nullptr || !IsA(part, ModifyTable) ||
            result.changes_count >= static_cast<int>(lengthof(result.changes)))
            continue;
        const auto *change = reinterpret_cast<const ModifyTable *>(part);
        const Oid relation = rt_fetch(change->nominalRelation, planned->rtable)->relid;
        result.changes[result.changes_count++] = {kind_of(change->operation), relation,
                                                  outerPlan(part)->plan_rows};
    }
}

void plan(RawStmt *tree, const char *text, std::optional<PlannedQuery> &result)
{
    PushActiveSnapshot(GetTransactionSnapshot());
    Query *query = query_of(tree, text);
    if (query != nullptr && !runs_functions(reinterpret_cast<Node *>(query), nullptr)) {
        const PlannedStmt *planned = pg_plan_query(query, text, CURSOR_OPT_PARALLEL_OK, nullptr);
        const Plan *top = planned->planTree;
        if (IsA(top, ModifyTable))
            top = outerPlan(top);
        // What WITH holds is in the cost of the whole.
        result = PlannedQuery{top->plan_rows, planned->planTree->total_cost, {}, 0};
        note_changes_of_with(planned, *result);
    }
    PopActiveSnapshot();
}

// What a partial index takes in, as a query: SELECT FROM table WHERE ...
RawStmt *entries_of(const IndexStmt *index)
{
    SelectStmt *select = makeNode(SelectStmt);
    select->fromClause = list_make1(index->relation);
    select->whereClause = index->whereClause;
    RawStmt *tree = makeNode(RawStmt);
    tree->stmt = reinterpret_cast<Node *>(select);
    return tree;
}

// Null for a statement that has nothing to plan.
RawStmt *planned_part(RawStmt *tree)
{
    switch (nodeTag(tree->stmt)) {
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_SelectStmt:
        return tree;
    case T_ExplainStmt: {
        const auto *explain = reinterpret_cast<const ExplainStmt *>(tree->stmt);
        RawStmt *explained = makeNode(RawStmt);
        explained->stmt = explain->query;
        return explain_executes(explain) ? planned_part(explained) : nullptr;
    }
    case T_CreateTableAsStmt:
        return reinterpret_cast<const CreateTableAsStmt *>(tree->stmt)->into->skipData ? nullptr
                                                                                       : tree;
    case T_IndexStmt: {
        const auto *index = reinterpret_cast<const IndexStmt *>(tree->stmt);
        return index->whereClause ? entries_of(index) : nullptr;
    }
    default:
        return nullptr;
    }
}

} // namespace

std::optional<PlannedQuery> planned_query(const std::string &statement, const Foretold &foretold)
{
    const RoleLock lock;
    std::optional<PlannedQuery> result;
    Workspace workspace;
    const StringRules quiet;
    const char *text = statement.c_str();
    List *trees = NIL;
    RawStmt *tree = nullptr;
    if (!foretold.refused && !attempt_parsing([&] {
            trees = call([&] { return raw_parser(text, RAW_PARSE_DEFAULT); });
        }) &&
        list_length(trees) == 1)
        tree = call([&] { return planned_part(linitial_node(RawStmt, trees)); });
    if (tree != nullptr)
        attempt_with_free_locks(foretold, [&] { call([&] { plan(tree, text, result); }); });
    workspace.close();
    return result;
}

} // namespace migrate::pg
