// Whether a WHERE clause finds one row: then the size of the table does not matter.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_index.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

bool finds_column(Node *node, void *)
{
    if (node == nullptr)
        return false;
    if (IsA(node, ColumnRef) || IsA(node, SubLink) || IsA(node, FuncCall))
        return true;
    return raw_expression_tree_walker(node, untyped(finds_column), nullptr);
}

AttrNumber column_of(Oid relation, Node *node)
{
    if (node == nullptr || !IsA(node, ColumnRef))
        return InvalidAttrNumber;
    Node *name = static_cast<Node *>(llast(reinterpret_cast<ColumnRef *>(node)->fields));
    return IsA(name, String) ? get_attnum(relation, strVal(name)) : InvalidAttrNumber;
}

// Columns that have to be equal to a value.
Bitmapset *equal_columns(Oid relation, Node *where)
{
    Bitmapset *columns = nullptr;
    ListCell *cell;
    if (where == nullptr)
        return nullptr;
    if (IsA(where, BoolExpr) && reinterpret_cast<BoolExpr *>(where)->boolop == AND_EXPR) {
        foreach (cell, reinterpret_cast<BoolExpr *>(where)->args)
            columns = bms_add_members(columns,
                                      equal_columns(relation, static_cast<Node *>(lfirst(cell))));
        return columns;
    }
    if (!IsA(where, A_Expr))
        return nullptr;
    auto *comparison = reinterpret_cast<A_Expr *>(where);
    if (comparison->kind != AEXPR_OP || strcmp(strVal(llast(comparison->name)), "=") != 0)
        return nullptr;
    const AttrNumber left = column_of(relation, comparison->lexpr);
    const AttrNumber right = column_of(relation, comparison->rexpr);
    if (left > 0 && !finds_column(comparison->rexpr, nullptr))
        return bms_make_singleton(left);
    if (right > 0 && !finds_column(comparison->lexpr, nullptr))
        return bms_make_singleton(right);
    return nullptr;
}

bool has_key(Oid index, const Bitmapset *columns)
{
    HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    if (!HeapTupleIsValid(row))
        return false;
    const auto *key = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
    bool covered =
        key->indisunique && key->indisvalid && heap_attisnull(row, Anum_pg_index_indpred, nullptr);
    for (int i = 0; i < key->indnkeyatts; i++)
        covered =
            covered && key->indkey.values[i] > 0 && bms_is_member(key->indkey.values[i], columns);
    ReleaseSysCache(row);
    return covered;
}

} // namespace

bool finds_by_key(Oid relation, Node *where)
{
    const Bitmapset *columns = equal_columns(relation, where);
    ListCell *cell;
    if (columns != nullptr)
        foreach (cell, indexes_of(relation))
            if (has_key(lfirst_oid(cell), columns))
                return true;
    return false;
}

} // namespace migrate::pg
