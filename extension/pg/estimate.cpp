// The planner evaluates stable and immutable functions of constants, so a statement that has other ones than the
// server's own is not planned: whoever asks for a plan must not run them.
// SPDX-License-Identifier: PostgreSQL
#include "pg/estimate.h"

#include <algorithm>

#include "pg/foretelling.h"
#include "pg/string_rules.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "parser/parser.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

// A volatile function is never evaluated, but one in SQL may be put in line.  Some of the server's own that make
// XML read whole tables and views.
bool may_run(Oid function, void *)
{
    HeapTuple row = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(row))
        return true;
    const auto *found = reinterpret_cast<Form_pg_proc>(GETSTRUCT(row));
    const bool runs =
        function >= FirstNormalObjectId
            ? found->provolatile != PROVOLATILE_VOLATILE || found->prolang == SQLlanguageId
            : found->prorettype == XMLOID;
    ReleaseSysCache(row);
    return runs;
}

bool runs_functions(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (IsA(node, Query))
        return compat::walk_query(reinterpret_cast<Query *>(node), runs_functions, context, 0);
    return check_functions_in_node(node, may_run, context) ||
           compat::walk_expression(node, runs_functions, context);
}

bool is_free(const RelationLock &lock)
{
    const auto mode =
        static_cast<LOCKMODE>(std::min(static_cast<int>(lock.mode), RowExclusiveLock));
    return ConditionalLockRelationOid(lock.relation, mode);
}

// Null for a statement that writes no rows.
Query *query_of(RawStmt *tree, const char *text)
{
    ListCell *cell;
    foreach (cell, pg_analyze_and_rewrite_fixedparams(tree, text, nullptr, 0, nullptr)) {
        auto *query = lfirst_node(Query, cell);
        if (query->commandType == CMD_UTILITY && IsA(query->utilityStmt, CreateTableAsStmt))
            query =
                castNode(Query, reinterpret_cast<CreateTableAsStmt *>(query->utilityStmt)->query);
        if (query->commandType != CMD_UTILITY && query->canSetTag)
            return query;
    }
    return nullptr;
}

// -1: not known.
double rows_of_plan(RawStmt *tree, const char *text)
{
    const int level = NewGUCNestLevel();
    set_config_option("lock_timeout", "1", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                      false);
    PushActiveSnapshot(GetTransactionSnapshot());
    double rows = -1;
    Query *query = query_of(tree, text);
    if (query != nullptr && !runs_functions(reinterpret_cast<Node *>(query), nullptr)) {
        const PlannedStmt *planned = pg_plan_query(query, text, CURSOR_OPT_PARALLEL_OK, nullptr);
        const Plan *top = planned->planTree;
        if (IsA(top, ModifyTable))
            top = outerPlan(top);
        rows = top->plan_rows;
    }
    PopActiveSnapshot();
    AtEOXact_GUC(true, level);
    return rows;
}

bool writes_rows(const Node *statement)
{
    switch (nodeTag(statement)) {
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
        return true;
    case T_CreateTableAsStmt:
        return !reinterpret_cast<const CreateTableAsStmt *>(statement)->into->skipData;
    case T_SelectStmt:
        return reinterpret_cast<const SelectStmt *>(statement)->intoClause != nullptr;
    default:
        return false;
    }
}

} // namespace

std::optional<double> estimated_rows(const std::string &statement, const Foretold &foretold)
{
    double rows = -1;
    Workspace workspace;
    const StringRules quiet;
    const char *text = statement.c_str();
    List *trees = NIL;
    if (!foretold.refused && !attempt_parsing([&] {
            trees = call([&] { return raw_parser(text, RAW_PARSE_DEFAULT); });
        }) &&
        list_length(trees) == 1 && writes_rows(linitial_node(RawStmt, trees)->stmt))
        attempt([&] {
            const bool free = std::all_of(
                foretold.locks.begin(), foretold.locks.end(),
                [](const RelationLock &lock) { return call([&] { return is_free(lock); }); });
            if (free)
                rows = call([&] { return rows_of_plan(linitial_node(RawStmt, trees), text); });
            throw Error(sqlstate::lock_not_available, "planned"); // with this the locks end
        });
    workspace.close();
    return rows < 0 ? std::nullopt : std::optional<double>(rows);
}

} // namespace migrate::pg
