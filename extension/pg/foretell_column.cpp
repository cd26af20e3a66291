// Columns of ALTER TABLE: added, dropped, of another type.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"
#include "pg/foretell_query.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_proc.h"
#include "optimizer/optimizer.h"
#include "parser/parse_node.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace migrate::pg {

bool is_serial(const TypeName *type)
{
    if (list_length(type->names) != 1 || type->pct_type)
        return false;
    const char *const serials[] = {"smallserial", "serial2",   "serial",
                                   "serial4",     "bigserial", "serial8"};
    for (const char *serial : serials)
        if (strcmp(strVal(linitial(type->names)), serial) == 0)
            return true;
    return false;
}

const Constraint *constraint_of_kind(const ColumnDef *column, ConstrType kind)
{
    ListCell *cell;
    foreach (cell, column->constraints) {
        const auto *constraint = static_cast<const Constraint *>(lfirst(cell));
        if (constraint->contype == kind)
            return constraint;
    }
    return nullptr;
}

namespace {

struct Calls
{
    std::optional<DefaultKind> to_come; // the worst of those that the script makes
    DefaultKind others = DefaultKind::constant;
};

DefaultKind volatility_of(List *function)
{
    bool volatile_ = false, stable = false;
    for (FuncCandidateList one = candidates_named(function); one != nullptr; one = one->next) {
        volatile_ = volatile_ || func_volatile(one->oid) == PROVOLATILE_VOLATILE;
        stable = stable || func_volatile(one->oid) == PROVOLATILE_STABLE;
    }
    return volatile_ ? DefaultKind::volatile_
           : stable  ? DefaultKind::stable
                     : DefaultKind::constant;
}

bool collect_calls(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (IsA(node, FuncCall)) {
        auto *calls = static_cast<Calls *>(context);
        List *function = reinterpret_cast<FuncCall *>(node)->funcname;
        const std::optional<DefaultKind> to_come = volatility_to_come(strVal(llast(function)));
        if (to_come)
            calls->to_come = std::max(calls->to_come, to_come);
        else
            calls->others = std::max(calls->others, volatility_of(function));
    }
    return raw_expression_tree_walker(node, untyped(collect_calls), context);
}

DefaultKind kind_of_cooked(Node *value)
{
    return value == nullptr                    ? DefaultKind::none
           : contain_volatile_functions(value) ? DefaultKind::volatile_
           : contain_mutable_functions(value)  ? DefaultKind::stable
                                               : DefaultKind::constant;
}

} // namespace

DefaultKind default_kind_of(const ColumnDef *column)
{
    int32 modifier = -1;
    const Type type = LookupTypeName(nullptr, column->typeName, &modifier, true);
    const Oid id = type != nullptr ? typeTypeId(type) : InvalidOid;
    if (type != nullptr)
        ReleaseSysCache(type);
    const Constraint *given = constraint_of_kind(column, CONSTR_DEFAULT);
    if (given == nullptr || given->raw_expr == nullptr)
        return OidIsValid(id) ? kind_of_cooked(get_typdefault(id)) : DefaultKind::none;
    Calls calls;
    collect_calls(given->raw_expr, &calls);
    if (calls.to_come) // which of its name is called is not known before it is there
        return std::max(*calls.to_come, calls.others);
    return kind_of_cooked(cookDefault(make_parsestate(nullptr),
                                      static_cast<Node *>(copyObjectImpl(given->raw_expr)), id,
                                      modifier, column->colname, 0));
}

namespace {

// As the server decides it: existing rows need a value that is not the same for all of them, or one that
// a domain has to check.
bool new_column_rewrites(const ColumnDef *column)
{
    const Constraint *generated = constraint_of_kind(column, CONSTR_GENERATED);
    if (generated != nullptr)
        return compat::is_stored(generated);
    if (is_serial(column->typeName) || constraint_of_kind(column, CONSTR_IDENTITY))
        return true;
    int32 modifier;
    const Type type = LookupTypeName(nullptr, column->typeName, &modifier, true);
    if (type == nullptr)
        return false;
    const Oid id = typeTypeId(type);
    ReleaseSysCache(type);
    if (DomainHasConstraints(id))
        return true;
    return default_kind_of(column) == DefaultKind::volatile_;
}

// The sequences that a default depends on, and draws from while the table is rewritten.
void scan_default(Altering &altering, const ColumnDef *column, Depth depth)
{
    Scan scan{altering.answer, depth, NIL, false};
    const Constraint *given = constraint_of_kind(column, CONSTR_DEFAULT);
    if (given != nullptr && given->raw_expr != nullptr)
        scan_expression(scan, given->raw_expr);
}

void drop_column(Altering &altering, Oid relation, const char *name, DropBehavior behavior,
                 bool recurse, bool with_children);

// Direct children are locked, whether the column goes there too or not.
void drop_column_of_children(Altering &altering, Oid relation, const char *name,
                             DropBehavior behavior, bool recurse)
{
    ListCell *cell;
    foreach (cell, children_of(relation)) {
        const Oid child = lfirst_oid(cell);
        want(altering.answer, child, altering.mode);
        HeapTuple row = SearchSysCacheAttName(child, name);
        if (!HeapTupleIsValid(row))
            continue;
        const auto *column = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row));
        const bool goes = column->attinhcount == 1 && !column->attislocal;
        ReleaseSysCache(row);
        if (recurse && goes)
            drop_column(altering, child, name, behavior, true, true);
    }
}

void drop_column(Altering &altering, Oid relation, const char *name, DropBehavior behavior,
                 bool recurse, bool with_children)
{
    const AttrNumber number = get_attnum(relation, name);
    if (number <= 0)
        return;
    if (with_children)
        drop_column_of_children(altering, relation, name, behavior, recurse);
    ObjectAddress column = {RelationRelationId, relation, number};
    foretell_deletion(altering.answer, list_make1(&column), behavior);
}

} // namespace

void foretell_add_column(Altering &altering, const AlterTableCmd *command)
{
    const auto *column = reinterpret_cast<const ColumnDef *>(command->def);
    List *members = members_of(altering);
    ListCell *cell;
    if (command->missing_ok && get_attnum(altering.relation, column->colname) > 0)
        return;
    want_all(altering.answer, members, altering.mode);
    if (column->typeName != nullptr && altering.row->relkind != RELKIND_COMPOSITE_TYPE &&
        new_column_rewrites(column)) {
        foreach (cell, members)
            if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_RELATION)
                foretell_rewrite(altering.answer, lfirst_oid(cell));
        scan_default(altering, column, Depth::executed);
    } else
        scan_default(altering, column, Depth::analyzed);
    foreach (cell, column->constraints) {
        auto constraint = *static_cast<const Constraint *>(lfirst(cell));
        // Without a default all rows have null, which refers to nothing.
        if (constraint.contype == CONSTR_FOREIGN)
            constraint.skip_validation = !constraint_of_kind(column, CONSTR_DEFAULT);
        if (constraint.contype != CONSTR_NOTNULL)
            foretell_add_constraint(altering, &constraint);
        else if (!constraint_of_kind(column, CONSTR_DEFAULT))
            goes_over_all(altering.answer, members);
    }
}

void foretell_drop_column(Altering &altering, const AlterTableCmd *command)
{
    drop_column(altering, altering.relation, command->name, command->behavior, altering.recurse,
                true);
}

} // namespace migrate::pg
