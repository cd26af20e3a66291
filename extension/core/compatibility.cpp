// Whether code of the previous release goes on, and classes.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"

#include "core/identifier.h"
#include "core/type_change.h"

#include <algorithm>

namespace migrate {

namespace {

using enum ActionKind;

Compatibility of_name(const Action &action);
Compatibility of_column(const Action &action);
Compatibility of_constraint(const Action &action);
Compatibility of_rest(const StudiedStatement &statement, const Action &action);
bool changes_rows(const Study &study);

bool takes_name(ActionKind kind)
{
    return kind == rename_table || kind == drop_table || kind == rename_other ||
           kind == drop_other || kind == set_schema;
}

// Quoted and perhaps qualified, or bare: what is left to compare is the last part.
std::string name_taken(const Action &action)
{
    return bare_name(action.relation.name.empty() ? action.name : action.relation.name);
}

bool gives_name(const Action &action, const std::string &name)
{
    switch (action.kind) {
    case rename_table:
    case rename_other:
        return action.new_name == name;
    case create_table:
    case create_table_as:
    case create_view:
    case create_materialized_view:
    case create_function:
    case create_enum:
    case create_type:
    case create_domain:
    case create_sequence:
        return name_taken(action) == name;
    default:
        return false;
    }
}

} // namespace

std::string_view name_of(OldCode verdict)
{
    switch (verdict) {
    case OldCode::works:
        return "works";
    case OldCode::may_fail:
        return "may fail";
    case OldCode::fails:
        break;
    }
    return "fails";
}

std::string_view name_of(MigrationClass migration)
{
    switch (migration) {
    case MigrationClass::additive:
        return "additive";
    case MigrationClass::data:
        return "data";
    case MigrationClass::breaking:
        return "breaking";
    case MigrationClass::irreversible:
        break;
    }
    return "irreversible";
}

bool runs_code(const StudiedStatement &statement)
{
    static constexpr ActionKind maintenance[] = {vacuum, vacuum_full, analyze, cluster, reindex};
    return statement.opaque &&
           (statement.actions.empty() ||
            std::any_of(statement.actions.begin(), statement.actions.end(), [](const Action &one) {
                return std::find(std::begin(maintenance), std::end(maintenance), one.kind) ==
                       std::end(maintenance);
            }));
}

Compatibility compatibility_of(const Study &study, const StudiedStatement &statement,
                               const Action &action)
{
    // Nobody uses what this script has made, or what is not there.
    const Relation &relation = action.relation;
    if (action.already_so || relation.is_new || relation.is_temporary ||
        (relation.id == 0 && !relation.name.empty()))
        return {};
    if (is_unnoticed(study, statement, action))
        return {};
    if (takes_name(action.kind))
        return is_replaced(study, statement, action) ? Compatibility() : of_name(action);
    Compatibility found = of_column(action);
    if (found.verdict == OldCode::works)
        found = of_constraint(action);
    return found.verdict == OldCode::works ? of_rest(statement, action) : found;
}

Compatibility compatibility_of(const Study &study, const StudiedStatement &statement)
{
    Compatibility worst;
    for (const Action &action : statement.actions) {
        Compatibility one = compatibility_of(study, statement, action);
        if (one.verdict > worst.verdict)
            worst = std::move(one);
    }
    if (runs_code(statement) && worst.verdict == OldCode::works)
        worst = {OldCode::may_fail, "what its code does cannot be told"};
    return worst;
}

Compatibility compatibility_of(const Study &study)
{
    Compatibility worst;
    for (const StudiedStatement &statement : study.statements) {
        Compatibility one = compatibility_of(study, statement);
        if (one.verdict <= worst.verdict)
            continue;
        worst = std::move(one);
        worst.reason = "statement " + std::to_string(statement.number) + ": " + worst.reason;
    }
    return worst;
}

bool is_replaced(const Study &study, const StudiedStatement &statement, const Action &action)
{
    if (statement.group < 0 || action.kind == set_schema)
        return false;
    const std::string name = name_taken(action);
    return std::any_of(
        study.statements.begin(), study.statements.end(), [&](const StudiedStatement &later) {
            return later.number > statement.number && later.group == statement.group &&
                   std::any_of(later.actions.begin(), later.actions.end(),
                               [&](const Action &one) { return gives_name(one, name); });
        });
}

MigrationClass class_of(const Study &study)
{
    const Reversal reversal = reversal_of(study);
    const bool rows = changes_rows(study);
    const bool enum_value =
        std::any_of(study.statements.begin(), study.statements.end(), [](const auto &statement) {
            return std::any_of(statement.actions.begin(), statement.actions.end(),
                               [](const Action &action) {
                                   return action.kind == add_enum_value && !action.already_so &&
                                          !action.relation.is_new;
                               });
        });
    if (reversal.way == WayBack::lost || (reversal.way == WayBack::unknown && enum_value))
        return MigrationClass::irreversible;
    if (compatibility_of(study).verdict == OldCode::fails)
        return MigrationClass::breaking;
    return rows ? MigrationClass::data : MigrationClass::additive;
}

namespace {

Compatibility fails(std::string reason)
{
    return {OldCode::fails, std::move(reason)};
}

Compatibility may_fail(std::string reason)
{
    return {OldCode::may_fail, std::move(reason)};
}

// "object" is one of the kinds that applications seldom name: statistics, casts, operator classes, roles.
bool is_used_by_name(const Action &action)
{
    static constexpr std::string_view unused[] = {
        "index",  "constraint",  "trigger",      "policy", "rule",
        "object", "publication", "subscription", "column", "attribute"};
    return std::find(std::begin(unused), std::end(unused), action.object_type) == std::end(unused);
}

Compatibility of_name(const Action &action)
{
    std::string name = action.relation.name.empty() ? action.name : action.relation.name;
    if (name.empty())
        name = "an object";
    switch (action.kind) {
    case drop_table:
        return fails(name + " is gone");
    case rename_table:
        return fails(name + " has another name");
    case set_schema:
        return fails(name + " is in another schema");
    default:
        break;
    }
    if (!is_used_by_name(action))
        return {};
    return fails(action.object_type + " " + name +
                 (action.kind == rename_other ? " has another name" : " is gone"));
}

bool is_required(const Action &action)
{
    return (action.not_null || action.primary_key) && action.default_kind == DefaultKind::none &&
           action.default_text.empty() && !action.identity && !action.serial && !action.stored;
}

Compatibility of_type(const Action &action)
{
    const std::string what = "column \"" + action.name + "\" of " + action.relation.name;
    switch (compare_types(action.old_type, action.type)) {
    case TypeChange::wider:
        return {};
    case TypeChange::narrower:
        return may_fail(what + " takes fewer values");
    case TypeChange::other:
        return fails(what + " has another kind of value");
    case TypeChange::unknown:
        break;
    }
    return may_fail(what + " has another type");
}

Compatibility of_column(const Action &action)
{
    const std::string what = "column \"" + action.name + "\" of " + action.relation.name;
    switch (action.kind) {
    case add_column:
        return is_required(action) ? fails("INSERTs without " + what + " are refused")
                                   : Compatibility();
    case drop_column:
        return fails(what + " is gone");
    case rename_column:
        return fails(what + " has another name");
    case alter_type:
        return of_type(action);
    case set_not_null:
    case add_not_null:
        return may_fail(what + " takes no NULL");
    case drop_not_null:
        return may_fail(what + " may hold NULL");
    case drop_default:
    case drop_identity:
        return may_fail(what + " has no default");
    case drop_expression:
        return may_fail(what + " is no longer computed");
    default:
        return {};
    }
}

Compatibility of_constraint(const Action &action)
{
    switch (action.kind) {
    case add_check:
    case add_foreign_key:
    case add_unique:
    case add_primary_key:
    case add_exclusion:
        // Behind a new column nothing that old code writes can violate it.
        return action.constraint_of_column || action.using_index
                   ? Compatibility()
                   : may_fail("rows that violate the new constraint of " + action.relation.name +
                              " are refused");
    case create_index:
        return action.unique ? may_fail("rows that are not unique in " + action.relation.name +
                                        " are refused")
                             : Compatibility();
    case drop_index:
    case drop_constraint:
        return action.unique || action.primary_key ? may_fail("ON CONFLICT on what was unique in " +
                                                              action.relation.name + " fails")
                                                   : Compatibility();
    case domain_constraint:
        return may_fail("values that violate the new constraint of domain \"" + action.name +
                        "\" are refused");
    default:
        return {};
    }
}

Compatibility of_rest(const StudiedStatement &statement, const Action &action)
{
    switch (action.kind) {
    case rename_enum_value:
        return fails("value " + quote_literal(action.value) + " of enum \"" + action.name +
                     "\" has another name");
    case drop_database:
        return fails("the database is gone");
    case drop_owned:
        return fails("whatever the role owned is gone");
    case detach_partition:
        return may_fail("rows of " + action.partition.name + " are not seen in " +
                        action.relation.name);
    case alter_composite:
        return may_fail("type \"" + action.name + "\" has other attributes");
    case grant:
        return statement.statement.tag == "REVOKE" ? may_fail("rights are gone") : Compatibility();
    case create_policy:
    case create_rule:
        return may_fail("what " + action.relation.name + " shows or takes depends on it");
    case call:
        return may_fail("what its code does cannot be told");
    default:
        return {};
    }
}

bool changes_rows(const Study &study)
{
    static constexpr ActionKind kinds[] = {insert, update,   delete_rows, merge,
                                           copy,   truncate, call};
    for (const StudiedStatement &statement : study.statements)
        for (const Action &action : statement.actions)
            if (!action.relation.is_new && !action.relation.is_temporary &&
                std::find(std::begin(kinds), std::end(kinds), action.kind) != std::end(kinds))
                return true;
    return false;
}

} // namespace

} // namespace migrate
