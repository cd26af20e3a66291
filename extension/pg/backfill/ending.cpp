// A proof, or nothing: the new values are put into the WHERE clause in place of the columns, and if one of its
// conditions becomes constant, and not true, the row does not match any more.  Only conditions on the target's
// own columns count, as other tables may answer differently the next time.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/ending.h"

#include <cstring>

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg::backfill {

namespace {

struct Proof
{
    const Query *query;
    Relation target;
    Bitmapset *not_null; // columns that the WHERE clause says are not null
};

const TargetEntry *assigned_to(const Query *query, AttrNumber column)
{
    const TargetEntry *found = nullptr;
    ListCell *cell;
    foreach (cell, query->targetList) {
        const auto *entry = lfirst_node(TargetEntry, cell);
        if (entry->resno != column)
            continue;
        if (found != nullptr)
            return nullptr; // parts of the column: what it becomes is not said
        found = entry;
    }
    return found;
}

bool is_assigned(const Query *query, AttrNumber column)
{
    ListCell *cell;
    foreach (cell, query->targetList)
        if (lfirst_node(TargetEntry, cell)->resno == column)
            return true;
    return false;
}

bool is_of_target(const Node *node, const Query *query)
{
    return IsA(node, Var) && reinterpret_cast<const Var *>(node)->varno == query->resultRelation &&
           reinterpret_cast<const Var *>(node)->varlevelsup == 0;
}

extern "C" {
static bool reads_assigned(Node *node, void *argument)
{
    const auto *query = static_cast<const Query *>(argument);
    if (node == nullptr)
        return false;
    if (is_of_target(node, query))
        return is_assigned(query, reinterpret_cast<Var *>(node)->varattno) ||
               reinterpret_cast<Var *>(node)->varattno == 0;
    return compat::walk_expression(node, reads_assigned, argument);
}

static bool reads_other_tables(Node *node, void *argument)
{
    const auto *query = static_cast<const Query *>(argument);
    if (node == nullptr)
        return false;
    if (IsA(node, Var))
        return !is_of_target(node, query);
    if (IsA(node, SubLink) || IsA(node, Param))
        return true;
    return compat::walk_expression(node, reads_other_tables, argument);
}
}

// Functions of the server that give null for null only.
bool never_makes_null(Oid function)
{
    static const char *const names[] = {"now",
                                        "transaction_timestamp",
                                        "statement_timestamp",
                                        "clock_timestamp",
                                        "random",
                                        "concat",
                                        "gen_random_uuid",
                                        "uuidv4",
                                        "uuidv7",
                                        "nextval",
                                        "lower",
                                        "upper",
                                        "initcap",
                                        "btrim",
                                        "ltrim",
                                        "rtrim",
                                        "length",
                                        "md5",
                                        "reverse",
                                        "replace",
                                        "textcat",
                                        "varchar",
                                        "bpchar",
                                        "int4",
                                        "int8",
                                        "int2",
                                        "numeric",
                                        "float8",
                                        "text",
                                        "date",
                                        "timestamptz",
                                        "timestamp",
                                        "int4pl",
                                        "int4mi",
                                        "int4mul",
                                        "int4div",
                                        "int8pl",
                                        "int8mi",
                                        "int8mul",
                                        "int8div",
                                        "int48pl",
                                        "int84pl",
                                        "numeric_add",
                                        "numeric_sub",
                                        "numeric_mul",
                                        "numeric_div",
                                        "float8pl",
                                        "float8mi",
                                        "float8mul",
                                        "float8div",
                                        "round",
                                        "abs"};
    if (function >= FirstUnpinnedObjectId)
        return false;
    Oid *types = nullptr;
    int count = 0;
    get_func_signature(function, &types, &count);
    for (int i = 0; i < count; i++)
        if (types[i] == JSONBOID)
            return false; // its own null becomes one (18)
    const char *name = get_func_name(function);
    for (const char *known : names)
        if (name != nullptr && std::strcmp(name, known) == 0)
            return true;
    return false;
}

bool is_not_null(Node *node, const Proof &proof);

bool all_not_null(List *nodes, const Proof &proof)
{
    ListCell *cell;
    foreach (cell, nodes)
        if (!is_not_null(static_cast<Node *>(lfirst(cell)), proof))
            return false;
    return true;
}

// Of an expression over the old row.
bool is_not_null(Node *node, const Proof &proof)
{
    switch (nodeTag(node)) {
    case T_Const:
        return !reinterpret_cast<Const *>(node)->constisnull;
    case T_Var: {
        const auto *var = reinterpret_cast<Var *>(node);
        if (!is_of_target(node, proof.query) || var->varattno <= 0)
            return false;
        return compat::never_null(RelationGetDescr(proof.target), var->varattno) ||
               bms_is_member(var->varattno, proof.not_null);
    }
    case T_RelabelType:
        return is_not_null(reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(node)->arg),
                           proof);
    case T_CoerceViaIO:
        return is_not_null(reinterpret_cast<Node *>(reinterpret_cast<CoerceViaIO *>(node)->arg),
                           proof);
    case T_CoalesceExpr: {
        ListCell *cell;
        foreach (cell, reinterpret_cast<CoalesceExpr *>(node)->args)
            if (is_not_null(static_cast<Node *>(lfirst(cell)), proof))
                return true;
        return false;
    }
    case T_SQLValueFunction:
    case T_NullTest:
    case T_BooleanTest:
    case T_DistinctExpr:
        return true;
    case T_CaseExpr: {
        const auto *choice = reinterpret_cast<CaseExpr *>(node);
        ListCell *cell;
        foreach (cell, choice->args)
            if (!is_not_null(reinterpret_cast<Node *>(lfirst_node(CaseWhen, cell)->result), proof))
                return false;
        return choice->defresult != nullptr &&
               is_not_null(reinterpret_cast<Node *>(choice->defresult), proof);
    }
    case T_FuncExpr: {
        const auto *function = reinterpret_cast<FuncExpr *>(node);
        return never_makes_null(function->funcid) && all_not_null(function->args, proof);
    }
    case T_OpExpr: {
        const auto *op = reinterpret_cast<OpExpr *>(node);
        return never_makes_null(get_opcode(op->opno)) && all_not_null(op->args, proof);
    }
    default:
        return false;
    }
}

// A value that nothing is known of; another one for each column.
Node *anything(const Var *var)
{
    auto *unknown = makeNode(Param);
    unknown->paramkind = PARAM_EXTERN;
    unknown->paramid = var->varattno;
    unknown->paramtype = var->vartype;
    unknown->paramtypmod = var->vartypmod;
    unknown->paramcollid = var->varcollid;
    unknown->location = -1;
    return reinterpret_cast<Node *>(unknown);
}

extern "C" {
// The condition as it is of the row that is done.
static Node *with_new_values(Node *node, void *argument)
{
    const auto *proof = static_cast<const Proof *>(argument);
    if (node == nullptr)
        return nullptr;
    if (is_of_target(node, proof->query)) {
        const auto *var = reinterpret_cast<Var *>(node);
        if (!is_assigned(proof->query, var->varattno))
            return node;
        const TargetEntry *entry = assigned_to(proof->query, var->varattno);
        if (entry == nullptr || contain_subplans(reinterpret_cast<Node *>(entry->expr)))
            return anything(var);
        return static_cast<Node *>(copyObjectImpl(entry->expr));
    }
    if (IsA(node, SubLink))
        return node;
    Node *changed = compat::mutate_expression(node, with_new_values, argument);
    if (IsA(changed, NullTest) && !reinterpret_cast<NullTest *>(changed)->argisrow &&
        is_not_null(reinterpret_cast<Node *>(reinterpret_cast<NullTest *>(changed)->arg), *proof))
        return makeBoolConst(reinterpret_cast<NullTest *>(changed)->nulltesttype == IS_NOT_NULL,
                             false);
    if (IsA(changed, DistinctExpr)) {
        List *sides = reinterpret_cast<DistinctExpr *>(changed)->args;
        if (equal(linitial(sides), lsecond(sides)) && !contain_mutable_functions(changed) &&
            !reads_other_tables(changed, const_cast<Query *>(proof->query)))
            return makeBoolConst(false, false);
    }
    return changed;
}
}

bool becomes_false(Node *condition, Proof *proof)
{
    Node *after = eval_const_expressions(nullptr, with_new_values(condition, proof));
    if (!IsA(after, Const))
        return false;
    const auto *constant = reinterpret_cast<Const *>(after);
    return constant->constisnull || !DatumGetBool(constant->constvalue);
}

List *conditions_of(const Query *query)
{
    return make_ands_implicit(reinterpret_cast<Expr *>(eval_const_expressions(
        nullptr, static_cast<Node *>(copyObjectImpl(query->jointree->quals)))));
}

Bitmapset *columns_not_null(List *conditions, const Query *query)
{
    Bitmapset *columns = nullptr;
    ListCell *cell;
    foreach (cell, conditions) {
        const auto *test = static_cast<NullTest *>(lfirst(cell));
        if (IsA(test, NullTest) && test->nulltesttype == IS_NOT_NULL &&
            is_of_target(reinterpret_cast<Node *>(test->arg), query) &&
            reinterpret_cast<Var *>(test->arg)->varattno > 0)
            columns = bms_add_member(columns, reinterpret_cast<Var *>(test->arg)->varattno);
    }
    return columns;
}

// New values that do not come from what is assigned: doing it again gives the same.
bool values_stay(const Query *query)
{
    ListCell *cell;
    foreach (cell, query->targetList)
        if (reads_assigned(reinterpret_cast<Node *>(lfirst_node(TargetEntry, cell)->expr),
                           const_cast<Query *>(query)))
            return false;
    return true;
}

bool is_repeatable(const Query *query)
{
    ListCell *cell;
    foreach (cell, query->targetList) {
        auto *value = reinterpret_cast<Node *>(lfirst_node(TargetEntry, cell)->expr);
        if (contain_mutable_functions(value) ||
            reads_other_tables(value, const_cast<Query *>(query)))
            return false;
    }
    return values_stay(query);
}

} // namespace

void judge_ending(const Query *query, Relation target, Facts *facts)
{
    if (query->commandType == CMD_DELETE) {
        facts->ending = Ending::stops;
        facts->where_should_end = true;
        return;
    }
    if (query->jointree->quals == nullptr) {
        facts->where_should_end = false;
        return;
    }
    List *conditions = conditions_of(query);
    Proof proof{query, target, columns_not_null(conditions, query)};
    const bool stays = values_stay(query);
    if (is_repeatable(query))
        facts->ending = Ending::repeatable;
    ListCell *cell;
    foreach (cell, conditions) {
        auto *condition = static_cast<Node *>(lfirst(cell));
        if (contain_subplans(condition) || contain_volatile_functions(condition))
            continue;
        if (becomes_false(condition, &proof))
            facts->ending = Ending::stops;
        if (stays && reads_assigned(condition, const_cast<Query *>(query)))
            facts->where_should_end = true;
    }
    facts->where_should_end = facts->where_should_end || facts->ending == Ending::stops;
}

} // namespace migrate::pg::backfill
