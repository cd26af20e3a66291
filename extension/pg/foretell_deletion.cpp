// What goes along when objects are dropped: the walk over pg_depend of the server's findDependentObjects(),
// without its locks, and the tables on which each kind of object has its removal locked.
//
// With RESTRICT, what depends normally on a dropped object makes the statement fail; it is not followed.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

struct Deletion
{
    Foretelling &answer;
    DropBehavior behavior;
    HTAB *seen; // ObjectAddress
};

bool has_seen(const Deletion &deletion, const ObjectAddress &object)
{
    if (hash_search(deletion.seen, &object, HASH_FIND, nullptr) != nullptr)
        return true;
    const ObjectAddress whole = {object.classId, object.objectId, 0};
    return object.objectSubId != 0 &&
           hash_search(deletion.seen, &whole, HASH_FIND, nullptr) != nullptr;
}

void want_relation(Foretelling &answer, Oid relation, int column)
{
    const Form_pg_class row = class_of(relation);
    if (row == nullptr)
        return;
    want(answer, relation, AccessExclusiveLock);
    if (column != 0)
        return;
    if (row->relkind == RELKIND_INDEX || row->relkind == RELKIND_PARTITIONED_INDEX) {
        want(answer, IndexGetRelation(relation, true), AccessExclusiveLock);
        return;
    }
    const Oid parent = partitioned_parent_of(row);
    want(answer, parent, AccessExclusiveLock);
    if (OidIsValid(parent))
        want(answer, default_partition_of(parent), AccessExclusiveLock);
}

// The relation that an object belongs to, for catalogs whose rows have its oid in this column.
Oid relation_in(Oid catalog, Oid index, AttrNumber key_column, AttrNumber column, Oid object)
{
    Oid result = InvalidOid;
    ScanKeyData key[1];
    key_is(key[0], key_column, object);
    scan_catalog(catalog, index, key, 1, [&](HeapTuple row, TupleDesc columns) {
        bool null;
        result = DatumGetObjectId(heap_getattr(row, column, columns, &null));
    });
    return result;
}

Oid relation_in(int cache, AttrNumber column, Oid object)
{
    HeapTuple row = SearchSysCache1(cache, ObjectIdGetDatum(object));
    if (!HeapTupleIsValid(row))
        return InvalidOid;
    bool null;
    const Oid result = DatumGetObjectId(SysCacheGetAttr(cache, row, column, &null));
    ReleaseSysCache(row);
    return result;
}

void want_table_of(Foretelling &answer, const ObjectAddress &object)
{
    const Oid id = object.objectId;
    switch (object.classId) {
    case RelationRelationId:
        return want_relation(answer, id, object.objectSubId);
    case ConstraintRelationId:
        return want(answer, relation_in(CONSTROID, Anum_pg_constraint_conrelid, id),
                    AccessExclusiveLock);
    case StatisticExtRelationId:
        return want(answer, relation_in(STATEXTOID, Anum_pg_statistic_ext_stxrelid, id),
                    ShareUpdateExclusiveLock);
    case TriggerRelationId:
        return want(answer,
                    relation_in(TriggerRelationId, TriggerOidIndexId, Anum_pg_trigger_oid,
                                Anum_pg_trigger_tgrelid, id),
                    AccessExclusiveLock);
    case RewriteRelationId:
        return want(answer,
                    relation_in(RewriteRelationId, RewriteOidIndexId, Anum_pg_rewrite_oid,
                                Anum_pg_rewrite_ev_class, id),
                    AccessExclusiveLock);
    case PolicyRelationId:
        return want(answer,
                    relation_in(PolicyRelationId, PolicyOidIndexId, Anum_pg_policy_oid,
                                Anum_pg_policy_polrelid, id),
                    AccessExclusiveLock);
    case AttrDefaultRelationId:
        return want(answer,
                    relation_in(AttrDefaultRelationId, AttrDefaultOidIndexId, Anum_pg_attrdef_oid,
                                Anum_pg_attrdef_adrelid, id),
                    AccessExclusiveLock);
    default:
        return;
    }
}

// An object of which this one is an inner part, and that is not being dropped yet.
bool find_owner(const Deletion &deletion, const ObjectAddress &object, ObjectAddress &owner)
{
    bool found = false;
    ScanKeyData key[3];
    key_is(key[0], Anum_pg_depend_classid, object.classId);
    key_is(key[1], Anum_pg_depend_objid, object.objectId);
    ScanKeyInit(&key[2], Anum_pg_depend_objsubid, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(object.objectSubId));
    scan_catalog(DependRelationId, DependDependerIndexId, key, object.objectSubId ? 3 : 2,
                 [&](HeapTuple row, TupleDesc) {
                     const auto *dependency = reinterpret_cast<Form_pg_depend>(GETSTRUCT(row));
                     const ObjectAddress other = {dependency->refclassid, dependency->refobjid,
                                                  dependency->refobjsubid};
                     const bool itself =
                         other.classId == object.classId && other.objectId == object.objectId;
                     if (found || itself || has_seen(deletion, other))
                         return;
                     if (dependency->deptype == DEPENDENCY_INTERNAL ||
                         dependency->deptype == DEPENDENCY_EXTENSION) {
                         owner = other;
                         found = true;
                     }
                 });
    return found;
}

List *dependents_of(const Deletion &deletion, const ObjectAddress &object)
{
    List *result = NIL;
    ScanKeyData key[3];
    key_is(key[0], Anum_pg_depend_refclassid, object.classId);
    key_is(key[1], Anum_pg_depend_refobjid, object.objectId);
    ScanKeyInit(&key[2], Anum_pg_depend_refobjsubid, BTEqualStrategyNumber, F_INT4EQ,
                Int32GetDatum(object.objectSubId));
    scan_catalog(DependRelationId, DependReferenceIndexId, key, object.objectSubId ? 3 : 2,
                 [&](HeapTuple row, TupleDesc) {
                     const auto *dependency = reinterpret_cast<Form_pg_depend>(GETSTRUCT(row));
                     if (dependency->deptype == DEPENDENCY_NORMAL &&
                         deletion.behavior == DROP_RESTRICT)
                         return;
                     auto *other = static_cast<ObjectAddress *>(palloc(sizeof(ObjectAddress)));
                     *other = {dependency->classid, dependency->objid, dependency->objsubid};
                     result = lappend(result, other);
                 });
    return result;
}

void follow(Deletion &deletion, const ObjectAddress &object);

void drop(Deletion &deletion, const ObjectAddress &object)
{
    hash_search(deletion.seen, &object, HASH_ENTER, nullptr);
    want_table_of(deletion.answer, object);
    ListCell *cell;
    foreach (cell, dependents_of(deletion, object))
        follow(deletion, *static_cast<const ObjectAddress *>(lfirst(cell)));
}

// What is an inner part of something else goes with the whole of that.
void follow(Deletion &deletion, const ObjectAddress &object)
{
    ObjectAddress owner;
    check_stack_depth();
    CHECK_FOR_INTERRUPTS();
    if (has_seen(deletion, object))
        return;
    if (find_owner(deletion, object, owner))
        follow(deletion, owner);
    if (!has_seen(deletion, object))
        drop(deletion, object);
}

} // namespace

void foretell_deletion(Foretelling &answer, List *objects, DropBehavior behavior)
{
    HASHCTL control{};
    control.keysize = control.entrysize = sizeof(ObjectAddress);
    control.hcxt = CurrentMemoryContext;
    Deletion deletion{
        answer, behavior,
        hash_create("migrate deletion", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT)};
    ListCell *cell;
    foreach (cell, objects) {
        const ObjectAddress &object = *static_cast<const ObjectAddress *>(lfirst(cell));
        if (!has_seen(deletion, object))
            drop(deletion, object);
    }
    hash_destroy(deletion.seen);
}

} // namespace migrate::pg
