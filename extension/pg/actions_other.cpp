// Statements with one action: types, views, settings and all the rest.
// SPDX-License-Identifier: PostgreSQL
#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretelling.h"

extern "C" {
#include "commands/defrem.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

using migrate::Action;

template <typename Statement>
const Statement *as(Node *node)
{
    return reinterpret_cast<const Statement *>(node);
}

void read_enum(ActionReader &reader, const AlterEnumStmt *statement)
{
    const bool renames = statement->oldVal != nullptr;
    Action &action =
        reader.add(renames ? ActionKind::rename_enum_value : ActionKind::add_enum_value);
    action.name = dotted(statement->typeName);
    action.value = renames ? statement->oldVal : statement->newVal;
    action.new_name = renames ? statement->newVal : "";
    action.ordered = statement->newValNeighbor != nullptr;
    action.if_exists = statement->skipIfNewValExists;
}

void read_domain(ActionReader &reader, Node *node)
{
    if (IsA(node, CreateDomainStmt)) {
        const auto *statement = as<CreateDomainStmt>(node);
        Action &action = reader.add(ActionKind::create_domain);
        action.name = dotted(statement->domainname);
        action.type = type_text(statement->typeName);
        ListCell *cell;
        foreach (cell, statement->constraints)
            action.has_condition =
                action.has_condition ||
                static_cast<const Constraint *>(lfirst(cell))->contype == CONSTR_CHECK;
        return;
    }
    const auto *statement = as<AlterDomainStmt>(node);
    Action &action =
        reader.add(compat::adds_domain_constraint(statement) ? ActionKind::domain_constraint
                                                             : ActionKind::other);
    action.name = dotted(statement->typeName);
    if (statement->def != nullptr && IsA(statement->def, Constraint))
        action.not_valid = reinterpret_cast<Constraint *>(statement->def)->skip_validation;
}

void read_truncate(ActionReader &reader, const TruncateStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->relations)
        reader
            .add(ActionKind::truncate, relation_named(static_cast<const RangeVar *>(lfirst(cell))))
            .cascade = statement->behavior == DROP_CASCADE;
}

void read_locks(ActionReader &reader, const LockStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->relations)
        reader.add(ActionKind::lock_table,
                   relation_named(static_cast<const RangeVar *>(lfirst(cell))));
}

bool option_is_on(List *options, const char *name)
{
    ListCell *cell;
    foreach (cell, options) {
        auto *option = static_cast<DefElem *>(lfirst(cell));
        if (strcmp(option->defname, name) == 0)
            return call([&] { return defGetBoolean(option); });
    }
    return false;
}

void read_vacuum(ActionReader &reader, const VacuumStmt *statement)
{
    const ActionKind kind = !statement->is_vacuumcmd                   ? ActionKind::analyze
                            : option_is_on(statement->options, "full") ? ActionKind::vacuum_full
                                                                       : ActionKind::vacuum;
    ListCell *cell;
    if (statement->rels == NIL)
        reader.add(kind);
    foreach (cell, statement->rels)
        reader.add(kind,
                   relation_named(static_cast<const VacuumRelation *>(lfirst(cell))->relation));
}

void read_setting(ActionReader &reader, const VariableSetStmt *statement)
{
    Action &action = reader.add(ActionKind::set_setting);
    action.name = statement->name ? statement->name : "";
    if (statement->kind == VAR_SET_VALUE)
        action.value =
            call([&] { return ExtractSetVariableArgs(const_cast<VariableSetStmt *>(statement)); });
}

void read_moved(ActionReader &reader, const AlterObjectSchemaStmt *statement)
{
    Action &action = reader.add(ActionKind::set_schema, relation_named(statement->relation));
    action.new_name = statement->newschema;
    action.object_type = statement->relation ? "table" : "object";
    action.if_exists = statement->missing_ok;
}

void read_view(ActionReader &reader, const ViewStmt *statement)
{
    Action &action = reader.add(ActionKind::create_view, relation_named(statement->view));
    action.replaces = statement->replace;
    action.name = statement->view->relname;
    action.already_so = false;
}

void read_made(ActionReader &reader, const CreateTableAsStmt *statement)
{
    Action &action =
        reader.add(statement->objtype == OBJECT_MATVIEW ? ActionKind::create_materialized_view
                                                        : ActionKind::create_table_as,
                   relation_named(statement->into->rel));
    action.if_exists = statement->if_not_exists;
    action.already_so = action.relation.id != 0;
    if (!action.already_so)
        action.relation.is_new = true;
}

void read_transaction(ActionReader &reader, const TransactionStmt *statement)
{
    if (statement->kind == TRANS_STMT_BEGIN || statement->kind == TRANS_STMT_START)
        reader.add(ActionKind::begin);
    else
        reader.add(statement->kind == TRANS_STMT_COMMIT ? ActionKind::commit : ActionKind::other);
}

void read_schema(ActionReader &reader, const CreateSchemaStmt *statement)
{
    Action &action = reader.add(ActionKind::create_schema);
    action.name = statement->schemaname ? statement->schemaname : "";
    action.if_exists = statement->if_not_exists;
}

void read_sequence(ActionReader &reader, const CreateSeqStmt *statement)
{
    Action &action = reader.add(ActionKind::create_sequence, relation_named(statement->sequence));
    action.if_exists = statement->if_not_exists;
    action.relation.is_new = action.relation.id == 0;
}

// What needs no more than its kind.
ActionKind plain_kind_of(Node *node)
{
    switch (nodeTag(node)) {
    case T_CreateFunctionStmt:
        return ActionKind::create_function;
    case T_CreateExtensionStmt:
        return ActionKind::create_extension;
    case T_CreateEnumStmt:
        return ActionKind::create_enum;
    case T_CompositeTypeStmt:
    case T_CreateRangeStmt:
    case T_DefineStmt:
        return ActionKind::create_type;
    case T_DropdbStmt:
        return ActionKind::drop_database;
    case T_DropOwnedStmt:
        return ActionKind::drop_owned;
    case T_AlterOwnerStmt:
    case T_ReassignOwnedStmt:
        return ActionKind::change_owner;
    case T_GrantStmt:
    case T_GrantRoleStmt:
    case T_AlterDefaultPrivilegesStmt:
        return ActionKind::grant;
    case T_CommentStmt:
    case T_SecLabelStmt:
        return ActionKind::comment;
    case T_CallStmt:
    case T_DoStmt:
        return ActionKind::call;
    case T_CreateCastStmt:
    case T_CreateConversionStmt:
    case T_CreatePLangStmt:
    case T_CreatePublicationStmt:
    case T_CreateStatsStmt:
    case T_CreateRoleStmt:
        return ActionKind::create_other;
    default:
        return ActionKind::other;
    }
}

// Things that hang on a table.
void read_attached(ActionReader &reader, Node *node)
{
    if (IsA(node, CreateTrigStmt)) {
        const auto *statement = as<CreateTrigStmt>(node);
        Action &action =
            reader.add(ActionKind::create_trigger, relation_named(statement->relation));
        action.name = statement->trigname;
        action.replaces = statement->replace;
    } else if (IsA(node, RuleStmt))
        reader.add(ActionKind::create_rule, relation_named(as<RuleStmt>(node)->relation));
    else
        reader.add(ActionKind::create_policy, relation_named(as<CreatePolicyStmt>(node)->table));
}

} // namespace

void read_other(ActionReader &reader, Node *node)
{
    switch (nodeTag(node)) {
    case T_AlterEnumStmt:
        return read_enum(reader, as<AlterEnumStmt>(node));
    case T_CreateDomainStmt:
    case T_AlterDomainStmt:
        return read_domain(reader, node);
    case T_TruncateStmt:
        return read_truncate(reader, as<TruncateStmt>(node));
    case T_LockStmt:
        return read_locks(reader, as<LockStmt>(node));
    case T_VacuumStmt:
        return read_vacuum(reader, as<VacuumStmt>(node));
    case T_VariableSetStmt:
        return read_setting(reader, as<VariableSetStmt>(node));
    case T_AlterObjectSchemaStmt:
        return read_moved(reader, as<AlterObjectSchemaStmt>(node));
    case T_ViewStmt:
        return read_view(reader, as<ViewStmt>(node));
    case T_CreateTableAsStmt:
        return read_made(reader, as<CreateTableAsStmt>(node));
    case T_TransactionStmt:
        return read_transaction(reader, as<TransactionStmt>(node));
    case T_CreateSchemaStmt:
        return read_schema(reader, as<CreateSchemaStmt>(node));
    case T_CreateSeqStmt:
        return read_sequence(reader, as<CreateSeqStmt>(node));
    case T_CreateTrigStmt:
    case T_RuleStmt:
    case T_CreatePolicyStmt:
        return read_attached(reader, node);
    case T_RefreshMatViewStmt: {
        const auto *statement = as<RefreshMatViewStmt>(node);
        reader.add(ActionKind::refresh_materialized_view, relation_named(statement->relation))
            .concurrently = statement->concurrent;
        return;
    }
    case T_ClusterStmt:
        reader.add(ActionKind::cluster, relation_named(as<ClusterStmt>(node)->relation));
        return;
    case T_SelectStmt: // SELECT ... INTO
        reader
            .add(ActionKind::create_table_as, relation_named(as<SelectStmt>(node)->intoClause->rel))
            .relation.is_new = true;
        return;
    default:
        reader.add(plain_kind_of(node));
    }
}

} // namespace migrate::pg
