// Raw parse trees of queries: which relations they name, in which mode.  Names of WITH clauses and aliases
// in FOR UPDATE OF are no relations.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "nodes/bitmapset.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

bool walk(Node *node, void *context);

void walk_child(Scan &scan, void *node)
{
    walk(static_cast<Node *>(node), &scan);
}

// Also for UPDATE through FOR UPDATE.  Rights on some column are enough for the server to begin.
bool has_any_right(Oid relation, AclMode right)
{
    return pg_class_aclcheck(relation, GetUserId(), right) == ACLCHECK_OK ||
           pg_attribute_aclcheck_all(relation, GetUserId(), right, ACLMASK_ANY) == ACLCHECK_OK;
}

void demand(Scan &scan, Oid relation, AclMode right)
{
    if (scan.depth >= Depth::planned && OidIsValid(relation) && !has_any_right(relation, right))
        scan.answer.refused = true;
}

bool is_common_name(const Scan &scan, const RangeVar *name)
{
    ListCell *cell;
    if (name->schemaname != nullptr)
        return false;
    foreach (cell, scan.common_names)
        if (strcmp(strVal(lfirst(cell)), name->relname) == 0)
            return true;
    return false;
}

void walk_relation(Scan &scan, const RangeVar *name)
{
    if (is_common_name(scan, name))
        return;
    const Oid relation = relation_of(name);
    demand(scan, relation, ACL_SELECT);
    if (OidIsValid(relation))
        scan_relation(scan, relation, name->inh, scan.for_update ? RowShareLock : AccessShareLock);
}

// FOR UPDATE without OF locks everything in FROM, with OF what has one of the names.
bool is_locked(List *clauses, const char *name)
{
    ListCell *cell, *inner;
    foreach (cell, clauses) {
        const auto *clause = static_cast<const LockingClause *>(lfirst(cell));
        if (clause->lockedRels == NIL)
            return true;
        foreach (inner, clause->lockedRels)
            if (name && strcmp(static_cast<const RangeVar *>(lfirst(inner))->relname, name) == 0)
                return true;
    }
    return false;
}

void walk_from(Scan &scan, List *clauses, Node *item)
{
    Scan inner = scan;
    if (item == nullptr)
        return;
    if (IsA(item, JoinExpr)) {
        const auto *join = reinterpret_cast<const JoinExpr *>(item);
        walk_from(scan, clauses, join->larg);
        walk_from(scan, clauses, join->rarg);
        walk(join->quals, &scan);
        return;
    }
    if (IsA(item, RangeTableSample)) {
        const auto *sample = reinterpret_cast<const RangeTableSample *>(item);
        walk_from(scan, clauses, sample->relation);
        walk_child(scan, sample->args);
        walk(sample->repeatable, &scan);
        return;
    }
    if (IsA(item, RangeVar)) {
        const auto *name = reinterpret_cast<const RangeVar *>(item);
        inner.for_update |=
            is_locked(clauses, name->alias ? name->alias->aliasname : name->relname);
    } else if (IsA(item, RangeSubselect)) {
        const Alias *alias = reinterpret_cast<const RangeSubselect *>(item)->alias;
        inner.for_update |= is_locked(clauses, alias ? alias->aliasname : nullptr);
    }
    walk(item, &inner);
}

// Each body sees the names before it, with RECURSIVE all of them; the statement sees all.
void walk_with(Scan &scan, const WithClause *with)
{
    if (with == nullptr)
        return;
    List *names = list_copy(scan.common_names);
    ListCell *cell;
    if (with->recursive)
        foreach (cell, with->ctes)
            names =
                lappend(names, makeString(static_cast<CommonTableExpr *>(lfirst(cell))->ctename));
    foreach (cell, with->ctes) {
        auto *common = static_cast<CommonTableExpr *>(lfirst(cell));
        Scan body = scan;
        body.common_names = list_copy(names);
        body.for_update = false;
        walk(common->ctequery, &body);
        if (!with->recursive)
            names = lappend(names, makeString(common->ctename));
    }
    scan.common_names = names;
}

void walk_select(Scan scan, const SelectStmt *statement)
{
    ListCell *cell;
    walk_with(scan, statement->withClause);
    const bool subqueries_locked = scan.for_update;
    const Oid outer_point = scan.point;
    if (list_length(statement->fromClause) == 1 && IsA(linitial(statement->fromClause), RangeVar)) {
        const auto *name = linitial_node(RangeVar, statement->fromClause);
        const Oid only = is_common_name(scan, name) ? InvalidOid : relation_of(name);
        if (OidIsValid(only) && finds_by_key(only, statement->whereClause))
            scan.point = only;
    }
    foreach (cell, statement->fromClause)
        walk_from(scan, statement->lockingClause, static_cast<Node *>(lfirst(cell)));
    if (statement->op != SETOP_NONE) {
        walk_child(scan, statement->larg);
        walk_child(scan, statement->rarg);
    }
    scan.for_update = subqueries_locked && statement->op != SETOP_NONE;
    scan.point = outer_point;
    void *const rest[] = {statement->distinctClause, statement->targetList,
                          statement->whereClause,    statement->groupClause,
                          statement->havingClause,   statement->windowClause,
                          statement->valuesLists,    statement->sortClause,
                          statement->limitOffset,    statement->limitCount};
    for (void *part : rest)
        walk_child(scan, part);
}

AttrNumber column_number(Oid relation, const char *name)
{
    return name ? get_attnum(relation, name) : InvalidAttrNumber;
}

// Given by a value, not by DEFAULT.
Bitmapset *inserted_columns(Oid relation, List *names, List *values, int width)
{
    Bitmapset *columns = nullptr;
    const int count = names ? list_length(names) : width;
    int found = 0;
    for (AttrNumber number = 1; !names && found < count; number++) {
        const char *name = get_attname(relation, number, true);
        if (name == nullptr)
            break;
        const auto *value =
            found < list_length(values) ? static_cast<Node *>(list_nth(values, found)) : nullptr;
        if (strncmp(name, "........pg.dropped.", 19) == 0)
            continue;
        found++;
        if (value == nullptr || !IsA(value, SetToDefault))
            columns = bms_add_member(columns, number);
    }
    for (int i = 0; i < list_length(names); i++) {
        const auto *target = static_cast<const ResTarget *>(list_nth(names, i));
        const AttrNumber number = column_number(relation, target->name);
        const auto *value =
            i < list_length(values) ? static_cast<Node *>(list_nth(values, i)) : nullptr;
        if (number > 0 && (value == nullptr || !IsA(value, SetToDefault)))
            columns = bms_add_member(columns, number);
    }
    return columns;
}

// How many columns the source gives; a star may give all.
int width_of(const SelectStmt *source)
{
    ListCell *cell;
    if (source->valuesLists != NIL)
        return list_length(static_cast<List *>(linitial(source->valuesLists)));
    if (source->op != SETOP_NONE)
        return width_of(source->larg);
    foreach (cell, source->targetList) {
        const Node *value = static_cast<const ResTarget *>(lfirst(cell))->val;
        if (IsA(value, ColumnRef) &&
            IsA(llast(reinterpret_cast<const ColumnRef *>(value)->fields), A_Star))
            return MaxHeapAttributeNumber;
    }
    return list_length(source->targetList);
}

Bitmapset *set_columns(Oid relation, List *targets)
{
    Bitmapset *columns = nullptr;
    ListCell *cell;
    foreach (cell, targets) {
        const AttrNumber number =
            column_number(relation, static_cast<const ResTarget *>(lfirst(cell))->name);
        if (number > 0)
            columns = bms_add_member(columns, number);
    }
    return columns;
}

// ON CONFLICT with a target, for which the planner looks through the indexes.
bool infers(const InsertStmt *statement)
{
    return statement->onConflictClause != nullptr && statement->onConflictClause->infer != nullptr;
}

void walk_insert(Scan scan, InsertStmt *statement)
{
    walk_with(scan, statement->withClause);
    scan.for_update = false;
    const Oid relation = relation_of(statement->relation);
    auto *source = reinterpret_cast<SelectStmt *>(statement->selectStmt);
    walk_child(scan, source);
    walk_child(scan, compat::returning_list(statement));
    if (!OidIsValid(relation))
        return;
    demand(scan, relation, ACL_INSERT);
    Change change{CMD_INSERT, relation, false, false, nullptr, infers(statement)};
    if (source != nullptr) {
        // One DEFAULT in any row of several makes the column defaulted.
        List *rows = source->valuesLists;
        change.columns =
            inserted_columns(relation, statement->cols,
                             rows ? static_cast<List *>(linitial(rows)) : NIL, width_of(source));
        for (int i = 1; i < list_length(rows); i++)
            change.columns = bms_intersect(change.columns,
                                           inserted_columns(relation, statement->cols,
                                                            static_cast<List *>(list_nth(rows, i)),
                                                            width_of(source)));
    }
    change_relation(scan, change);
    if (const OnConflictClause *conflict = statement->onConflictClause) {
        walk_child(scan, conflict->infer);
        walk_child(scan, conflict->targetList);
        walk_child(scan, conflict->whereClause);
        if (conflict->action == ONCONFLICT_UPDATE) {
            demand(scan, relation, ACL_UPDATE);
            change_relation(scan, {CMD_UPDATE, relation, false, false,
                                   set_columns(relation, conflict->targetList), true});
        }
    }
}

void walk_update(Scan scan, UpdateStmt *statement)
{
    walk_with(scan, statement->withClause);
    scan.for_update = false;
    walk_child(scan, statement->targetList);
    walk_child(scan, statement->fromClause);
    walk_child(scan, statement->whereClause);
    walk_child(scan, compat::returning_list(statement));
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation))
        return;
    demand(scan, relation, ACL_UPDATE);
    if (finds_by_key(relation, statement->whereClause))
        scan.point = relation;
    change_relation(scan, {CMD_UPDATE, relation, statement->relation->inh, false,
                           set_columns(relation, statement->targetList), false});
}

void walk_delete(Scan scan, DeleteStmt *statement)
{
    walk_with(scan, statement->withClause);
    scan.for_update = false;
    walk_child(scan, statement->usingClause);
    walk_child(scan, statement->whereClause);
    walk_child(scan, compat::returning_list(statement));
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation))
        return;
    demand(scan, relation, ACL_DELETE);
    if (finds_by_key(relation, statement->whereClause))
        scan.point = relation;
    change_relation(scan, {CMD_DELETE, relation, statement->relation->inh, false, nullptr, false});
}

void walk_merge(Scan scan, MergeStmt *statement)
{
    ListCell *cell;
    walk_with(scan, statement->withClause);
    scan.for_update = false;
    walk(statement->sourceRelation, &scan);
    walk(statement->joinCondition, &scan);
    walk_child(scan, compat::returning_list(statement));
    const Oid relation = relation_of(statement->relation);
    foreach (cell, statement->mergeWhenClauses) {
        auto *clause = static_cast<MergeWhenClause *>(lfirst(cell));
        walk_child(scan, clause->condition);
        walk_child(scan, clause->targetList);
        walk_child(scan, clause->values);
        if (!OidIsValid(relation) || clause->commandType == CMD_NOTHING)
            continue;
        demand(scan, relation,
               clause->commandType == CMD_INSERT   ? ACL_INSERT
               : clause->commandType == CMD_UPDATE ? ACL_UPDATE
                                                   : ACL_DELETE);
        Change change{
            clause->commandType, relation, statement->relation->inh, false, nullptr, false};
        if (clause->commandType == CMD_INSERT)
            change.columns = inserted_columns(relation, clause->targetList, clause->values,
                                              list_length(clause->values));
        else
            change.columns = set_columns(relation, clause->targetList);
        change_relation(scan, change);
    }
    if (OidIsValid(relation))
        change_relation(scan,
                        {CMD_MERGE, relation, statement->relation->inh, false, nullptr, false});
}

bool walk(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    Scan &scan = *static_cast<Scan *>(context);
    check_stack_depth();
    switch (nodeTag(node)) {
    case T_RangeVar:
        walk_relation(scan, reinterpret_cast<RangeVar *>(node));
        return false;
    case T_SelectStmt:
        walk_select(scan, reinterpret_cast<SelectStmt *>(node));
        return false;
    case T_InsertStmt:
        walk_insert(scan, reinterpret_cast<InsertStmt *>(node));
        return false;
    case T_UpdateStmt:
        walk_update(scan, reinterpret_cast<UpdateStmt *>(node));
        return false;
    case T_DeleteStmt:
        walk_delete(scan, reinterpret_cast<DeleteStmt *>(node));
        return false;
    case T_MergeStmt:
        walk_merge(scan, reinterpret_cast<MergeStmt *>(node));
        return false;
    case T_SubLink: {
        Scan inner = scan;
        inner.for_update = false;
        return raw_expression_tree_walker(node, untyped(walk), &inner);
    }
    case T_FuncCall:
        scan_function(scan, reinterpret_cast<FuncCall *>(node));
        break;
    default:
        break;
    }
    return raw_expression_tree_walker(node, untyped(walk), context);
}

} // namespace

void scan_query(Scan &scan, Node *statement)
{
    walk(statement, &scan);
}

void scan_expression(Scan &scan, Node *expression)
{
    walk(expression, &scan);
}

void depend_on_tree(Foretelling &answer, Node *tree)
{
    Scan scan{answer, Depth::analyzed, NIL, false};
    walk(tree, &scan);
}

void foretell_query(Foretelling &answer, Node *statement)
{
    Scan scan{answer, Depth::executed, NIL, false};
    scan_query(scan, statement);
}

} // namespace migrate::pg
