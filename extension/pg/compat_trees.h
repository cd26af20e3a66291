// What differs between PostgreSQL 15, 16, 17 and 18 in parse trees and in the locks of statements, each with
// its reason; the rest is in compat.h.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/compat.h"

extern "C" {
#include "access/attmap.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_namespace.h"
#include "common/relpath.h"
#include "storage/proc.h"
#include "utils/acl.h"
}

namespace migrate::pg::compat {

// 16 plans with the indexes of a partitioned table itself, and so opens them.
#if PG_VERSION_NUM >= 160000
inline constexpr bool planner_opens_partitioned_indexes = true;
#else
inline constexpr bool planner_opens_partitioned_indexes = false;
#endif

// 18 put RETURNING into a node of its own; 17 has it in MERGE.
template <typename Statement>
inline Node *returning_list(const Statement *statement)
{
#if PG_VERSION_NUM >= 180000
    return reinterpret_cast<Node *>(statement->returningClause);
#elif PG_VERSION_NUM >= 170000
    return reinterpret_cast<Node *>(statement->returningList);
#else
    if constexpr (requires { statement->returningList; })
        return reinterpret_cast<Node *>(statement->returningList);
    else
        return nullptr;
#endif
}

// Any of these rights allows LOCK TABLE in this mode.  16 made a weaker mode need no more than a stronger
// one, 17 added MAINTAIN.
inline AclMode rights_to_lock(LOCKMODE mode)
{
    const AclMode rights = ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE;
#if PG_VERSION_NUM >= 160000
#if PG_VERSION_NUM >= 170000
    const AclMode any_mode = rights | ACL_MAINTAIN;
#else
    const AclMode any_mode = rights;
#endif
    return any_mode | (mode <= AccessShareLock ? ACL_SELECT : 0) |
           (mode <= RowExclusiveLock ? ACL_INSERT : 0);
#else
    return mode == AccessShareLock    ? ACL_SELECT
           : mode == RowExclusiveLock ? rights | ACL_INSERT
                                      : rights;
#endif
}

// 17 makes identity columns of partitions follow their table's, and takes over no primary key for a unique
// constraint when a partition is attached.
// 18 has not-null constraints in pg_constraint, which partitions can have in their own way; before, a
// partitioned table's column that is NOT NULL is so in all partitions.
// 18 can leave a constraint unenforced and a generated column without storage.
#if PG_VERSION_NUM >= 170000
inline constexpr bool identity_recurses = true;
inline constexpr bool attached_keys_are_alike = true;
inline bool sets_expression(AlterTableType type)
{
    return type == AT_SetExpression;
}
#else
inline constexpr bool identity_recurses = false;
inline constexpr bool attached_keys_are_alike = false;
inline bool sets_expression(AlterTableType)
{
    return false;
}
#endif
#if PG_VERSION_NUM >= 180000
inline constexpr bool not_null_is_constraint = true;
// 18 numbers the name of a partition's foreign key where it is taken; before, it was made of the columns then.
inline constexpr bool foreign_key_keeps_its_name_in_partitions = true;
inline constexpr char constraint_not_null = CONSTRAINT_NOTNULL;
inline HeapTuple not_null_constraint(Oid relation, AttrNumber column)
{
    return findNotNullConstraintAttnum(relation, column);
}
inline AttrNumber not_null_column(HeapTuple constraint)
{
    return extractNotNullColumn(constraint);
}
// 18 locks all descendants for any constraint.
inline constexpr bool any_constraint_recurses = true;
inline bool is_enforced(const Constraint *constraint)
{
    return constraint->is_enforced;
}
inline bool is_stored(const Constraint *generated)
{
    return generated->generated_kind == ATTRIBUTE_GENERATED_STORED;
}
// 18 has keys over periods of time.
inline bool is_without_overlaps(const Constraint *key)
{
    return key->without_overlaps;
}
inline const char *altered_constraint(const AlterTableCmd *command)
{
    return castNode(ATAlterConstraint, command->def)->conname;
}
#else
inline constexpr bool not_null_is_constraint = false;
inline constexpr bool foreign_key_keeps_its_name_in_partitions = false;
inline constexpr char constraint_not_null = 'n';
inline HeapTuple not_null_constraint(Oid, AttrNumber)
{
    return nullptr;
}
inline AttrNumber not_null_column(HeapTuple)
{
    return InvalidAttrNumber;
}
inline constexpr bool any_constraint_recurses = false;
inline bool is_enforced(const Constraint *)
{
    return true;
}
inline bool is_stored(const Constraint *)
{
    return true;
}
inline bool is_without_overlaps(const Constraint *)
{
    return false;
}
inline const char *altered_constraint(const AlterTableCmd *command)
{
    return castNode(Constraint, command->def)->conname;
}
#endif

// The letter of ALTER DOMAIN ... ADD CONSTRAINT; 19 makes it an enum.
inline bool adds_domain_constraint(const AlterDomainStmt *statement)
{
    return static_cast<int>(statement->subtype) == 'C';
}

// 16 can leave out columns that are missing.
inline AttrMap *columns_by_name(TupleDesc in, TupleDesc out)
{
#if PG_VERSION_NUM >= 160000
    return build_attrmap_by_name(in, out, true);
#else
    return build_attrmap_by_name(in, out);
#endif
}

// 17 has the right to maintain a table that belongs to another role.
#if PG_VERSION_NUM >= 170000
inline constexpr AclMode acl_maintain = ACL_MAINTAIN;
#else
inline constexpr AclMode acl_maintain = 0;
#endif

// 18 goes on to the children of an ordinary table, and locks what rights are granted on.
#if PG_VERSION_NUM >= 180000
inline constexpr bool vacuum_recurses = true;
#else
inline constexpr bool vacuum_recurses = false;
#endif
#if PG_VERSION_NUM >= 180000
inline constexpr bool grant_locks = true;
#else
inline constexpr bool grant_locks = false;
#endif

// 16 asks by catalog what may be done with an object.
inline bool may_create_in(Oid schema)
{
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(NamespaceRelationId, schema, GetUserId(), ACL_CREATE) == ACLCHECK_OK;
#else
    return pg_namespace_aclcheck(schema, GetUserId(), ACL_CREATE) == ACLCHECK_OK;
#endif
}

// The path of a relation's file, this session's own if it is temporary.  18 returns it by value; 17 calls
// the owner of a temporary relation by its process number.
inline const char *relation_path(Oid space, Oid file, bool temporary)
{
#if PG_VERSION_NUM >= 180000
    const RelPathStr path = GetRelationPath(
        MyDatabaseId, space, file, temporary ? ProcNumberForTempRelations() : INVALID_PROC_NUMBER,
        MAIN_FORKNUM);
    return pstrdup(path.str);
#elif PG_VERSION_NUM >= 170000
    return GetRelationPath(MyDatabaseId, space, file,
                           temporary ? ProcNumberForTempRelations() : INVALID_PROC_NUMBER,
                           MAIN_FORKNUM);
#else
    return GetRelationPath(MyDatabaseId, space, file,
                           temporary ? BackendIdForTempRelations() : InvalidBackendId,
                           MAIN_FORKNUM);
#endif
}

} // namespace migrate::pg::compat
