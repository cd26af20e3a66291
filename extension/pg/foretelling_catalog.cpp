// The questions to the catalogs.  None of them reads a catalog from end to end: what they cost does not
// depend on how many other relations there are.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

Form_pg_class class_of(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        return nullptr;
    auto *row = static_cast<Form_pg_class>(palloc(CLASS_TUPLE_SIZE));
    memcpy(row, GETSTRUCT(tuple), CLASS_TUPLE_SIZE);
    ReleaseSysCache(tuple);
    return row;
}

Oid relation_of(List *qualified_name)
{
    return list_length(qualified_name) > 3 ? InvalidOid
                                           : relation_of(makeRangeVarFromNameList(qualified_name));
}

List *with_descendants(Oid relation)
{
    return find_all_inheritors(relation, NoLock, nullptr);
}

List *named_with_descendants(const RangeVar *name)
{
    const Oid relation = relation_of(name);
    if (!OidIsValid(relation))
        return NIL;
    return name->inh ? with_descendants(relation) : list_make1_oid(relation);
}

List *children_of(Oid relation)
{
    return find_inheritance_children_extended(relation, false, NoLock, nullptr, nullptr);
}

List *indexes_of(Oid relation)
{
    List *result = NIL;
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_index_indrelid, relation);
    scan_catalog(IndexRelationId, IndexIndrelidIndexId, key, 1, [&](HeapTuple row, TupleDesc) {
        const auto *index = reinterpret_cast<Form_pg_index>(GETSTRUCT(row));
        if (index->indislive)
            result = lappend_oid(result, index->indexrelid);
    });
    return result;
}

List *owned_sequences_of(Oid relation)
{
    return getOwnedSequences(relation);
}

Oid partitioned_parent_of(const FormData_pg_class *row)
{
    return row->relispartition ? get_partition_parent(row->oid, true) : InvalidOid;
}

Oid default_partition_of(Oid relation)
{
    return get_default_partition_oid(relation);
}

static int copy_columns(Datum array, AttrNumber *columns)
{
    ArrayType *values = DatumGetArrayTypeP(array);
    const int count = Min(ArrayGetNItems(ARR_NDIM(values), ARR_DIMS(values)), INDEX_MAX_KEYS);
    memcpy(columns, ARR_DATA_PTR(values), count * sizeof(AttrNumber));
    return count;
}

// Null for a constraint of another kind.
static ForeignKey *foreign_key(HeapTuple row, TupleDesc columns)
{
    const auto *constraint = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row));
    if (constraint->contype != CONSTRAINT_FOREIGN)
        return nullptr;
    auto *key = static_cast<ForeignKey *>(palloc0(sizeof(ForeignKey)));
    key->constraint = constraint->oid;
    key->parent_constraint = constraint->conparentid;
    key->referencing = constraint->conrelid;
    key->referenced = constraint->confrelid;
    key->on_delete = constraint->confdeltype;
    key->on_update = constraint->confupdtype;
    key->validated = constraint->convalidated;
    bool null;
    const Datum here = heap_getattr(row, Anum_pg_constraint_conkey, columns, &null);
    if (!null)
        key->count = copy_columns(here, key->referencing_columns);
    const Datum there = heap_getattr(row, Anum_pg_constraint_confkey, columns, &null);
    if (!null)
        copy_columns(there, key->referenced_columns);
    return key;
}

List *foreign_keys_of(Oid relation)
{
    List *result = NIL;
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_constraint_conrelid, relation);
    scan_catalog(ConstraintRelationId, ConstraintRelidTypidNameIndexId, key, 1,
                 [&](HeapTuple row, TupleDesc columns) {
                     if (ForeignKey *found = foreign_key(row, columns))
                         result = lappend(result, found);
                 });
    return result;
}

// pg_constraint has no index on the referenced table; pg_depend has.
List *foreign_keys_to(Oid relation)
{
    List *constraints = NIL, *result = NIL;
    ScanKeyData key[2];
    key_is(key[0], Anum_pg_depend_refclassid, RelationRelationId);
    key_is(key[1], Anum_pg_depend_refobjid, relation);
    scan_catalog(DependRelationId, DependReferenceIndexId, key, 2, [&](HeapTuple row, TupleDesc) {
        const auto *dependency = reinterpret_cast<Form_pg_depend>(GETSTRUCT(row));
        if (dependency->classid == ConstraintRelationId)
            constraints = list_append_unique_oid(constraints, dependency->objid);
    });
    if (constraints == NIL)
        return NIL;
    Relation catalog = table_open(ConstraintRelationId, AccessShareLock);
    ListCell *cell;
    foreach (cell, constraints) {
        HeapTuple row = SearchSysCache1(CONSTROID, ObjectIdGetDatum(lfirst_oid(cell)));
        if (!HeapTupleIsValid(row))
            continue;
        ForeignKey *found = foreign_key(row, RelationGetDescr(catalog));
        if (found != nullptr && found->referenced == relation)
            result = lappend(result, found);
        ReleaseSysCache(row);
    }
    table_close(catalog, AccessShareLock);
    return result;
}

// An identity column's sequence is an inner part of the column, that of a serial one only owned by it.
List *identity_columns_of(Oid relation)
{
    List *result = NIL;
    ScanKeyData key[2];
    key_is(key[0], Anum_pg_depend_refclassid, RelationRelationId);
    key_is(key[1], Anum_pg_depend_refobjid, relation);
    scan_catalog(DependRelationId, DependReferenceIndexId, key, 2, [&](HeapTuple row, TupleDesc) {
        const auto *dependency = reinterpret_cast<Form_pg_depend>(GETSTRUCT(row));
        if (dependency->classid != RelationRelationId || dependency->objsubid != 0 ||
            dependency->refobjsubid == 0 || dependency->deptype != DEPENDENCY_INTERNAL ||
            get_rel_relkind(dependency->objid) != RELKIND_SEQUENCE)
            return;
        auto *identity = static_cast<Identity *>(palloc(sizeof(Identity)));
        *identity = {static_cast<AttrNumber>(dependency->refobjsubid), dependency->objid};
        result = lappend(result, identity);
    });
    return result;
}

Oid constraint_of(Oid relation, const char *name)
{
    return get_relation_constraint_oid(relation, name, true);
}

} // namespace migrate::pg
