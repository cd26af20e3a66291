// Constraints of ALTER TABLE: added, dropped, altered, proven.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

bool is_partitioned(Oid relation)
{
    return get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE;
}

// The rest of its kin if it is partitioned.
List *with_partitions(Oid relation)
{
    return is_partitioned(relation) ? with_descendants(relation) : list_make1_oid(relation);
}

bool may_reference(Oid relation, List *columns)
{
    ListCell *cell;
    if (pg_class_aclcheck(relation, GetUserId(), ACL_REFERENCES) == ACLCHECK_OK)
        return true;
    foreach (cell, columns) {
        const AttrNumber column = get_attnum(relation, strVal(lfirst(cell)));
        if (column > 0 &&
            pg_attribute_aclcheck(relation, column, GetUserId(), ACL_REFERENCES) != ACLCHECK_OK)
            return false;
    }
    return columns != NIL;
}

bool has_columns(Oid relation, const FormData_pg_index *index, List *columns)
{
    ListCell *cell;
    if (index->indnkeyatts != list_length(columns))
        return false;
    foreach (cell, columns) {
        const AttrNumber column = get_attnum(relation, strVal(lfirst(cell)));
        bool found = false;
        for (int i = 0; i < index->indnkeyatts; i++)
            found |= index->indkey.values[i] == column;
        if (!found)
            return false;
    }
    return true;
}

void add_foreign_key(Altering &altering, const Constraint *constraint)
{
    const Oid referenced = relation_of(constraint->pktable);
    ListCell *cell;
    if (!OidIsValid(referenced))
        return;
    if (!may_reference(referenced, constraint->pk_attrs)) {
        altering.answer.refused = true;
        return;
    }
    want_all(altering.answer, with_partitions(altering.relation), altering.mode);
    foreach (cell, with_partitions(referenced)) {
        want(altering.answer, lfirst_oid(cell), ShareRowExclusiveLock);
        want(altering.answer, referenced_index(lfirst_oid(cell), constraint->pk_attrs),
             AccessShareLock);
    }
    if (constraint->skip_validation || !compat::is_enforced(constraint))
        return;
    foreach (cell, with_partitions(altering.relation))
        if (!is_partitioned(lfirst_oid(cell)))
            foretell_foreign_key_scan(altering.answer, lfirst_oid(cell), referenced);
}

void prove(Foretelling &answer, List *relations)
{
    ListCell *cell;
    foreach (cell, relations)
        if (!is_partitioned(lfirst_oid(cell)))
            goes_over(answer, lfirst_oid(cell));
}

// Of an existing index: it gets the constraint's name.
void use_index(Altering &altering, const Constraint *constraint)
{
    const Oid index = relation_in(altering.row->relnamespace, constraint->indexname);
    const bool renamed =
        constraint->conname != nullptr && strcmp(constraint->conname, constraint->indexname) != 0;
    want(altering.answer, index, renamed ? ShareUpdateExclusiveLock : AccessShareLock);
}

bool is_not_null(Oid relation, const char *column)
{
    HeapTuple row = SearchSysCacheAttName(relation, column);
    if (!HeapTupleIsValid(row))
        return true;
    const bool result = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row))->attnotnull;
    ReleaseSysCache(row);
    return result;
}

// Names (String) of the columns of a primary key, or of the index that becomes one.
List *key_columns(const Altering &altering, const Constraint *constraint)
{
    List *names = NIL;
    if (constraint->indexname == nullptr)
        return constraint->keys;
    const Oid index = relation_in(altering.row->relnamespace, constraint->indexname);
    HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
    if (!HeapTupleIsValid(row))
        return NIL;
    const auto *key = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
    for (int i = 0; i < key->indnkeyatts; i++)
        if (char *name = get_attname(altering.relation, key->indkey.values[i], true))
            names = lappend(names, makeString(name));
    ReleaseSysCache(row);
    return names;
}

// The index is built in every partition.
void add_index(Altering &altering, const Constraint *constraint)
{
    ListCell *cell;
    if (constraint->contype == CONSTR_PRIMARY)
        foreach (cell, key_columns(altering, constraint))
            foretell_set_not_null(altering, strVal(lfirst(cell)));
    if (constraint->indexname != nullptr)
        return use_index(altering, constraint);
    goes_over_all(altering.answer, with_partitions(altering.relation), work_build);
    if (!is_partitioned(altering.relation) || !altering.recurse)
        return;
    foreach (cell, with_descendants(altering.relation))
        want(altering.answer, lfirst_oid(cell), ShareLock);
}

Form_pg_constraint constraint_row(Oid id)
{
    HeapTuple row = SearchSysCache1(CONSTROID, ObjectIdGetDatum(id));
    if (!HeapTupleIsValid(row))
        return nullptr;
    auto *copy = static_cast<Form_pg_constraint>(palloc(sizeof(FormData_pg_constraint)));
    memcpy(copy, GETSTRUCT(row), sizeof(FormData_pg_constraint));
    ReleaseSysCache(row);
    return copy;
}

// Copies of a constraint in partitions, at any depth.
void want_children(Altering &altering, Oid constraint)
{
    ScanKeyData key[1];
    List *children = NIL;
    key_is(key[0], Anum_pg_constraint_conparentid, constraint);
    scan_catalog(ConstraintRelationId, ConstraintParentIndexId, key, 1,
                 [&](HeapTuple row, TupleDesc) {
                     const auto *child = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row));
                     children = lappend_oid(children, child->oid);
                     want(altering.answer, child->conrelid, altering.mode);
                 });
    ListCell *cell;
    foreach (cell, children)
        want_children(altering, lfirst_oid(cell));
}

// Null for another kind of constraint.
const char *not_null_column_name(const FormData_pg_constraint *constraint)
{
    if (constraint->contype != compat::constraint_not_null)
        return nullptr;
    HeapTuple row = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint->oid));
    const char *name = HeapTupleIsValid(row)
                           ? get_attname(constraint->conrelid, compat::not_null_column(row), true)
                           : nullptr;
    if (HeapTupleIsValid(row))
        ReleaseSysCache(row);
    return name;
}

// How a constraint is found in children: not-null ones by their column, others by name.
struct Inherited
{
    const char *name, *column;
};

Form_pg_constraint inherited_constraint(Oid relation, const Inherited &inherited)
{
    if (inherited.column == nullptr)
        return constraint_row(constraint_of(relation, inherited.name));
    const AttrNumber column = get_attnum(relation, inherited.column);
    HeapTuple row = column > 0 ? compat::not_null_constraint(relation, column) : nullptr;
    return HeapTupleIsValid(row) ? reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row)) : nullptr;
}

// Only constraints that came with the dropped one go from the children, but all of them are locked.
void drop_inherited(Altering &altering, Oid relation, const Inherited &inherited,
                    DropBehavior behavior)
{
    ListCell *cell;
    foreach (cell, children_of(relation)) {
        const Oid child = lfirst_oid(cell);
        want(altering.answer, child, altering.mode);
        const Form_pg_constraint row = inherited_constraint(child, inherited);
        if (row == nullptr || !altering.recurse || row->coninhcount != 1 || row->conislocal)
            continue;
        ObjectAddress object = {ConstraintRelationId, row->oid, 0};
        foretell_deletion(altering.answer, list_make1(&object), behavior);
        drop_inherited(altering, child, inherited, behavior);
    }
}

void prove_constraint(Altering &altering, const FormData_pg_constraint *constraint)
{
    if (constraint->contype == CONSTRAINT_FOREIGN)
        return foretell_foreign_key_scan(altering.answer, altering.relation, constraint->confrelid);
    List *members = constraint->connoinherit ? list_make1_oid(altering.relation)
                                             : with_descendants(altering.relation);
    want_all(altering.answer, members, altering.mode);
    prove(altering.answer, members);
}

} // namespace

Oid referenced_index(Oid relation, List *columns)
{
    Oid result = InvalidOid;
    ListCell *cell;
    foreach (cell, indexes_of(relation)) {
        HeapTuple row = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
        if (!HeapTupleIsValid(row))
            continue;
        const auto *index = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
        if (columns == NIL ? index->indisprimary
                           : index->indisunique && has_columns(relation, index, columns))
            result = index->indexrelid;
        ReleaseSysCache(row);
    }
    return result;
}

void foretell_foreign_key_scan(Foretelling &answer, Oid referencing, Oid referenced)
{
    ListCell *cell;
    want(answer, referencing, AccessShareLock);
    want_indexes(answer, referencing, AccessShareLock);
    goes_over(answer, referencing);
    want(answer, referenced, RowShareLock);
    foreach (cell, with_partitions(referenced)) {
        const Oid member = lfirst_oid(cell);
        want(answer, member, AccessShareLock);
        if (compat::planner_opens_partitioned_indexes || !is_partitioned(member))
            want_indexes(answer, member, AccessShareLock);
        goes_over(answer, member, work_lookup);
    }
}

// As of 18: one level at a time, and no further than where there is such a constraint already.
static void add_not_null(Altering &altering, Oid relation, const char *column)
{
    const AttrNumber number = get_attnum(relation, column);
    ListCell *cell;
    want(altering.answer, relation, altering.mode);
    if (number <= 0)
        return;
    HeapTuple row = compat::not_null_constraint(relation, number);
    if (HeapTupleIsValid(row)) {
        const auto *constraint = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row));
        if (constraint->conislocal && !constraint->convalidated)
            prove_constraint(altering, constraint);
        return;
    }
    if (!is_partitioned(relation) && !is_proven_not_null(relation, column))
        goes_over(altering.answer, relation);
    if (altering.recurse)
        foreach (cell, children_of(relation))
            add_not_null(altering, lfirst_oid(cell), column);
}

void foretell_set_not_null(Altering &altering, const char *column)
{
    if (compat::not_null_is_constraint)
        return add_not_null(altering, altering.relation, column);
    // Before, a partitioned table's column that is NOT NULL is so in all partitions.
    if (is_partitioned(altering.relation) && is_not_null(altering.relation, column))
        return;
    List *members = altering.recurse || is_partitioned(altering.relation)
                        ? with_descendants(altering.relation)
                        : list_make1_oid(altering.relation);
    ListCell *cell;
    want_all(altering.answer, members, altering.mode);
    foreach (cell, members)
        if (!is_partitioned(lfirst_oid(cell)) && !is_proven_not_null(lfirst_oid(cell), column))
            goes_over(altering.answer, lfirst_oid(cell));
}

void foretell_drop_not_null(Altering &altering, const char *column)
{
    if (!compat::not_null_is_constraint)
        return want_all(altering.answer, members_of(altering), altering.mode);
    const AttrNumber number = get_attnum(altering.relation, column);
    if (number > 0 && HeapTupleIsValid(compat::not_null_constraint(altering.relation, number)))
        drop_inherited(altering, altering.relation, {nullptr, column}, DROP_RESTRICT);
}

void foretell_add_constraint(Altering &altering, const Constraint *constraint)
{
    if (compat::any_constraint_recurses)
        want_all(altering.answer, members_of(altering), altering.mode);
    switch (constraint->contype) {
    case CONSTR_FOREIGN:
        return add_foreign_key(altering, constraint);
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION:
        return add_index(altering, constraint);
    case CONSTR_CHECK:
    case CONSTR_NOTNULL: {
        List *members =
            constraint->is_no_inherit ? list_make1_oid(altering.relation) : members_of(altering);
        want_all(altering.answer, members, altering.mode);
        if (!constraint->skip_validation && compat::is_enforced(constraint))
            prove(altering.answer, members);
        return;
    }
    default:
        return;
    }
}

void foretell_drop_constraint(Altering &altering, const AlterTableCmd *command)
{
    if (is_partitioned(altering.relation))
        want_all(altering.answer, with_descendants(altering.relation), altering.mode);
    const Form_pg_constraint row = constraint_row(constraint_of(altering.relation, command->name));
    if (row == nullptr)
        return;
    if (row->contype == CONSTRAINT_FOREIGN)
        want(altering.answer, row->confrelid, AccessExclusiveLock);
    ObjectAddress object = {ConstraintRelationId, row->oid, 0};
    foretell_deletion(altering.answer, list_make1(&object), command->behavior);
    const bool by_dependency = row->contype != CONSTRAINT_CHECK &&
                               row->contype != compat::constraint_not_null &&
                               is_partitioned(altering.relation);
    if (!by_dependency && !row->connoinherit)
        drop_inherited(altering, altering.relation, {command->name, not_null_column_name(row)},
                       command->behavior);
}

void foretell_alter_constraint(Altering &altering, const AlterTableCmd *command)
{
    const Oid id = constraint_of(altering.relation, compat::altered_constraint(command));
    if (OidIsValid(id))
        want_children(altering, id);
}

void foretell_validate_constraint(Altering &altering, const AlterTableCmd *command)
{
    const Form_pg_constraint row = constraint_row(constraint_of(altering.relation, command->name));
    if (row == nullptr || row->convalidated)
        return;
    prove_constraint(altering, row);
}

} // namespace migrate::pg
