// DROP of anything, and DROP OWNED.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_statements.h"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_shdepend.h"
}

namespace migrate::pg {

namespace {

// DROP TABLE, INDEX, VIEW and so on are for the owner of the relation or of its schema.
bool refuses_drop(Foretelling &answer, const FormData_pg_class *row)
{
    if (has_privs_of_role(GetUserId(), row->relowner))
        return false;
    return refuses_other_owner(answer, {NamespaceRelationId, row->relnamespace, 0});
}

bool is_index(const FormData_pg_class *row)
{
    return row->relkind == RELKIND_INDEX || row->relkind == RELKIND_PARTITIONED_INDEX;
}

bool is_relation_kind(ObjectType type, char kind)
{
    switch (type) {
    case OBJECT_TABLE:
        return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
    case OBJECT_INDEX:
        return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX;
    case OBJECT_VIEW:
        return kind == RELKIND_VIEW;
    case OBJECT_MATVIEW:
        return kind == RELKIND_MATVIEW;
    case OBJECT_SEQUENCE:
        return kind == RELKIND_SEQUENCE;
    default:
        return kind == RELKIND_FOREIGN_TABLE;
    }
}

// False if the statement fails at this relation.
bool foretell_drop_relation(Foretelling &answer, const DropStmt *statement, Oid relation)
{
    const Form_pg_class row = class_of(relation);
    if (row == nullptr || !is_relation_kind(statement->removeType, row->relkind) ||
        refuses_drop(answer, row))
        return false;
    if (statement->concurrent && row->relpersistence != RELPERSISTENCE_TEMP) {
        // The lock on the index is taken last, when nobody uses it any more.
        want(answer, IndexGetRelation(relation, true), ShareUpdateExclusiveLock);
        want(answer, relation, AccessExclusiveLock);
        return false;
    }
    if (row->relkind == RELKIND_PARTITIONED_INDEX)
        want_all(answer, with_descendants(IndexGetRelation(relation, true)), AccessExclusiveLock);
    if (!is_index(row))
        want(answer, partitioned_parent_of(row), AccessExclusiveLock);
    return true;
}

List *with_object(List *objects, const ObjectAddress &object)
{
    auto *copy = static_cast<ObjectAddress *>(palloc(sizeof(ObjectAddress)));
    *copy = object;
    return lappend(objects, copy);
}

bool is_of_relation(ObjectType type)
{
    return type == OBJECT_TRIGGER || type == OBJECT_RULE || type == OBJECT_POLICY;
}

} // namespace

void foretell_drop(Foretelling &answer, const DropStmt *statement)
{
    List *objects = NIL;
    ListCell *cell;
    foreach (cell, statement->objects) {
        Oid relation;
        auto *name = static_cast<Node *>(lfirst(cell));
        const ObjectAddress object = object_of(statement->removeType, name, &relation);
        if (!OidIsValid(object.objectId))
            continue;
        if (object.classId == RelationRelationId) {
            if (!foretell_drop_relation(answer, statement, relation))
                return;
        } else if (is_of_relation(statement->removeType)) {
            // Who owns the table's schema may drop its triggers as little as anybody else.
            if (refuses_other_owner(answer, relation))
                return;
        } else {
            const Oid schema = get_object_namespace(&object);
            const bool owns_schema = OidIsValid(schema) &&
                                     !refuses_other_owner(answer, {NamespaceRelationId, schema, 0});
            answer.refused = false;
            if (!owns_schema && refuses_other_owner(answer, object))
                return;
        }
        objects = with_object(objects, object);
    }
    foretell_deletion(answer, objects, statement->behavior);
}

// What the roles own in this database goes, and what they were granted is taken back.
void foretell_drop_owned(Foretelling &answer, const DropOwnedStmt *statement)
{
    List *objects = NIL;
    ListCell *cell;
    foreach (cell, statement->roles) {
        const Oid role = get_rolespec_oid(static_cast<RoleSpec *>(lfirst(cell)), true);
        if (!OidIsValid(role))
            continue;
        if (!has_privs_of_role(GetUserId(), role)) {
            answer.refused = true;
            return;
        }
        ScanKeyData key[2];
        key_is(key[0], Anum_pg_shdepend_refclassid, AuthIdRelationId);
        key_is(key[1], Anum_pg_shdepend_refobjid, role);
        scan_catalog(
            SharedDependRelationId, SharedDependReferenceIndexId, key, 2,
            [&](HeapTuple row, TupleDesc) {
                const auto *found = reinterpret_cast<Form_pg_shdepend>(GETSTRUCT(row));
                if (found->dbid == MyDatabaseId && (found->deptype == SHARED_DEPENDENCY_OWNER ||
                                                    (found->deptype == SHARED_DEPENDENCY_POLICY &&
                                                     found->classid == PolicyRelationId)))
                    objects = with_object(objects, {found->classid, found->objid, found->objsubid});
            });
    }
    foretell_deletion(answer, objects, statement->behavior);
}

} // namespace migrate::pg
