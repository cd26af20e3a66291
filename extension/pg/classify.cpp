// The list of statements that refuse a transaction block, read off the parse tree; what depends on the
// catalogs is only marked here (see Alone in core/script.h).
// Source: every caller of PreventInTransactionBlock() in PostgreSQL 15, 17 and 18.
// SPDX-License-Identifier: PostgreSQL
#include "pg/classify.h"

#include "core/procedure.h"
#include "pg/boundary.h"

extern "C" {
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "tcop/cmdtag.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
}

namespace migrate::pg {

namespace {

std::string quoted(const RangeVar *relation)
{
    if (relation == nullptr)
        return {};
    const auto part = [](const char *name) {
        return std::string(call([&] { return ::quote_identifier(name); }));
    };
    return (relation->schemaname ? part(relation->schemaname) + "." : std::string()) +
           part(relation->relname);
}

std::string quoted(List *names)
{
    return call([&] { return NameListToQuotedString(names); });
}

std::string quoted(const char *name)
{
    return name ? call([&] { return ::quote_identifier(name); }) : "";
}

const DefElem *option(List *options, const char *name)
{
    ListCell *cell;
    foreach (cell, options) {
        const auto *element = static_cast<const DefElem *>(lfirst(cell));
        if (pg_strcasecmp(element->defname, name) == 0)
            return element;
    }
    return nullptr;
}

bool is_on(List *options, const char *name, bool otherwise)
{
    DefElem *element = const_cast<DefElem *>(option(options, name));
    return element ? call([&] { return defGetBoolean(element); }) : otherwise;
}

void classify_transaction(const TransactionStmt *s, Statement &out)
{
    switch (s->kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
        out.role = Role::begin;
        break;
    case TRANS_STMT_COMMIT:
        out.role = Role::commit;
        out.extra = s->chain ? "chain" : "";
        break;
    case TRANS_STMT_ROLLBACK:
        out.role = Role::rollback;
        break;
    case TRANS_STMT_PREPARE:
        out.role = Role::prepare_transaction;
        break;
    case TRANS_STMT_COMMIT_PREPARED:
    case TRANS_STMT_ROLLBACK_PREPARED:
        out.alone = Alone::finish_prepared;
        break;
    default:
        out.role = Role::savepoint;
    }
}

void classify_drop(const DropStmt *s, Statement &out)
{
    out.role = Role::drop;
    out.if_exists = s->missing_ok;
    if (s->removeType != OBJECT_INDEX || !s->concurrent)
        return;
    out.alone = Alone::drop_index;
    if (list_length(s->objects) == 1)
        out.object = quoted(static_cast<List *>(linitial(s->objects)));
}

void classify_alter_table(const AlterTableStmt *s, Statement &out)
{
    ListCell *cell;
    out.relation = quoted(s->relation);
    out.validates = true;
    foreach (cell, s->cmds) {
        const auto *command = static_cast<const AlterTableCmd *>(lfirst(cell));
        out.validates = out.validates && command->subtype == AT_ValidateConstraint;
        if (command->subtype == AT_DropColumn || command->subtype == AT_DropConstraint)
            out.role = Role::drop;
        if (command->subtype != AT_DetachPartition)
            continue;
        const auto *partition = reinterpret_cast<const PartitionCmd *>(command->def);
        out.role = Role::drop;
        if (partition->concurrent) {
            out.alone = Alone::detach_partition;
            out.extra = quoted(partition->name);
        }
    }
}

void classify_reindex(const ReindexStmt *s, Statement &out)
{
    const bool whole = s->kind != REINDEX_OBJECT_INDEX && s->kind != REINDEX_OBJECT_TABLE;
    out.relation = quoted(s->relation);
    if (whole || is_on(s->params, "concurrently", false))
        out.alone = Alone::reindex;
    else
        out.alone = Alone::reindex_maybe;
}

void classify_copy(const CopyStmt *s, Statement &out)
{
    if (s->filename != nullptr)
        return;
    out.role = s->is_from ? Role::copy_in : Role::copy_out;
    out.relation = quoted(s->relation);
}

void classify_do(const DoStmt *s, Statement &out)
{
    ListCell *cell;
    foreach (cell, s->args) {
        const auto *element = static_cast<const DefElem *>(lfirst(cell));
        if (strcmp(element->defname, "as") == 0 && body_commits(strVal(element->arg)))
            out.alone = Alone::procedure;
    }
}

// SELECT set_config(name, value, false), as pg_dump writes it.
bool sets_session(const SelectStmt *s)
{
    if (s->fromClause != NIL || list_length(s->targetList) != 1)
        return false;
    const Node *value = static_cast<const ResTarget *>(linitial(s->targetList))->val;
    if (value == nullptr || !IsA(value, FuncCall))
        return false;
    const auto *function = reinterpret_cast<const FuncCall *>(value);
    return strcmp(strVal(llast(function->funcname)), "set_config") == 0 &&
           list_length(function->args) == 3;
}

void classify_enum_value(const AlterEnumStmt *s, Statement &out)
{
    if (s->oldVal != nullptr) // RENAME VALUE
        return;
    out.role = Role::enum_value;
    out.object = quoted(s->typeName);
    out.extra = s->newVal;
    out.if_exists = s->skipIfNewValExists;
}

void classify_index(const IndexStmt *s, Statement &out)
{
    out.relation = quoted(s->relation);
    out.object = quoted(s->idxname);
    out.if_exists = s->if_not_exists;
    if (s->concurrent)
        out.alone = Alone::create_index;
}

// Databases, tablespaces, subscriptions, prepared transactions: one line each.
void classify_global(const Node *node, Statement &out)
{
    switch (nodeTag(node)) {
    case T_CreatedbStmt:
        out.alone = Alone::create_database;
        out.object = reinterpret_cast<const CreatedbStmt *>(node)->dbname;
        break;
    case T_DropdbStmt:
        out.alone = Alone::drop_database;
        out.object = reinterpret_cast<const DropdbStmt *>(node)->dbname;
        break;
    case T_CreateTableSpaceStmt:
        out.alone = Alone::create_tablespace;
        out.object = reinterpret_cast<const CreateTableSpaceStmt *>(node)->tablespacename;
        break;
    case T_DropTableSpaceStmt:
        out.alone = Alone::drop_tablespace;
        out.object = reinterpret_cast<const DropTableSpaceStmt *>(node)->tablespacename;
        break;
    case T_AlterDatabaseStmt:
        if (option(reinterpret_cast<const AlterDatabaseStmt *>(node)->options, "tablespace"))
            out.alone = Alone::move_database;
        break;
    case T_CreateSubscriptionStmt: {
        List *options = reinterpret_cast<const CreateSubscriptionStmt *>(node)->options;
        if (is_on(options, "create_slot", is_on(options, "connect", true)))
            out.alone = Alone::subscription;
        break;
    }
    case T_AlterSubscriptionStmt: {
        const auto *s = reinterpret_cast<const AlterSubscriptionStmt *>(node);
        const bool refreshes =
            s->kind != ALTER_SUBSCRIPTION_OPTIONS && s->kind != ALTER_SUBSCRIPTION_CONNECTION &&
            s->kind != ALTER_SUBSCRIPTION_ENABLED && s->kind != ALTER_SUBSCRIPTION_SKIP &&
            is_on(s->options, "refresh", true);
        const bool slot = option(s->options, "failover") || option(s->options, "two_phase");
        if (refreshes || slot)
            out.alone = Alone::subscription;
        break;
    }
    case T_DropSubscriptionStmt:
        out.role = Role::drop;
        out.alone = Alone::subscription_maybe;
        out.object = reinterpret_cast<const DropSubscriptionStmt *>(node)->subname;
        break;
    default:
        break;
    }
}

void classify_maintenance(const Node *node, Statement &out)
{
    switch (nodeTag(node)) {
    case T_VacuumStmt:
        if (reinterpret_cast<const VacuumStmt *>(node)->is_vacuumcmd)
            out.alone = Alone::maintenance;
        break;
    case T_AlterSystemStmt:
        out.alone = Alone::maintenance;
        break;
    case T_DiscardStmt:
        if (reinterpret_cast<const DiscardStmt *>(node)->target == DISCARD_ALL)
            out.alone = Alone::maintenance;
        break;
    case T_ClusterStmt: {
        const RangeVar *relation = reinterpret_cast<const ClusterStmt *>(node)->relation;
        out.relation = quoted(relation);
        out.alone = relation ? Alone::cluster_maybe : Alone::maintenance;
        break;
    }
    default:
        classify_global(node, out);
    }
}

extern "C" {
// migrate.backfill(...) anywhere in a query.
static bool calls_backfill(Node *node, void *argument)
{
    if (node == nullptr)
        return false;
    if (IsA(node, FuncCall)) {
        const List *name = castNode(FuncCall, node)->funcname;
        if (list_length(name) == 2 && strcmp(strVal(linitial(name)), "migrate") == 0 &&
            strcmp(strVal(lsecond(name)), "backfill") == 0)
            return true;
    }
    return compat::walk_raw(node, calls_backfill, argument);
}
}

} // namespace

void classify(const RawStmt *tree, Statement &out)
{
    Node *node = tree->stmt;
    out.tag = call([&] { return GetCommandTagName(CreateCommandTag(node)); });
    switch (nodeTag(node)) {
    case T_TransactionStmt:
        return classify_transaction(reinterpret_cast<TransactionStmt *>(node), out);
    case T_IndexStmt:
        return classify_index(reinterpret_cast<IndexStmt *>(node), out);
    case T_DropStmt:
        return classify_drop(reinterpret_cast<DropStmt *>(node), out);
    case T_AlterTableStmt:
        return classify_alter_table(reinterpret_cast<AlterTableStmt *>(node), out);
    case T_ReindexStmt:
        return classify_reindex(reinterpret_cast<ReindexStmt *>(node), out);
    case T_CopyStmt:
        return classify_copy(reinterpret_cast<CopyStmt *>(node), out);
    case T_DoStmt:
        return classify_do(reinterpret_cast<DoStmt *>(node), out);
    case T_PrepareStmt:
        out.object = reinterpret_cast<PrepareStmt *>(node)->name;
        return;
    case T_ListenStmt:
        out.role = Role::listen;
        return;
    case T_CallStmt:
        out.alone = Alone::procedure_maybe;
        out.object = quoted(reinterpret_cast<CallStmt *>(node)->funccall->funcname);
        return;
    case T_SelectStmt:
        if (sets_session(reinterpret_cast<SelectStmt *>(node)))
            out.role = Role::session_setting;
        else if (call([&] { return calls_backfill(node, nullptr); }))
            out.alone = Alone::backfill_call;
        return;
    case T_UpdateStmt:
    case T_DeleteStmt:
        out.alone = Alone::backfill_maybe;
        return;
    case T_VariableSetStmt:
        if (!reinterpret_cast<VariableSetStmt *>(node)->is_local)
            out.role = Role::session_setting;
        out.object = quoted(reinterpret_cast<VariableSetStmt *>(node)->name);
        return;
    case T_CreateEnumStmt:
        out.role = Role::create_type;
        out.object = quoted(reinterpret_cast<CreateEnumStmt *>(node)->typeName);
        return;
    case T_AlterEnumStmt:
        return classify_enum_value(reinterpret_cast<AlterEnumStmt *>(node), out);
    default:
        return classify_maintenance(node, out);
    }
}

} // namespace migrate::pg
