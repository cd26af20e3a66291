// Which function foretells a statement.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_statements.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "commands/event_trigger.h"
#include "tcop/utility.h"
#include "utils/evtcache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

template <typename Statement>
const Statement *as(Node *node)
{
    return reinterpret_cast<const Statement *>(node);
}

void foretell_schema(Foretelling &answer, const CreateSchemaStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->schemaElts)
        foretell_statement(answer, static_cast<Node *>(lfirst(cell)));
}

bool is_in_c(Oid function)
{
    HeapTuple row = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(row))
        return false;
    const Oid language = reinterpret_cast<Form_pg_proc>(GETSTRUCT(row))->prolang;
    ReleaseSysCache(row);
    return language == ClanguageId;
}

// Event triggers in C, our own too, lock nothing of a user's; others may lock anything.
void check_event_triggers(Foretelling &answer, CommandTag tag)
{
    const EventTriggerEvent events[] = {EVT_DDLCommandStart, EVT_DDLCommandEnd, EVT_SQLDrop,
                                        EVT_TableRewrite};
    for (const EventTriggerEvent event : events) {
        ListCell *cell;
        foreach (cell, EventCacheLookup(event)) {
            const auto *trigger = static_cast<const EventTriggerCacheItem *>(lfirst(cell));
            const bool fires = trigger->tagset == nullptr || bms_is_member(tag, trigger->tagset);
            if (fires && !is_in_c(trigger->fnoid))
                answer.opaque = true;
        }
    }
}

// What is left alone here locks no relation of a user: roles, settings, transactions, types, operators.
void foretell_rest(Foretelling &answer, Node *node)
{
    switch (nodeTag(node)) {
    case T_CommentStmt:
        return foretell_comment(answer, as<CommentStmt>(node));
    case T_SecLabelStmt:
        return foretell_label(answer, as<SecLabelStmt>(node));
    case T_AlterExtensionContentsStmt:
        return foretell_extension_member(answer, as<AlterExtensionContentsStmt>(node));
    case T_AlterObjectDependsStmt:
        return foretell_depends_on(answer, as<AlterObjectDependsStmt>(node));
    case T_RenameStmt:
        return foretell_rename(answer, as<RenameStmt>(node));
    case T_AlterObjectSchemaStmt:
        return foretell_set_schema(answer, as<AlterObjectSchemaStmt>(node));
    case T_AlterOwnerStmt:
        return foretell_change_owner(answer, as<AlterOwnerStmt>(node));
    case T_ReassignOwnedStmt:
        return foretell_reassign_owned(answer, as<ReassignOwnedStmt>(node));
    case T_GrantStmt:
        return foretell_grant(answer, as<GrantStmt>(node));
    case T_CreateDomainStmt:
        return foretell_create_domain(answer, as<CreateDomainStmt>(node));
    case T_AlterDomainStmt:
        return foretell_alter_domain(answer, as<AlterDomainStmt>(node));
    case T_VacuumStmt:
        return foretell_vacuum(answer, as<VacuumStmt>(node));
    case T_ClusterStmt:
        return foretell_cluster(answer, as<ClusterStmt>(node));
    case T_ReindexStmt:
        return foretell_reindex(answer, as<ReindexStmt>(node));
    case T_RefreshMatViewStmt:
        return foretell_refresh(answer, as<RefreshMatViewStmt>(node));
    case T_ConstraintsSetStmt:
        // IMMEDIATE fires what has been put off.
        answer.opaque = answer.opaque || !as<ConstraintsSetStmt>(node)->deferred;
        return;
    case T_DoStmt:
    case T_CallStmt:
    case T_FetchStmt:
    case T_CreateExtensionStmt:
    case T_AlterExtensionStmt:
    case T_ImportForeignSchemaStmt:
    case T_AlterTableMoveAllStmt:
    case T_CreateSubscriptionStmt:
    case T_AlterSubscriptionStmt:
    case T_DropSubscriptionStmt:
        answer.opaque = true;
        return;
    default:
        return;
    }
}

void foretell_definition(Foretelling &answer, Node *node)
{
    switch (nodeTag(node)) {
    case T_CreateStmt:
        return foretell_create_table(answer, as<CreateStmt>(node));
    case T_CreateForeignTableStmt:
        return foretell_create_table(answer, &as<CreateForeignTableStmt>(node)->base);
    case T_CreateTableAsStmt:
        return foretell_create_table_as(answer, as<CreateTableAsStmt>(node));
    case T_ViewStmt:
        return foretell_create_view(answer, as<ViewStmt>(node));
    case T_CreateSeqStmt:
        return foretell_create_sequence(answer, as<CreateSeqStmt>(node));
    case T_AlterSeqStmt:
        return foretell_alter_sequence(answer, as<AlterSeqStmt>(node));
    case T_CreateTrigStmt:
        return foretell_create_trigger(answer, as<CreateTrigStmt>(node));
    case T_RuleStmt:
        return foretell_create_rule(answer, as<RuleStmt>(node));
    case T_CreatePolicyStmt:
        return foretell_policy(answer, as<CreatePolicyStmt>(node)->table,
                               as<CreatePolicyStmt>(node)->qual,
                               as<CreatePolicyStmt>(node)->with_check);
    case T_AlterPolicyStmt:
        return foretell_policy(answer, as<AlterPolicyStmt>(node)->table,
                               as<AlterPolicyStmt>(node)->qual,
                               as<AlterPolicyStmt>(node)->with_check);
    case T_CreateStatsStmt:
        return foretell_create_statistics(answer, as<CreateStatsStmt>(node));
    case T_CreatePublicationStmt:
        return foretell_publication(answer, as<CreatePublicationStmt>(node)->pubobjects);
    case T_AlterPublicationStmt:
        return foretell_alter_publication(answer, as<AlterPublicationStmt>(node));
    case T_CreateFunctionStmt:
        return foretell_create_function(answer, as<CreateFunctionStmt>(node));
    case T_CreateSchemaStmt:
        return foretell_schema(answer, as<CreateSchemaStmt>(node));
    default:
        return foretell_rest(answer, node);
    }
}

} // namespace

void foretell_statement(Foretelling &answer, Node *node)
{
    switch (nodeTag(node)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
        return foretell_query(answer, node);
    case T_CopyStmt:
        return foretell_copy(answer, as<CopyStmt>(node));
    case T_PrepareStmt:
        return foretell_prepare(answer, as<PrepareStmt>(node));
    case T_ExecuteStmt:
        return foretell_execute(answer, as<ExecuteStmt>(node));
    case T_ExplainStmt:
        return foretell_explain(answer, as<ExplainStmt>(node));
    case T_DeclareCursorStmt:
        return foretell_declare(answer, as<DeclareCursorStmt>(node));
    case T_TruncateStmt:
        return foretell_truncate(answer, as<TruncateStmt>(node));
    case T_LockStmt:
        return foretell_lock(answer, as<LockStmt>(node));
    default:
        break;
    }
    check_event_triggers(answer, CreateCommandTag(node));
    switch (nodeTag(node)) {
    case T_AlterTableStmt:
        return foretell_alter_table(answer, as<AlterTableStmt>(node));
    case T_IndexStmt:
        return foretell_create_index(answer, as<IndexStmt>(node));
    case T_DropStmt:
        return foretell_drop(answer, as<DropStmt>(node));
    case T_DropOwnedStmt:
        return foretell_drop_owned(answer, as<DropOwnedStmt>(node));
    default:
        return foretell_definition(answer, node);
    }
}

} // namespace migrate::pg
