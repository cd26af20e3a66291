// What reading a relation locks beside it: what a view stands for, row security, children and partitions,
// and every index of each, which the planner opens in the mode of the table.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "rewrite/rewriteSupport.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

struct Stored
{
    Scan &scan;
    Oid except; // the view whose own range table entries stand for OLD and NEW
};

bool is_opaque(Oid function, void *)
{
    return function >= FirstNormalObjectId && func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

bool walk(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    Stored &stored = *static_cast<Stored *>(context);
    check_stack_depth();
    if (check_functions_in_node(node, is_opaque, nullptr))
        stored.scan.answer.opaque = true;
    if (IsA(node, Query)) {
        scan_stored(stored.scan, node, stored.except);
        return false;
    }
    if (IsA(node, FuncExpr)) {
        const auto *call = reinterpret_cast<const FuncExpr *>(node);
        if (call->funcid == F_NEXTVAL && IsA(linitial(call->args), Const))
            want(stored.scan.answer,
                 DatumGetObjectId(static_cast<const Const *>(linitial(call->args))->constvalue),
                 stored.scan.depth == Depth::executed ? RowExclusiveLock : AccessShareLock);
    }
    return expression_tree_walker(node, untyped(walk), context);
}

void scan_view(Scan &scan, Oid view, LOCKMODE mode)
{
    Scan inner = scan;
    inner.for_update = mode == RowShareLock;
    scan_stored(inner, reinterpret_cast<Node *>(stored_view(view)), view);
}

} // namespace

Query *stored_view(Oid view)
{
    HeapTuple row =
        SearchSysCache2(RULERELNAME, ObjectIdGetDatum(view), CStringGetDatum(ViewSelectRuleName));
    if (!HeapTupleIsValid(row))
        return nullptr;
    bool null;
    const Datum action = SysCacheGetAttr(RULERELNAME, row, Anum_pg_rewrite_ev_action, &null);
    auto *queries = static_cast<List *>(stringToNode(TextDatumGetCString(action)));
    ReleaseSysCache(row);
    return linitial_node(Query, queries);
}

void scan_policies(Scan &scan, Oid relation)
{
    if (check_enable_rls(relation, InvalidOid, true) != RLS_ENABLED)
        return;
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_policy_polrelid, relation);
    scan_catalog(
        PolicyRelationId, PolicyPolrelidPolnameIndexId, key, 1,
        [&](HeapTuple row, TupleDesc columns) {
            const AttrNumber expressions[] = {Anum_pg_policy_polqual, Anum_pg_policy_polwithcheck};
            for (const AttrNumber column : expressions) {
                bool null;
                const Datum tree = heap_getattr(row, column, columns, &null);
                if (!null)
                    scan_stored(scan, static_cast<Node *>(stringToNode(TextDatumGetCString(tree))),
                                InvalidOid);
            }
        });
}

void scan_relation(Scan &scan, Oid relation, bool inherit, LOCKMODE mode)
{
    const Form_pg_class row = class_of(relation);
    want(scan.answer, relation, mode);
    if (row == nullptr || scan.depth == Depth::analyzed)
        return;
    if (row->relkind == RELKIND_VIEW)
        return scan_view(scan, relation, mode);
    if (row->relrowsecurity)
        scan_policies(scan, relation);
    if (scan.depth < Depth::planned)
        return;
    ListCell *cell;
    foreach (cell, inherit ? with_descendants(relation) : list_make1_oid(relation)) {
        const Oid member = lfirst_oid(cell);
        want(scan.answer, member, mode);
        if (scan.depth == Depth::executed && relation != scan.point)
            goes_over(scan.answer, member);
        if (compat::planner_opens_partitioned_indexes ||
            get_rel_relkind(member) != RELKIND_PARTITIONED_TABLE)
            want_indexes(scan.answer, member, mode);
    }
}

void scan_stored(Scan &scan, Node *tree, Oid except)
{
    Stored stored{scan, except};
    if (tree == nullptr)
        return;
    if (!IsA(tree, Query)) {
        walk(tree, &stored);
        return;
    }
    auto *query = reinterpret_cast<Query *>(tree);
    ListCell *cell;
    foreach (cell, query->rtable) {
        const auto *entry = static_cast<const RangeTblEntry *>(lfirst(cell));
        // Where a view stood before the query was rewritten.
        if (entry->rtekind == RTE_SUBQUERY)
            want(scan.answer, entry->relid, AccessShareLock);
        if (entry->rtekind != RTE_RELATION || entry->relid == except)
            continue;
        const LOCKMODE mode = scan.for_update && entry->rellockmode == AccessShareLock
                                  ? RowShareLock
                                  : entry->rellockmode;
        scan_relation(scan, entry->relid, entry->inh, mode);
    }
    query_tree_walker(query, untyped(walk), &stored, 0);
}

void scan_function(Foretelling &answer, Oid function)
{
    if (is_opaque(function, nullptr))
        answer.opaque = true;
}

namespace {

// Functions of the server that lock a relation given by name or oid, and keep the lock.
struct Toucher
{
    const char *name;
    LOCKMODE mode;
};
constexpr Toucher touchers[] = {
    {"nextval", RowExclusiveLock},
    {"currval", RowExclusiveLock},
    {"setval", RowExclusiveLock},
};

// Functions of the server that run a query given as text, or read a relation whose name they make.
constexpr const char *query_runners[] = {
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "table_to_xml",
    "table_to_xmlschema",
    "table_to_xml_and_xmlschema",
    "schema_to_xml",
    "schema_to_xmlschema",
    "schema_to_xml_and_xmlschema",
    "database_to_xml",
    "database_to_xmlschema",
    "database_to_xml_and_xmlschema",
    "cursor_to_xml",
    "ts_stat",
    "ts_rewrite",
    "lastval",
};

const char *literal(Node *node)
{
    while (node != nullptr && IsA(node, TypeCast))
        node = reinterpret_cast<TypeCast *>(node)->arg;
    if (node == nullptr || !IsA(node, A_Const))
        return nullptr;
    auto *constant = reinterpret_cast<A_Const *>(node);
    return !constant->isnull && IsA(&constant->val, String) ? strVal(&constant->val) : nullptr;
}

// What only names a sequence, as a default does, depends on it.
void touch(Scan &scan, const FuncCall *call, LOCKMODE mode)
{
    const char *name = call->args ? literal(static_cast<Node *>(linitial(call->args))) : nullptr;
    if (name != nullptr)
        want(scan.answer, relation_of(compat::qualified_name(name)),
             scan.depth == Depth::executed ? mode : AccessShareLock);
    else
        scan.answer.opaque = true;
}

} // namespace

FuncCandidateList candidates_named(List *name)
{
    return FuncnameGetCandidates(name, -1, NIL, false, false, false, true);
}

bool is_function(List *name)
{
    return candidates_named(name) != nullptr;
}

void scan_function(Scan &scan, const FuncCall *call)
{
    const char *name = strVal(llast(call->funcname));
    FuncCandidateList candidate = candidates_named(call->funcname);
    for (; candidate != nullptr; candidate = candidate->next) {
        if (scan.depth == Depth::executed)
            scan_function(scan.answer, candidate->oid);
        if (candidate->oid >= FirstNormalObjectId)
            continue;
        for (const Toucher &toucher : touchers)
            if (strcmp(name, toucher.name) == 0)
                return touch(scan, call, toucher.mode);
        for (const char *runner : query_runners)
            if (strcmp(name, runner) == 0)
                scan.answer.opaque = true;
    }
}

} // namespace migrate::pg
