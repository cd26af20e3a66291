// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/tree.h"

#include "pg/boundary.h"

extern "C" {
#include "access/stratnum.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

namespace migrate::pg::backfill {

namespace {

const char *name_of(const Written &w)
{
    return w.target->alias != nullptr ? w.target->alias->aliasname : w.target->relname;
}

Node *column(const Written &w, const char *name)
{
    auto *ref = makeNode(ColumnRef);
    ref->fields = list_make2(makeString(pstrdup(name_of(w))), makeString(pstrdup(name)));
    ref->location = -1;
    return reinterpret_cast<Node *>(ref);
}

Node *parameter(int number)
{
    auto *ref = makeNode(ParamRef);
    ref->number = number;
    ref->location = -1;
    return reinterpret_cast<Node *>(ref);
}

Node *integer(int value)
{
    auto *constant = makeNode(A_Const);
    constant->val.ival.type = T_Integer;
    constant->val.ival.ival = value;
    constant->location = -1;
    return reinterpret_cast<Node *>(constant);
}

Node *cast_to(Node *value, Oid type)
{
    auto *cast = makeNode(TypeCast);
    cast->arg = value;
    cast->typeName = makeTypeNameFromOid(type, -1);
    cast->location = -1;
    return reinterpret_cast<Node *>(cast);
}

// A column of the key, compared as its index does.
Node *key_column(const Written &w, const KeyColumn &key)
{
    Node *ref = column(w, get_attname(w.table, key.attribute, false));
    if (key.is_domain && type_is_enum(key.type)) // no operator of enums takes a domain
        ref = cast_to(ref, key.type);
    if (!OidIsValid(key.index_collation))
        return ref;
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(key.index_collation));
    const auto *collation = reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple));
    auto *clause = makeNode(CollateClause);
    clause->arg = ref;
    clause->collname = list_make2(makeString(get_namespace_name(collation->collnamespace)),
                                  makeString(pstrdup(NameStr(collation->collname))));
    clause->location = -1;
    ReleaseSysCache(tuple);
    return reinterpret_cast<Node *>(clause);
}

// The name of the index's own operator for it.
List *operator_name(const KeyColumn &key, StrategyNumber strategy)
{
    const Oid oid = get_opfamily_member(key.family, key.input_type, key.input_type, strategy);
    HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(oid));
    if (!HeapTupleIsValid(tuple))
        server_error(ERRCODE_UNDEFINED_FUNCTION, "the operator class of a key lacks an operator",
                     nullptr);
    const auto *form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    List *name = list_make2(makeString(get_namespace_name(form->oprnamespace)),
                            makeString(pstrdup(NameStr(form->oprname))));
    ReleaseSysCache(tuple);
    return name;
}

Node *row_of(List *elements)
{
    auto *row = makeNode(RowExpr);
    row->args = elements;
    row->row_format = COERCE_IMPLICIT_CAST;
    row->location = -1;
    return reinterpret_cast<Node *>(row);
}

Node *both(Node *a, Node *b)
{
    if (a == nullptr || b == nullptr)
        return a != nullptr ? a : b;
    return reinterpret_cast<Node *>(makeBoolExpr(AND_EXPR, list_make2(a, b), -1));
}

Node *key_compared(const Written &w, const KeyShape &key, StrategyNumber strategy, int first)
{
    List *columns = NIL, *values = NIL;
    for (int i = 0; i < key.columns; i++) {
        columns = lappend(columns, key_column(w, key.column[i]));
        values = lappend(values, parameter(first + i));
    }
    List *name = operator_name(key.column[0], strategy);
    Node *left = key.columns == 1 ? static_cast<Node *>(linitial(columns)) : row_of(columns);
    Node *right = key.columns == 1 ? static_cast<Node *>(linitial(values)) : row_of(values);
    return reinterpret_cast<Node *>(makeA_Expr(AEXPR_OP, name, left, right, -1));
}

Node *tid_compared(const Written &w, const char *name, int number, A_Expr_Kind kind)
{
    List *qualified = list_make2(makeString(pstrdup("pg_catalog")), makeString(pstrdup(name)));
    return reinterpret_cast<Node *>(
        makeA_Expr(kind, qualified, column(w, "ctid"), parameter(number), -1));
}

Node *condition_of(const Written &w, const KeyShape *key, Rows rows)
{
    switch (rows) {
    case Rows::all:
        return nullptr;
    case Rows::listed:
        return tid_compared(w, "=", 1, AEXPR_OP_ANY);
    case Rows::exactly:
        return key_compared(w, *key, BTEqualStrategyNumber, 1);
    case Rows::from_start:
        return key_compared(w, *key, BTLessEqualStrategyNumber, 1);
    default:
        break;
    }
    if (key == nullptr)
        return both(tid_compared(w, ">=", 1, AEXPR_OP), tid_compared(w, "<", 2, AEXPR_OP));
    return both(key_compared(w, *key, BTGreaterStrategyNumber, 1),
                key_compared(w, *key, BTLessEqualStrategyNumber, key->columns + 1));
}

ResTarget *output(Node *value)
{
    auto *target = makeNode(ResTarget);
    target->val = value;
    target->location = -1;
    return target;
}

Node *function_of(const char *name, List *arguments)
{
    List *qualified = list_make2(makeString(pstrdup("pg_catalog")), makeString(pstrdup(name)));
    FuncCall *made = makeFuncCall(qualified, arguments, COERCE_EXPLICIT_CALL, -1);
    made->agg_star = arguments == NIL;
    return reinterpret_cast<Node *>(made);
}

List *row_outputs(const Written &w, const KeyShape *key)
{
    List *outputs = list_make1(output(column(w, "ctid")));
    for (int i = 0; key != nullptr && i < key->columns; i++)
        outputs = lappend(outputs,
                          output(column(w, get_attname(w.table, key->column[i].attribute, false))));
    return outputs;
}

List *left_outputs(const Written &w)
{
    return list_make3(output(function_of("count", NIL)),
                      output(function_of("min", list_make1(column(w, "ctid")))),
                      output(function_of("max", list_make1(column(w, "ctid")))));
}

LockingClause *locking(const Written &w, LockClauseStrength strength, LockWaitPolicy policy)
{
    auto *clause = makeNode(LockingClause);
    clause->lockedRels = list_make1(makeRangeVar(nullptr, pstrdup(name_of(w)), -1));
    clause->strength = strength;
    clause->waitPolicy = policy;
    return clause;
}

} // namespace

Written parse_statement(const char *text)
{
    List *trees = raw_parser(text, RAW_PARSE_DEFAULT);
    if (list_length(trees) != 1)
        server_error(ERRCODE_SYNTAX_ERROR, "a backfill is exactly one statement", nullptr);
    Written w{};
    w.tree = linitial_node(RawStmt, trees);
    Node *statement = w.tree->stmt;
    if (IsA(statement, UpdateStmt)) {
        auto *update = castNode(UpdateStmt, statement);
        w.is_update = true;
        w.target = update->relation;
        w.tables = update->fromClause;
        w.where = update->whereClause;
    } else if (IsA(statement, DeleteStmt)) {
        auto *deletion = castNode(DeleteStmt, statement);
        w.target = deletion->relation;
        w.tables = deletion->usingClause;
        w.where = deletion->whereClause;
    } else {
        server_error(ERRCODE_FEATURE_NOT_SUPPORTED, "only UPDATE and DELETE can be run in batches",
                     "Write the change as an UPDATE or a DELETE of one table.");
    }
    return w;
}

Node *parse_condition(const char *text)
{
    List *trees = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
    auto *select = castNode(SelectStmt, linitial_node(RawStmt, trees)->stmt);
    if (list_length(select->targetList) != 1 || select->fromClause != NIL ||
        select->whereClause != nullptr || select->groupClause != NIL ||
        select->havingClause != nullptr || select->sortClause != NIL ||
        select->limitCount != nullptr || select->op != SETOP_NONE ||
        select->withClause != nullptr || select->distinctClause != NIL)
        server_error(ERRCODE_SYNTAX_ERROR, "remaining is not a single condition",
                     "Write what would stand after WHERE.");
    return linitial_node(ResTarget, select->targetList)->val;
}

namespace {

// Of a table that the statement names with its schema.
struct Naming
{
    RangeVar *target;
    bool again; // something else has that name
};

bool names_again(Node *node, void *argument)
{
    auto *naming = static_cast<Naming *>(argument);
    if (node == nullptr)
        return false;
    const char *name = naming->target->relname;
    if (IsA(node, Alias) && strcmp(castNode(Alias, node)->aliasname, name) == 0)
        naming->again = true;
    if (IsA(node, RangeVar) && node != reinterpret_cast<Node *>(naming->target) &&
        strcmp(castNode(RangeVar, node)->relname, name) == 0)
        naming->again = true;
    return compat::walk_raw(node, names_again, argument);
}

// "schema.table.column" is "table.column" where the table has that for an alias.
bool drop_schema(Node *node, void *argument)
{
    const RangeVar *target = static_cast<Naming *>(argument)->target;
    if (node == nullptr)
        return false;
    if (!IsA(node, ColumnRef))
        return compat::walk_raw(node, drop_schema, argument);
    auto *ref = castNode(ColumnRef, node);
    const int schema = list_length(ref->fields) - 3;
    if (schema >= 0 && strcmp(strVal(list_nth(ref->fields, schema)), target->schemaname) == 0 &&
        strcmp(strVal(list_nth(ref->fields, schema + 1)), target->relname) == 0)
        ref->fields = list_copy_tail(ref->fields, schema + 1);
    return false;
}

} // namespace

void bind_to(Written *w, Oid table)
{
    RangeVar *old = w->target;
    char *schema = get_namespace_name(get_rel_namespace(table)), *name = get_rel_name(table);
    const bool of_part = strcmp(name, old->relname) != 0 ||
                         (old->schemaname != nullptr && strcmp(schema, old->schemaname) != 0);
    Naming naming{old, false};
    names_again(w->tree->stmt, &naming);
    names_again(w->remaining, &naming);
    if (of_part && old->schemaname != nullptr && old->alias == nullptr && !naming.again) {
        drop_schema(w->tree->stmt, &naming);
        drop_schema(w->remaining, &naming);
    }
    RangeVar *bound = makeRangeVar(schema, name, old->location);
    bound->inh = false;
    bound->alias = old->alias;
    if (bound->alias == nullptr && strcmp(name, old->relname) != 0)
        bound->alias = makeAlias(old->relname, NIL);
    w->target = bound;
    w->table = table;
    if (w->is_update)
        castNode(UpdateStmt, w->tree->stmt)->relation = bound;
    else
        castNode(DeleteStmt, w->tree->stmt)->relation = bound;
}

int parameters_of(Rows rows, const KeyShape *key)
{
    switch (rows) {
    case Rows::all:
        return 0;
    case Rows::listed:
        return 1;
    case Rows::between:
        return key == nullptr ? 2 : 2 * key->columns;
    default:
        return key->columns;
    }
}

Oid parameter_type(Rows rows, const KeyShape *key, int number)
{
    if (rows == Rows::listed)
        return TIDARRAYOID;
    return key == nullptr ? TIDOID : key->column[number % key->columns].type;
}

RawStmt *changing_tree(const Written &w, const KeyShape *key, Rows rows, bool watch_key)
{
    auto *tree = static_cast<RawStmt *>(copyObjectImpl(w.tree));
    Node *where = both(w.where, condition_of(w, key, rows));
    if (!w.is_update) {
        castNode(DeleteStmt, tree->stmt)->whereClause = where;
        return tree;
    }
    auto *update = castNode(UpdateStmt, tree->stmt);
    update->whereClause = where;
    // RETURNING sees the new row: is it still in the range that its old one was found in?
    if (watch_key)
        compat::set_returning(update, list_make1(output(condition_of(w, key, rows))));
    return tree;
}

RawStmt *asking_tree(const Written &w, const KeyShape *key, const KeyShape *named, Rows rows,
                     Asked asked, bool whole_row_lock, int limit)
{
    const bool left = asked == Asked::left || asked == Asked::left_rows;
    auto *select = makeNode(SelectStmt);
    select->targetList = asked == Asked::left ? left_outputs(w) : row_outputs(w, named);
    select->fromClause = lcons(w.target, list_copy(w.tables));
    select->whereClause =
        both(left && w.remaining != nullptr ? w.remaining : w.where, condition_of(w, key, rows));
    if (asked == Asked::locked || asked == Asked::held)
        select->lockingClause =
            list_make1(locking(w, whole_row_lock ? LCS_FORUPDATE : LCS_FORNOKEYUPDATE,
                               asked == Asked::held ? LockWaitError : LockWaitSkip));
    if (limit > 0)
        select->limitCount = integer(limit);
    auto *tree = makeNode(RawStmt);
    tree->stmt = static_cast<Node *>(copyObjectImpl(select));
    return tree;
}

RawStmt *value_tree(const Written &w, int n, const char **column)
{
    List *assigned = w.is_update ? castNode(UpdateStmt, w.tree->stmt)->targetList : NIL;
    if (n >= list_length(assigned))
        return nullptr;
    auto *target = static_cast<ResTarget *>(copyObjectImpl(list_nth_node(ResTarget, assigned, n)));
    *column = target->name;
    target->name = nullptr;
    target->indirection = NIL;
    auto *select = makeNode(SelectStmt);
    select->fromClause = lcons(w.target, list_copy(w.tables));
    select->whereClause = both(w.where, condition_of(w, nullptr, Rows::listed));
    // DEFAULT and rows of several columns are no expressions of their own: they are left alone.
    if (IsA(target->val, SetToDefault) || IsA(target->val, MultiAssignRef))
        select->targetList = list_make1(output(integer(0)));
    else
        select->targetList = list_make1(target);
    auto *tree = makeNode(RawStmt);
    tree->stmt = static_cast<Node *>(copyObjectImpl(select));
    return tree;
}

} // namespace migrate::pg::backfill
