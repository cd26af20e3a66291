// The way back of each action.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/identifier.h"
#include "core/type_change.h"

#include <algorithm>

namespace migrate {

namespace {

using enum ActionKind;

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
    switch (action.kind) {
    case add_column:
    case drop_column:
    case rename_column:
    case alter_type:
    case set_default:
    case drop_default:
    case set_not_null:
    case drop_not_null:
    case add_identity:
    case drop_identity:
    case set_expression:
    case drop_expression:
        return of_column(statement, action);
    case add_check:
    case add_not_null:
    case add_foreign_key:
    case add_unique:
    case add_primary_key:
    case add_exclusion:
    case drop_constraint:
    case alter_constraint:
    case rename_constraint:
        return of_constraint(action);
    case insert:
    case update:
    case delete_rows:
    case merge:
    case copy:
    case truncate:
        return of_data(action);
    case drop_table:
    case drop_index:
    case drop_other:
    case drop_database:
    case drop_owned:
        return of_drop(statement, action);
    default:
        return of_rest(statement, action);
    }
}

Reversal reversal_of(const StudiedStatement &statement)
{
    Reversal worst;
    if (statement.opaque)
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
    switch (action.kind) {
    case create_table:
    case create_table_as:
        return derived("DROP TABLE " + object);
    case create_index:
        return derived("DROP INDEX " + quote_identifier(action.name));
    case rename_table:
    case rename_index:
    case rename_other:
    case rename_enum_value:
        return derived("RENAME back to " + quote_identifier(action.name.empty()
                                                                ? bare_name(action.relation.name)
                                                                : action.name));
    case create_enum:
    case create_type:
    case create_domain:
    case create_view:
    case create_materialized_view:
    case create_sequence:
    case create_function:
    case create_trigger:
    case create_rule:
    case create_policy:
    case create_schema:
    case create_extension:
        return derived(action.replaces ? "the definition before" : "DROP of " + object);
    case set_schema:
    case inherit:
    case set_persistence:
    case set_tablespace:
    case set_access_method:
    case set_options:
    case alter_composite:
    case domain_constraint:
    case change_owner:
    case grant:
    case comment:
    case create_other:
        return derived("as it was before");
    case attach_partition:
        return derived("DETACH PARTITION " + action.partition.name);
    case detach_partition:
        return derived("ATTACH PARTITION " + action.partition.name);
    case add_enum_value:
        return unknown("a value of an enum cannot be removed");
    case call:
        return unknown("what its code does cannot be told");
    case other:
        return unknown("there is no inverse known of " + statement.statement.tag);
    default:
        return {}; // REINDEX, ANALYZE, VALIDATE, SET, LOCK, SELECT, ...: the schema stays as it is
    }
}

} // namespace

} // namespace migrate
