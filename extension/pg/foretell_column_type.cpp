// ALTER COLUMN TYPE and SET EXPRESSION: whether the table is rewritten, and what is dropped and made again
// because it depends on the column, in other tables too (ATPostAlterTypeCleanup() in the server).
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

namespace migrate::pg {

namespace {

// The server's ATColumnChangeRequiresRewrite(): only what leaves every value's bytes as they are is free.
bool conversion_rewrites(Node *expression, AttrNumber column)
{
    for (;;) {
        if (IsA(expression, Var) && reinterpret_cast<const Var *>(expression)->varattno == column)
            return false;
        if (IsA(expression, RelabelType)) {
            expression = reinterpret_cast<Node *>(reinterpret_cast<RelabelType *>(expression)->arg);
            continue;
        }
        if (IsA(expression, CoerceToDomain)) {
            auto *domain = reinterpret_cast<CoerceToDomain *>(expression);
            if (DomainHasConstraints(domain->resulttype))
                return true;
            expression = reinterpret_cast<Node *>(domain->arg);
            continue;
        }
        if (!IsA(expression, FuncExpr))
            return true;
        auto *call = reinterpret_cast<FuncExpr *>(expression);
        if ((call->funcid != F_TIMESTAMPTZ_TIMESTAMP && call->funcid != F_TIMESTAMP_TIMESTAMPTZ) ||
            TimestampTimestampTzRequiresRewrite())
            return true;
        expression = static_cast<Node *>(linitial(call->args));
    }
}

// USING that says no more than the new type does.
bool is_plain_conversion(const ColumnDef *wanted, const char *name)
{
    Node *value = wanted->raw_default;
    if (value == nullptr)
        return true;
    while (IsA(value, TypeCast)) {
        const auto *cast = reinterpret_cast<const TypeCast *>(value);
        if (!equal(cast->typeName->names, wanted->typeName->names) ||
            !equal(cast->typeName->typmods, wanted->typeName->typmods))
            return false;
        value = cast->arg;
    }
    if (!IsA(value, ColumnRef))
        return false;
    const List *fields = reinterpret_cast<const ColumnRef *>(value)->fields;
    return IsA(llast(fields), String) && strcmp(strVal(llast(fields)), name) == 0;
}

bool type_change_rewrites(Oid relation, const char *name, const ColumnDef *wanted)
{
    int32 modifier;
    HeapTuple row = SearchSysCacheAttName(relation, name);
    if (!HeapTupleIsValid(row))
        return false;
    const auto attribute = *reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row));
    ReleaseSysCache(row);
    const Type type = LookupTypeName(nullptr, wanted->typeName, &modifier, true);
    if (type == nullptr)
        return false;
    const Oid id = typeTypeId(type);
    ReleaseSysCache(type);
    if (!is_plain_conversion(wanted, name))
        return true;
    Var *column = makeVar(1, attribute.attnum, attribute.atttypid, attribute.atttypmod,
                          attribute.attcollation, 0);
    ParseState *state = make_parsestate(nullptr);
    Node *converted =
        coerce_to_target_type(state, reinterpret_cast<Node *>(column), attribute.atttypid, id,
                              modifier, COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
    if (converted == nullptr)
        return true;
    assign_expr_collations(state, converted);
    converted = eval_const_expressions(nullptr, converted);
    return conversion_rewrites(converted, attribute.attnum);
}

struct Rebuild
{
    Altering &altering;
    Oid relation;
    bool rewrites;
};

// A constraint is dropped and added again, on whichever table it stands.
void rebuild_constraint(Rebuild &rebuild, Oid id)
{
    Foretelling &answer = rebuild.altering.answer;
    HeapTuple row = SearchSysCache1(CONSTROID, ObjectIdGetDatum(id));
    if (!HeapTupleIsValid(row))
        return;
    const auto constraint = *reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row));
    ReleaseSysCache(row);
    want(answer, constraint.conrelid, AccessExclusiveLock);
    ObjectAddress object = {ConstraintRelationId, id, 0};
    foretell_deletion(answer, list_make1(&object), DROP_RESTRICT);
    if (constraint.contype == CONSTRAINT_FOREIGN) {
        want(answer, constraint.confrelid, ShareRowExclusiveLock);
        want(answer, constraint.conindid, AccessShareLock);
        if (rebuild.rewrites && constraint.convalidated &&
            get_rel_relkind(constraint.conrelid) == RELKIND_RELATION)
            foretell_foreign_key_scan(answer, constraint.conrelid, constraint.confrelid);
    } else if (constraint.contype == CONSTRAINT_CHECK)
        goes_over(answer, constraint.conrelid);
    else if (rebuild.rewrites)
        goes_over(answer, constraint.conrelid);
}

void rebuild_index(Rebuild &rebuild, Oid index)
{
    const Oid constraint = get_index_constraint(index);
    if (OidIsValid(constraint))
        return rebuild_constraint(rebuild, constraint);
    const Oid table = IndexGetRelation(index, true);
    ObjectAddress object = {RelationRelationId, index, 0};
    want(rebuild.altering.answer, table, AccessExclusiveLock);
    foretell_deletion(rebuild.altering.answer, list_make1(&object), DROP_RESTRICT);
}

void rebuild_statistics(Rebuild &rebuild, Oid statistics)
{
    HeapTuple row = SearchSysCache1(STATEXTOID, ObjectIdGetDatum(statistics));
    if (!HeapTupleIsValid(row))
        return;
    const Oid table = reinterpret_cast<Form_pg_statistic_ext>(GETSTRUCT(row))->stxrelid;
    ReleaseSysCache(row);
    want(rebuild.altering.answer, table, ShareUpdateExclusiveLock);
}

void rebuild_dependents(Rebuild &rebuild, AttrNumber column)
{
    List *found = NIL;
    ScanKeyData key[3];
    key_is(key[0], Anum_pg_depend_refclassid, RelationRelationId);
    key_is(key[1], Anum_pg_depend_refobjid, rebuild.relation);
    ScanKeyInit(&key[2], Anum_pg_depend_refobjsubid, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(column));
    scan_catalog(DependRelationId, DependReferenceIndexId, key, 3, [&](HeapTuple row, TupleDesc) {
        const auto *dependency = reinterpret_cast<Form_pg_depend>(GETSTRUCT(row));
        auto *object = static_cast<ObjectAddress *>(palloc(sizeof(ObjectAddress)));
        *object = {dependency->classid, dependency->objid, dependency->objsubid};
        found = lappend(found, object);
    });
    ListCell *cell;
    foreach (cell, found) {
        const auto *object = static_cast<const ObjectAddress *>(lfirst(cell));
        const char kind =
            object->classId == RelationRelationId ? get_rel_relkind(object->objectId) : '\0';
        if (kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX)
            rebuild_index(rebuild, object->objectId);
        else if (object->classId == ConstraintRelationId)
            rebuild_constraint(rebuild, object->objectId);
        else if (object->classId == StatisticExtRelationId)
            rebuild_statistics(rebuild, object->objectId);
    }
}

void foretell_member(Altering &altering, Oid member, const char *column, bool rewrites)
{
    Rebuild rebuild{altering, member, rewrites};
    want(altering.answer, member, altering.mode);
    if (rewrites && get_rel_relkind(member) == RELKIND_RELATION)
        foretell_rewrite(altering.answer, member);
    const AttrNumber number = get_attnum(member, column);
    if (number > 0)
        rebuild_dependents(rebuild, number);
}

} // namespace

void foretell_alter_type(Altering &altering, const AlterTableCmd *command)
{
    const auto *wanted = reinterpret_cast<const ColumnDef *>(command->def);
    const bool rewrites = type_change_rewrites(altering.relation, command->name, wanted);
    ListCell *cell;
    foreach (cell, members_of(altering))
        foretell_member(altering, lfirst_oid(cell), command->name, rewrites);
    // An identity's sequence takes the type too.
    if (!altering.row->relispartition)
        foreach (cell, identity_columns_of(altering.relation)) {
            const auto *identity = static_cast<const Identity *>(lfirst(cell));
            if (identity->column == get_attnum(altering.relation, command->name))
                want(altering.answer, identity->sequence, ShareRowExclusiveLock);
        }
}

void foretell_set_expression(Altering &altering, const AlterTableCmd *command)
{
    ListCell *cell;
    foreach (cell, members_of(altering)) {
        const Oid member = lfirst_oid(cell);
        HeapTuple row = SearchSysCacheAttName(member, command->name);
        if (!HeapTupleIsValid(row))
            continue;
        const bool stored = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row))->attgenerated ==
                            ATTRIBUTE_GENERATED_STORED;
        ReleaseSysCache(row);
        foretell_member(altering, member, command->name, stored);
    }
}

} // namespace migrate::pg
