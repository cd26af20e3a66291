// The way back of each action.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/identifier.h"
#include "core/type_change.h"

#include <algorithm>
#include <span>

namespace migrate {

namespace {

using enum ActionKind;

using Kinds = std::span<const ActionKind>;

constexpr ActionKind of_columns[] = {add_column,   drop_column,   rename_column,  alter_type,
                                     set_default,  drop_default,  set_not_null,   drop_not_null,
                                     add_identity, drop_identity, set_expression, drop_expression};
constexpr ActionKind of_constraints[] = {add_check,       add_not_null,     add_foreign_key,
                                         add_unique,      add_primary_key,  add_exclusion,
                                         drop_constraint, alter_constraint, rename_constraint};
constexpr ActionKind of_rows[] = {insert, update, delete_rows, merge, copy, truncate};
constexpr ActionKind of_drops[] = {drop_table, drop_index, drop_other, drop_database, drop_owned};
constexpr ActionKind of_creations[] = {
    create_enum,     create_type,     create_domain,  create_view, create_materialized_view,
    create_sequence, create_function, create_trigger, create_rule, create_policy,
    create_schema,   create_extension};
constexpr ActionKind of_renames[] = {rename_table, rename_index, rename_other, rename_enum_value};
// What the catalogs know the former state of.
constexpr ActionKind of_states[] = {set_schema,      inherit,           set_persistence,
                                    set_tablespace,  set_access_method, set_options,
                                    alter_composite, domain_constraint, change_owner,
                                    grant,           comment,           create_other};

bool is_one_of(ActionKind kind, Kinds kinds)
{
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Reversal derived(std::string inverse);
Reversal lost(std::string reason);
Reversal unknown(std::string reason);
bool holds_data(const StudiedStatement &statement, const Relation &relation);
Reversal of_column(const StudiedStatement &statement, const Action &action);
Reversal of_constraint(const Action &action);
Reversal of_data(const Action &action);
Reversal of_drop(const StudiedStatement &statement, const Action &action);
Reversal of_rest(const StudiedStatement &statement, const Action &action);

bool is_worse(const Reversal &one, const Reversal &other)
{
    return one.way > other.way;
}

} // namespace

std::string_view name_of(WayBack way)
{
    switch (way) {
    case WayBack::not_needed:
        return "not needed";
    case WayBack::derived:
        return "derived";
    case WayBack::unknown:
        return "unknown";
    case WayBack::lost:
        break;
    }
    return "data is lost";
}

Reversal reversal_of(const StudiedStatement &statement, const Action &action)
{
    if (action.already_so || action.relation.is_temporary)
        return {};
    if (is_one_of(action.kind, of_columns))
        return of_column(statement, action);
    if (is_one_of(action.kind, of_constraints))
        return of_constraint(action);
    if (is_one_of(action.kind, of_rows))
        return of_data(action);
    if (is_one_of(action.kind, of_drops))
        return of_drop(statement, action);
    return of_rest(statement, action);
}

Reversal reversal_of(const StudiedStatement &statement)
{
    Reversal worst;
    if (runs_code(statement))
        worst = unknown("what its code does cannot be told");
    for (const Action &action : statement.actions) {
        Reversal one = reversal_of(statement, action);
        if (is_worse(one, worst))
            worst = std::move(one);
    }
    return worst;
}

Reversal reversal_of(const Study &study)
{
    Reversal worst;
    for (const StudiedStatement &statement : study.statements) {
        Reversal one = reversal_of(statement);
        if (!is_worse(one, worst))
            continue;
        worst = std::move(one);
        worst.reason = "statement " + std::to_string(statement.number) + ": " + worst.reason;
    }
    return worst;
}

namespace {

Reversal derived(std::string inverse)
{
    return {WayBack::derived, std::move(inverse)};
}

Reversal lost(std::string reason)
{
    return {WayBack::lost, std::move(reason)};
}

Reversal unknown(std::string reason)
{
    return {WayBack::unknown, std::move(reason)};
}

bool holds_data(const StudiedStatement &statement, const Relation &relation)
{
    if (relation.bytes > 0)
        return true;
    return relation.kind == RelationKind::partitioned_table &&
           std::any_of(statement.effects.begin(), statement.effects.end(),
                       [](const Effect &effect) {
                           return effect.relation.is_partition && effect.relation.bytes > 0;
                       });
}

Reversal of_column(const StudiedStatement &statement, const Action &action)
{
    const std::string column = quote_identifier(action.name);
    const std::string alter = "ALTER COLUMN " + column + " ";
    switch (action.kind) {
    case add_column:
        return derived("DROP COLUMN " + column);
    case drop_column:
        return holds_data(statement, action.relation)
                   ? lost("the values of column \"" + action.name + "\" of " +
                          action.relation.name + " are lost")
                   : derived("ADD COLUMN " + column);
    case rename_column:
        return derived("RENAME COLUMN " + quote_identifier(action.new_name) + " TO " + column);
    case alter_type:
        return compare_types(action.old_type, action.type) == TypeChange::narrower &&
                       holds_data(statement, action.relation)
                   ? lost("what does not fit " + action.type + " in column \"" + action.name +
                          "\" of " + action.relation.name + " is lost")
                   : derived(alter + "TYPE " + action.old_type);
    case set_not_null:
        return derived(alter + "DROP NOT NULL");
    case drop_not_null:
        return derived(alter + "SET NOT NULL");
    case add_identity:
        return derived(alter + "DROP IDENTITY");
    case drop_identity:
        return derived(alter + "ADD GENERATED AS IDENTITY");
    default:
        return derived(alter + "as it was");
    }
}

Reversal of_constraint(const Action &action)
{
    const std::string name = action.name.empty() ? "that it adds" : quote_identifier(action.name);
    if (action.kind == rename_constraint)
        return derived("RENAME CONSTRAINT " + quote_identifier(action.new_name) + " TO " + name);
    if (action.kind == alter_constraint)
        return derived("ALTER CONSTRAINT " + name + " as it was");
    return derived(std::string(action.kind == drop_constraint ? "ADD" : "DROP") + " CONSTRAINT " +
                   name);
}

// Rows of a table that this migration makes go with the table.
Reversal of_data(const Action &action)
{
    if (action.relation.is_new)
        return {};
    const std::string &name = action.relation.name;
    switch (action.kind) {
    case insert:
    case copy:
        return unknown("which rows of " + name + " it added is not kept");
    case update:
        return unknown("the values that rows of " + name + " had before are not kept");
    case merge:
        return unknown("what rows of " + name + " were before is not kept");
    case truncate:
        return action.relation.bytes > 0 || action.relation.kind == RelationKind::partitioned_table
                   ? lost("the rows of " + name + " are lost")
                   : Reversal();
    default:
        return lost("the rows that it deletes from " + name + " are lost");
    }
}

Reversal of_drop(const StudiedStatement &statement, const Action &action)
{
    const std::string object = action.relation.name.empty() ? action.name : action.relation.name;
    switch (action.kind) {
    case drop_table:
        return holds_data(statement, action.relation) ? lost("the rows of " + object + " are lost")
                                                      : derived("CREATE TABLE " + object);
    case drop_index:
        return derived("CREATE INDEX " + object);
    case drop_database:
        return lost("the database \"" + action.name + "\" is lost");
    case drop_owned:
        return lost("whatever the role owns is lost");
    default:
        break;
    }
    const bool takes_data =
        action.cascade &&
        std::any_of(statement.effects.begin(), statement.effects.end(), [](const Effect &effect) {
            return effect.lock == LockMode::access_exclusive && effect.relation.bytes > 0 &&
                   (effect.relation.kind == RelationKind::table ||
                    effect.relation.kind == RelationKind::partitioned_table);
        });
    if (takes_data && (action.object_type == "schema" || action.object_type == "type" ||
                       action.object_type == "domain" || action.object_type == "extension"))
        return lost("CASCADE drops tables or columns that hold data");
    return derived("CREATE " + action.object_type + " " + object);
}

Reversal of_rest(const StudiedStatement &statement, const Action &action)
{
    const std::string object = action.relation.name.empty() ? action.name : action.relation.name;
    if (is_one_of(action.kind, of_creations))
        return derived(action.replaces ? "the definition before" : "DROP of " + object);
    if (is_one_of(action.kind, of_renames))
        return derived("RENAME back to " + quote_identifier(action.name.empty()
                                                                ? bare_name(action.relation.name)
                                                                : action.name));
    if (is_one_of(action.kind, of_states))
        return derived("as it was before");
    switch (action.kind) {
    case create_table:
    case create_table_as:
        return derived("DROP TABLE " + object);
    case create_index:
        return derived("DROP INDEX " +
                       quote_identifier(action.name.empty() ? action.chosen_name : action.name));
    case attach_partition:
        return derived("DETACH PARTITION " + action.partition.name);
    case detach_partition:
        return derived("ATTACH PARTITION " + action.partition.name);
    case add_enum_value:
        if (action.relation.is_new)
            return {}; // the type goes, with all of its values
        return unknown("a value of an enum cannot be removed");
    case call:
    case execute: // of what this script has not prepared
        return unknown("what its code does cannot be told");
    case other:
        return unknown("there is no inverse known of " + statement.statement.tag);
    default:
        return {}; // REINDEX, ANALYZE, VALIDATE, SET, LOCK, SELECT, ...: the schema stays as it is
    }
}

} // namespace

} // namespace migrate
