// Statements with one action: types, functions, views, settings and all the rest.
// SPDX-License-Identifier: PostgreSQL
#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretelling.h"

extern "C" {
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

using migrate::Action;

template <typename Statement>
const Statement *as(Node *node)
{
    return reinterpret_cast<const Statement *>(node);
}

bool has_value(List *type, const char *value)
{
    return call([&] {
        const Oid id = LookupTypeNameOid(nullptr, makeTypeNameFromNameList(type), true);
        HeapTuple row = OidIsValid(id) ? SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(id),
                                                         CStringGetDatum(value))
                                       : nullptr;
        if (!HeapTupleIsValid(row))
            return false;
        ReleaseSysCache(row);
        return true;
    });
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
    action.already_so = action.if_exists && has_value(statement->typeName, statement->newVal);
}

void read_domain(ActionReader &reader, Node *node)
{
    if (IsA(node, CreateDomainStmt)) {
        const auto *statement = as<CreateDomainStmt>(node);
        Action &action = reader.add(ActionKind::create_domain);
        action.name = dotted(statement->domainname);
        action.type = type_text(statement->typeName);
        ListCell *cell;
        foreach (cell, statement->constraints) {
            const ConstrType kind = static_cast<const Constraint *>(lfirst(cell))->contype;
            action.has_condition = action.has_condition || kind == CONSTR_CHECK;
            action.not_null = action.not_null || kind == CONSTR_NOTNULL;
        }
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
        reader.add(ActionKind::truncate, static_cast<const RangeVar *>(lfirst(cell))).cascade =
            statement->behavior == DROP_CASCADE;
}

void read_locks(ActionReader &reader, const LockStmt *statement)
{
    ListCell *cell;
    foreach (cell, statement->relations)
        reader.add(ActionKind::lock_table, static_cast<const RangeVar *>(lfirst(cell)));
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
        reader.add(kind, static_cast<const VacuumRelation *>(lfirst(cell))->relation);
}

void read_setting(ActionReader &reader, const VariableSetStmt *statement)
{
    Action &action = reader.add(ActionKind::set_setting);
    action.name = statement->name ? statement->name : "";
    action.local = statement->is_local;
    if (statement->kind == VAR_SET_VALUE)
        action.value =
            call([&] { return ExtractSetVariableArgs(const_cast<VariableSetStmt *>(statement)); });
    else if (statement->name != nullptr && statement->kind != VAR_SET_CURRENT)
        action.value = call([&] {
            const char *value = GetConfigOptionResetString(statement->name);
            return value ? value : "";
        });
}

void read_moved(ActionReader &reader, const AlterObjectSchemaStmt *statement)
{
    Action &action = reader.add(ActionKind::set_schema, statement->relation);
    action.new_name = statement->newschema;
    action.object_type = object_name_of(statement->objectType);
    action.if_exists = statement->missing_ok;
    if (statement->object != nullptr)
        action.name = object_text(statement->object);
    action.already_so = action.if_exists && (statement->relation ? action.relation.id == 0
                                                                 : is_missing(statement->objectType,
                                                                              statement->object));
}

void read_view(ActionReader &reader, const ViewStmt *statement)
{
    Action &action = reader.add(ActionKind::create_view, statement->view);
    action.replaces = statement->replace;
    action.name = statement->view->relname;
    action.relation.is_new = action.relation.id == 0;
}

void read_made(ActionReader &reader, const CreateTableAsStmt *statement)
{
    Action &action =
        reader.add(statement->objtype == OBJECT_MATVIEW ? ActionKind::create_materialized_view
                                                        : ActionKind::create_table_as,
                   statement->into->rel);
    action.if_exists = statement->if_not_exists;
    action.already_so = action.relation.id != 0;
    if (!action.already_so)
        action.relation.is_new = true;
    read_relations(reader, statement->query, nullptr);
    if (IsA(statement->query, SelectStmt) && !action.already_so)
        read_changes_of_with(reader,
                             reinterpret_cast<const SelectStmt *>(statement->query)->withClause);
}

// SELECT ... INTO.
void read_selected(ActionReader &reader, SelectStmt *statement)
{
    const RangeVar *into = statement->intoClause->rel;
    reader.add(ActionKind::create_table_as, into).relation.is_new = true;
    read_relations(reader, reinterpret_cast<Node *>(statement), into);
    read_changes_of_with(reader, statement->withClause);
}

bool is_passing(TransactionStmtKind kind)
{
    return kind == TRANS_STMT_ROLLBACK || kind == TRANS_STMT_SAVEPOINT ||
           kind == TRANS_STMT_RELEASE || kind == TRANS_STMT_ROLLBACK_TO;
}

void read_transaction(ActionReader &reader, const TransactionStmt *statement)
{
    if (statement->kind == TRANS_STMT_BEGIN || statement->kind == TRANS_STMT_START)
        reader.add(ActionKind::begin);
    else
        reader.add(statement->kind == TRANS_STMT_COMMIT ? ActionKind::commit
                   : is_passing(statement->kind)        ? ActionKind::passing
                                                        : ActionKind::other);
}

void read_schema(ActionReader &reader, const CreateSchemaStmt *statement)
{
    Action &action = reader.add(ActionKind::create_schema);
    action.name = statement->schemaname ? statement->schemaname : "";
    action.if_exists = statement->if_not_exists;
}

void read_sequence(ActionReader &reader, const CreateSeqStmt *statement)
{
    Action &action = reader.add(ActionKind::create_sequence, statement->sequence);
    action.if_exists = statement->if_not_exists;
    action.relation.is_new = action.relation.id == 0;
}

void read_function(ActionReader &reader, const CreateFunctionStmt *statement)
{
    Action &action = reader.add(ActionKind::create_function);
    action.name = dotted(statement->funcname);
    action.object_type = statement->is_procedure ? "procedure" : "function";
    action.replaces = statement->replace;
    action.default_kind = DefaultKind::volatile_;
    ListCell *cell;
    foreach (cell, statement->options) {
        const auto *option = static_cast<const DefElem *>(lfirst(cell));
        if (strcmp(option->defname, "volatility") != 0)
            continue;
        const std::string_view volatility = strVal(option->arg);
        action.default_kind = volatility == "immutable" ? DefaultKind::constant
                              : volatility == "stable"  ? DefaultKind::stable
                                                        : DefaultKind::volatile_;
    }
}

// Enums, composite types, ranges, and base types with their kin.
void read_type(ActionReader &reader, Node *node)
{
    Action &action =
        reader.add(IsA(node, CreateEnumStmt) ? ActionKind::create_enum : ActionKind::create_type);
    action.object_type = "type";
    if (IsA(node, CreateEnumStmt))
        action.name = dotted(as<CreateEnumStmt>(node)->typeName);
    else if (IsA(node, CompositeTypeStmt))
        action.name = quoted_name(as<CompositeTypeStmt>(node)->typevar);
    else if (IsA(node, CreateRangeStmt))
        action.name = dotted(as<CreateRangeStmt>(node)->typeName);
    else {
        const auto *statement = as<DefineStmt>(node);
        action.name = dotted(statement->defnames);
        action.object_type = object_name_of(statement->kind);
        if (statement->kind != OBJECT_TYPE)
            action.kind = ActionKind::create_other;
    }
}

void read_drop_database(ActionReader &reader, const DropdbStmt *statement)
{
    Action &action = reader.add(ActionKind::drop_database);
    action.name = statement->dbname;
    action.if_exists = statement->missing_ok;
    action.already_so = action.if_exists && call([&] {
                            return !OidIsValid(get_database_oid(statement->dbname, true));
                        });
}

struct PlainKind
{
    NodeTag tag;
    ActionKind kind;
};

// What needs no more than its kind.
constexpr PlainKind plain_kinds[] = {{T_CreateExtensionStmt, ActionKind::create_extension},
                                     {T_DropOwnedStmt, ActionKind::drop_owned},
                                     {T_AlterOwnerStmt, ActionKind::change_owner},
                                     {T_ReassignOwnedStmt, ActionKind::change_owner},
                                     {T_GrantStmt, ActionKind::grant},
                                     {T_GrantRoleStmt, ActionKind::grant},
                                     {T_AlterDefaultPrivilegesStmt, ActionKind::grant},
                                     {T_CommentStmt, ActionKind::comment},
                                     {T_SecLabelStmt, ActionKind::comment},
                                     {T_DeclareCursorStmt, ActionKind::passing},
                                     {T_ClosePortalStmt, ActionKind::passing},
                                     {T_DeallocateStmt, ActionKind::passing},
                                     {T_DiscardStmt, ActionKind::passing},
                                     {T_NotifyStmt, ActionKind::passing},
                                     {T_ListenStmt, ActionKind::passing},
                                     {T_UnlistenStmt, ActionKind::passing},
                                     {T_VariableShowStmt, ActionKind::passing},
                                     {T_CheckPointStmt, ActionKind::passing},
                                     {T_LoadStmt, ActionKind::passing},
                                     {T_CallStmt, ActionKind::call},
                                     {T_DoStmt, ActionKind::call},
                                     {T_CreateCastStmt, ActionKind::create_other},
                                     {T_CreateConversionStmt, ActionKind::create_other},
                                     {T_CreatePLangStmt, ActionKind::create_other},
                                     {T_CreatePublicationStmt, ActionKind::create_other},
                                     {T_CreateStatsStmt, ActionKind::create_other},
                                     {T_CreateRoleStmt, ActionKind::create_other}};

ActionKind plain_kind_of(Node *node)
{
    if (IsA(node, ConstraintsSetStmt) && as<ConstraintsSetStmt>(node)->deferred)
        return ActionKind::passing;
    for (const PlainKind &plain : plain_kinds)
        if (plain.tag == nodeTag(node))
            return plain.kind;
    return ActionKind::other;
}

// Things that hang on a table.
void read_attached(ActionReader &reader, Node *node)
{
    if (IsA(node, CreateTrigStmt)) {
        const auto *statement = as<CreateTrigStmt>(node);
        Action &action = reader.add(ActionKind::create_trigger, statement->relation);
        action.name = statement->trigname;
        action.replaces = statement->replace;
    } else if (IsA(node, RuleStmt))
        reader.add(ActionKind::create_rule, as<RuleStmt>(node)->relation);
    else
        reader.add(ActionKind::create_policy, as<CreatePolicyStmt>(node)->table);
}

// What is made.
void read_definition(ActionReader &reader, Node *node)
{
    switch (nodeTag(node)) {
    case T_CreateDomainStmt:
    case T_AlterDomainStmt:
        return read_domain(reader, node);
    case T_ViewStmt:
        return read_view(reader, as<ViewStmt>(node));
    case T_CreateTableAsStmt:
        return read_made(reader, as<CreateTableAsStmt>(node));
    case T_SelectStmt:
        return read_selected(reader, reinterpret_cast<SelectStmt *>(node));
    case T_CreateSchemaStmt:
        return read_schema(reader, as<CreateSchemaStmt>(node));
    case T_CreateSeqStmt:
        return read_sequence(reader, as<CreateSeqStmt>(node));
    case T_CreateFunctionStmt:
        return read_function(reader, as<CreateFunctionStmt>(node));
    case T_CreateEnumStmt:
    case T_CompositeTypeStmt:
    case T_CreateRangeStmt:
    case T_DefineStmt:
        return read_type(reader, node);
    case T_CreateTrigStmt:
    case T_RuleStmt:
    case T_CreatePolicyStmt:
        return read_attached(reader, node);
    default:
        reader.add(plain_kind_of(node));
    }
}

} // namespace

void read_other(ActionReader &reader, Node *node)
{
    switch (nodeTag(node)) {
    case T_AlterEnumStmt:
        return read_enum(reader, as<AlterEnumStmt>(node));
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
    case T_TransactionStmt:
        return read_transaction(reader, as<TransactionStmt>(node));
    case T_DropdbStmt:
        return read_drop_database(reader, as<DropdbStmt>(node));
    case T_RefreshMatViewStmt:
        reader.add(ActionKind::refresh_materialized_view, as<RefreshMatViewStmt>(node)->relation)
            .concurrently = as<RefreshMatViewStmt>(node)->concurrent;
        return;
    case T_ClusterStmt:
        reader.add(ActionKind::cluster, as<ClusterStmt>(node)->relation);
        return;
    default:
        read_definition(reader, node);
    }
}

} // namespace migrate::pg
