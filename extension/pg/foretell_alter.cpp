// ALTER TABLE, INDEX, SEQUENCE, VIEW, TYPE: the named relation, and what each sub-command goes on to.
// A new sub-command is a line in foretell_command().
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_alter.h"
#include "pg/foretell_query.h"
#include "pg/foretell_statements.h"

extern "C" {
#include "access/tableam.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_trigger.h"
#include "commands/defrem.h"
#include "commands/tablecmds.h"
#include "commands/tablespace.h"
#include "miscadmin.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

bool is_partitioned(const Altering &altering)
{
    return altering.row->relkind == RELKIND_PARTITIONED_TABLE;
}

void recurse(Altering &altering)
{
    want_all(altering.answer, members_of(altering), altering.mode);
}

// Indexes and sequences change hands with the table, at whatever level of partitioning it stands alone.
void change_owner(Altering &altering, const RoleSpec *role)
{
    const Oid owner = get_rolespec_oid(role, true);
    ListCell *cell;
    if (owner == altering.row->relowner)
        return;
    want_indexes(altering.answer, altering.relation, altering.mode);
    foreach (cell, owned_sequences_of(altering.relation))
        want(altering.answer, lfirst_oid(cell), altering.mode);
}

void change_persistence(Altering &altering, char persistence)
{
    ListCell *cell;
    if (altering.row->relpersistence == persistence)
        return;
    if (altering.row->relkind == RELKIND_SEQUENCE) {
        goes_over(altering.answer, altering.relation);
        return;
    }
    if (altering.row->relkind == RELKIND_RELATION)
        foretell_rewrite(altering.answer, altering.relation);
    foreach (cell, owned_sequences_of(altering.relation))
        want(altering.answer, lfirst_oid(cell), AccessExclusiveLock);
}

void change_access_method(Altering &altering, const char *name)
{
    const Oid method = get_table_am_oid(name ? name : default_table_access_method, true);
    if (method != altering.row->relam && altering.row->relkind != RELKIND_PARTITIONED_TABLE)
        foretell_rewrite(altering.answer, altering.relation);
}

void change_tablespace(Altering &altering, const char *name)
{
    const Oid now = OidIsValid(altering.row->reltablespace) ? altering.row->reltablespace
                                                            : MyDatabaseTableSpace;
    if (get_tablespace_oid(name, true) != now)
        goes_over(altering.answer, altering.relation, work_rewrite);
}

Oid own_index(const Altering &altering, const char *name)
{
    return name ? relation_in(altering.row->relnamespace, name) : InvalidOid;
}

// Of a partitioned table's triggers the ones for rows have copies in the partitions.
void change_triggers(Altering &altering, const char *name)
{
    bool recurses = false;
    if (!is_partitioned(altering) || !altering.recurse)
        return;
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_trigger_tgrelid, altering.relation);
    scan_catalog(TriggerRelationId, TriggerRelidNameIndexId, key, 1, [&](HeapTuple row, TupleDesc) {
        const auto *trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(row));
        recurses |= TRIGGER_FOR_ROW(trigger->tgtype) &&
                    (name == nullptr || strcmp(NameStr(trigger->tgname), name) == 0);
    });
    if (recurses)
        recurse(altering);
}

void set_identity(Altering &altering, const AlterTableCmd *command)
{
    const AttrNumber column = get_attnum(altering.relation, command->name);
    const LOCKMODE mode = command->subtype == AT_DropIdentity ? AccessExclusiveLock
                          : command->def != nullptr           ? ShareRowExclusiveLock
                                                              : NoLock;
    ListCell *cell;
    foreach (cell, identity_columns_of(altering.relation)) {
        const auto *identity = static_cast<const Identity *>(lfirst(cell));
        if (identity->column == column)
            want(altering.answer, identity->sequence, mode);
    }
    if (compat::identity_recurses && is_partitioned(altering))
        recurse(altering);
}

void change_inheritance(Altering &altering, const AlterTableCmd *command)
{
    const bool adds = command->subtype == AT_AddInherit;
    want(altering.answer, relation_of(reinterpret_cast<const RangeVar *>(command->def)),
         adds ? ShareUpdateExclusiveLock : AccessShareLock);
    if (adds)
        want_all(altering.answer, with_descendants(altering.relation), AccessShareLock);
}

void foretell_command(Altering &altering, const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_AddColumn:
        return foretell_add_column(altering, command);
    case AT_DropColumn:
        return foretell_drop_column(altering, command);
    case AT_AlterColumnType:
        return foretell_alter_type(altering, command);
    case AT_ColumnDefault:
        depend_on_tree(altering.answer, command->def);
        return recurse(altering);
    case AT_DropNotNull:
        return foretell_drop_not_null(altering, command->name);
    case AT_DropExpression:
    case AT_SetStatistics:
    case AT_SetStorage:
        return recurse(altering);
    case AT_SetNotNull:
        return foretell_set_not_null(altering, command->name);
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity:
        return set_identity(altering, command);
    case AT_AddConstraint:
        return foretell_add_constraint(altering,
                                       reinterpret_cast<const Constraint *>(command->def));
    case AT_DropConstraint:
        return foretell_drop_constraint(altering, command);
    case AT_AlterConstraint:
        return foretell_alter_constraint(altering, command);
    case AT_ValidateConstraint:
        return foretell_validate_constraint(altering, command);
    case AT_ChangeOwner:
        return change_owner(altering, command->newowner);
    case AT_ClusterOn:
        return want(altering.answer, own_index(altering, command->name), altering.mode);
    case AT_ReplicaIdentity:
        return want(
            altering.answer,
            own_index(altering, reinterpret_cast<const ReplicaIdentityStmt *>(command->def)->name),
            ShareLock);
    case AT_SetLogged:
        return change_persistence(altering, RELPERSISTENCE_PERMANENT);
    case AT_SetUnLogged:
        return change_persistence(altering, RELPERSISTENCE_UNLOGGED);
    case AT_SetAccessMethod:
        return change_access_method(altering, command->name);
    case AT_SetTableSpace:
        return change_tablespace(altering, command->name);
    case AT_AddInherit:
    case AT_DropInherit:
        return change_inheritance(altering, command);
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_DisableTrig:
        return change_triggers(altering, command->name);
    case AT_EnableTrigAll:
    case AT_EnableTrigUser:
    case AT_DisableTrigAll:
    case AT_DisableTrigUser:
        return change_triggers(altering, nullptr);
    case AT_AttachPartition:
        return altering.row->relkind == RELKIND_PARTITIONED_INDEX
                   ? foretell_attach_index(altering,
                                           reinterpret_cast<const PartitionCmd *>(command->def))
                   : foretell_attach(altering,
                                     reinterpret_cast<const PartitionCmd *>(command->def));
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
        return foretell_detach(altering, reinterpret_cast<const PartitionCmd *>(command->def));
    case AT_AddOf: {
        const Oid type =
            LookupTypeNameOid(nullptr, reinterpret_cast<const TypeName *>(command->def), true);
        return want(altering.answer, get_typ_typrelid(type), AccessShareLock);
    }
    default:
        if (compat::sets_expression(command->subtype))
            foretell_set_expression(altering, command);
    }
}

} // namespace

List *members_of(const Altering &altering)
{
    return altering.recurse ? with_descendants(altering.relation)
                            : list_make1_oid(altering.relation);
}

void foretell_rewrite(Foretelling &answer, Oid relation)
{
    want_indexes(answer, relation, AccessExclusiveLock);
    goes_over(answer, relation, work_rewrite);
}

void foretell_alter_table(Foretelling &answer, const AlterTableStmt *statement)
{
    const Oid relation = relation_of(statement->relation);
    const Form_pg_class row = OidIsValid(relation) ? class_of(relation) : nullptr;
    if (row == nullptr || refuses_other_owner(answer, relation))
        return;
    Altering altering{answer, relation, row, AlterTableGetLockLevel(statement->cmds),
                      statement->relation->inh};
    want(answer, relation, altering.mode);
    ListCell *cell;
    if (row->relkind == RELKIND_COMPOSITE_TYPE)
        want_all(answer, typed_tables_of(row->reltype), altering.mode);
    foreach (cell, statement->cmds)
        foretell_command(altering, static_cast<const AlterTableCmd *>(lfirst(cell)));
}

} // namespace migrate::pg
