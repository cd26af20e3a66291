// Statements on objects of any kind: COMMENT, SECURITY LABEL, RENAME, SET SCHEMA, OWNER TO, GRANT, DEPENDS ON,
// extension members, and domains with the tables that use them.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_shdepend.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

bool is_relation(ObjectType type)
{
    switch (type) {
    case OBJECT_TABLE:
    case OBJECT_INDEX:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
        return true;
    default:
        return false;
    }
}

// The relation as a whole in this mode, a part of it under ACCESS SHARE on the whole.
void want_object(Foretelling &answer, ObjectType type, Node *name, LOCKMODE mode)
{
    Oid relation = InvalidOid;
    if (type == OBJECT_COLUMN) {
        List *names = castNode(List, name);
        if (list_length(names) < 2)
            return;
        relation = relation_of(list_truncate(list_copy(names), list_length(names) - 1));
    } else
        object_of(type, name, &relation);
    if (OidIsValid(relation) && !refuses_other_owner(answer, relation))
        want(answer, relation, is_relation(type) || type == OBJECT_COLUMN ? mode : AccessShareLock);
}

Oid relation_of_type(List *names)
{
    return get_typ_typrelid(LookupTypeNameOid(nullptr, makeTypeNameFromNameList(names), true));
}

// ALTER INDEX is content with less.
void rename_relation(Foretelling &answer, ObjectType type, Oid relation)
{
    const char kind = get_rel_relkind(relation);
    const bool is_index = kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX;
    want(answer, relation,
         is_index && type == OBJECT_INDEX ? ShareUpdateExclusiveLock : AccessExclusiveLock);
}

void rename_column(Foretelling &answer, const RenameStmt *statement, Oid relation)
{
    want_all(answer,
             statement->relation->inh ? with_descendants(relation) : list_make1_oid(relation),
             AccessExclusiveLock);
    const Form_pg_class row = class_of(relation);
    if (row != nullptr && row->relkind == RELKIND_COMPOSITE_TYPE)
        want_all(answer, typed_tables_of(row->reltype), AccessExclusiveLock);
}

// The index of a constraint is renamed with it.
void rename_constraint(Foretelling &answer, const RenameStmt *statement, Oid relation)
{
    want(answer, relation, AccessExclusiveLock);
    HeapTuple row =
        SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint_of(relation, statement->subname)));
    if (!HeapTupleIsValid(row))
        return;
    const auto constraint = *reinterpret_cast<Form_pg_constraint>(GETSTRUCT(row));
    ReleaseSysCache(row);
    const bool inherits =
        constraint.contype == CONSTRAINT_CHECK || constraint.contype == compat::constraint_not_null;
    if (inherits && !constraint.connoinherit && statement->relation->inh)
        want_all(answer, with_descendants(relation), AccessExclusiveLock);
    if (constraint.contype == CONSTRAINT_PRIMARY || constraint.contype == CONSTRAINT_UNIQUE ||
        constraint.contype == CONSTRAINT_EXCLUSION)
        want(answer, constraint.conindid, ShareUpdateExclusiveLock);
}

void rename_part(Foretelling &answer, const RenameStmt *statement, Oid relation)
{
    switch (statement->renameType) {
    case OBJECT_COLUMN:
    case OBJECT_ATTRIBUTE:
        return rename_column(answer, statement, relation);
    case OBJECT_TABCONSTRAINT:
        return rename_constraint(answer, statement, relation);
    case OBJECT_TRIGGER:
        return want_all(answer,
                        get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE
                            ? with_descendants(relation)
                            : list_make1_oid(relation),
                        AccessExclusiveLock);
    case OBJECT_POLICY:
    case OBJECT_RULE:
        return want(answer, relation, AccessExclusiveLock);
    default:
        if (is_relation(statement->renameType))
            rename_relation(answer, statement->renameType, relation);
    }
}

// Columns of the domain's type, in whichever table.
void want_users_of_domain(Foretelling &answer, Oid domain)
{
    ScanKeyData key[2];
    List *domains = NIL;
    check_stack_depth();
    key_is(key[0], Anum_pg_depend_refclassid, TypeRelationId);
    key_is(key[1], Anum_pg_depend_refobjid, domain);
    scan_catalog(DependRelationId, DependReferenceIndexId, key, 2, [&](HeapTuple row, TupleDesc) {
        const auto *dependency = reinterpret_cast<Form_pg_depend>(GETSTRUCT(row));
        if (dependency->classid == TypeRelationId &&
            get_typtype(dependency->objid) == TYPTYPE_DOMAIN)
            domains = lappend_oid(domains, dependency->objid);
        const char kind = dependency->classid == RelationRelationId && dependency->objsubid > 0
                              ? get_rel_relkind(dependency->objid)
                              : '\0';
        if (kind == RELKIND_RELATION || kind == RELKIND_MATVIEW) {
            want(answer, dependency->objid, ShareLock);
            goes_over(answer, dependency->objid);
        }
    });
    ListCell *cell;
    foreach (cell, domains)
        want_users_of_domain(answer, lfirst_oid(cell));
}

} // namespace

List *typed_tables_of(Oid type)
{
    List *result = NIL;
    ScanKeyData key[2];
    key_is(key[0], Anum_pg_depend_refclassid, TypeRelationId);
    key_is(key[1], Anum_pg_depend_refobjid, type);
    scan_catalog(DependRelationId, DependReferenceIndexId, key, 2, [&](HeapTuple row, TupleDesc) {
        const auto *dependency = reinterpret_cast<Form_pg_depend>(GETSTRUCT(row));
        if (dependency->classid != RelationRelationId || dependency->objsubid != 0)
            return;
        const Form_pg_class user = class_of(dependency->objid);
        if (user != nullptr && user->reloftype == type)
            result = lappend_oid(result, user->oid);
    });
    return result;
}

void foretell_comment(Foretelling &answer, const CommentStmt *statement)
{
    want_object(answer, statement->objtype, statement->object, ShareUpdateExclusiveLock);
}

void foretell_label(Foretelling &answer, const SecLabelStmt *statement)
{
    want_object(answer, statement->objtype, statement->object, ShareUpdateExclusiveLock);
}

void foretell_extension_member(Foretelling &answer, const AlterExtensionContentsStmt *statement)
{
    want_object(answer, statement->objtype, statement->object, ShareUpdateExclusiveLock);
}

void foretell_depends_on(Foretelling &answer, const AlterObjectDependsStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    if (OidIsValid(relation) && !refuses_other_owner(answer, relation))
        want(answer, relation,
             is_relation(statement->objectType) ? AccessExclusiveLock : AccessShareLock);
}

void foretell_rename(Foretelling &answer, const RenameStmt *statement)
{
    const Oid relation = statement->renameType == OBJECT_TYPE
                             ? relation_of_type(castNode(List, statement->object))
                             : relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
        return;
    if (statement->renameType == OBJECT_TYPE)
        want(answer, relation, AccessExclusiveLock);
    else
        rename_part(answer, statement, relation);
}

void foretell_set_schema(Foretelling &answer, const AlterObjectSchemaStmt *statement)
{
    ListCell *cell;
    if (statement->objectType == OBJECT_EXTENSION) {
        answer.opaque = true;
        return;
    }
    const Oid relation = relation_of(statement->relation);
    if (!OidIsValid(relation) || refuses_other_owner(answer, relation))
        return;
    want(answer, relation, AccessExclusiveLock);
    foreach (cell, owned_sequences_of(relation))
        want(answer, lfirst_oid(cell), AccessExclusiveLock);
}

void foretell_change_owner(Foretelling &answer, const AlterOwnerStmt *statement)
{
    if (statement->objectType != OBJECT_TYPE)
        return;
    const Oid relation = relation_of_type(castNode(List, statement->object));
    const Form_pg_class row = OidIsValid(relation) ? class_of(relation) : nullptr;
    if (row == nullptr || refuses_other_owner(answer, relation))
        return;
    if (get_rolespec_oid(statement->newowner, true) != row->relowner)
        want(answer, relation, AccessExclusiveLock);
}

void foretell_reassign_owned(Foretelling &answer, const ReassignOwnedStmt *statement)
{
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
        scan_catalog(SharedDependRelationId, SharedDependReferenceIndexId, key, 2,
                     [&](HeapTuple row, TupleDesc) {
                         const auto *found = reinterpret_cast<Form_pg_shdepend>(GETSTRUCT(row));
                         if (found->dbid != MyDatabaseId ||
                             found->deptype != SHARED_DEPENDENCY_OWNER ||
                             found->classid != RelationRelationId)
                             return;
                         want(answer, found->objid, AccessExclusiveLock);
                         want_indexes(answer, found->objid, AccessExclusiveLock);
                         want_all(answer, owned_sequences_of(found->objid), AccessExclusiveLock);
                     });
    }
}

void foretell_grant(Foretelling &answer, const GrantStmt *statement)
{
    ListCell *cell;
    if (!compat::grant_locks || statement->targtype != ACL_TARGET_OBJECT ||
        (statement->objtype != OBJECT_TABLE && statement->objtype != OBJECT_SEQUENCE))
        return;
    foreach (cell, statement->objects)
        want(answer, relation_of(static_cast<const RangeVar *>(lfirst(cell))), AccessShareLock);
}

void foretell_create_domain(Foretelling &answer, const CreateDomainStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->constraints)
        depend_on_tree(answer, static_cast<const Constraint *>(lfirst(cell))->raw_expr);
}

void foretell_alter_domain(Foretelling &answer, const AlterDomainStmt *statement)
{
    const Oid domain =
        LookupTypeNameOid(nullptr, makeTypeNameFromNameList(statement->typeName), true);
    const Constraint *constraint = statement->def && IsA(statement->def, Constraint)
                                       ? reinterpret_cast<const Constraint *>(statement->def)
                                       : nullptr;
    if (!OidIsValid(domain) || refuses_other_owner(answer, {TypeRelationId, domain, 0}))
        return;
    switch (statement->subtype) {
    case 'T':
        return depend_on_tree(answer, statement->def);
    case 'O':
    case 'V':
        return want_users_of_domain(answer, domain);
    case 'C':
        if (constraint != nullptr && !constraint->skip_validation)
            want_users_of_domain(answer, domain);
        return;
    default:
        return;
    }
}

} // namespace migrate::pg
