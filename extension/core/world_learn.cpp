// What a statement does to the world, once it has been run.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/text.h"
#include "core/world.h"

namespace migrate {

namespace {

using enum ActionKind;

// The column of "c IS NOT NULL", or nothing.
std::string proven_column(const Action &check)
{
    static constexpr std::string_view tail = " is not null";
    const std::string condition = lower_ascii(trim(check.condition));
    const bool proves = check.columns.size() == 1 && condition.ends_with(tail) &&
                        condition.find(' ') == condition.size() - tail.size();
    return proves ? check.columns.front() : std::string();
}

bool makes_object(ActionKind kind)
{
    return kind == create_enum || kind == create_type || kind == create_domain ||
           kind == create_function;
}

const std::string &name_of_constraint(const Action &action)
{
    return action.name.empty() ? action.chosen_name : action.name;
}

// As the server names it, unless that is taken or too long.
std::string usual_name(const std::string &table, const std::vector<std::string> &columns,
                       const char *label)
{
    std::string name = bare_name(table);
    for (const std::string &column : columns)
        name += "_" + (column.empty() ? "expr" : column);
    return name + "_" + label;
}

// Of the index that comes with it; empty if there is none.
std::string name_of_index(const Action &action)
{
    const std::string &name = name_of_constraint(action);
    const std::string &table = action.relation.name;
    switch (action.kind) {
    case create_index:
        return name.empty() ? usual_name(table, action.columns, "idx") : name;
    case add_primary_key:
        return name.empty() ? usual_name(table, {}, "pkey") : name;
    case add_unique:
        return name.empty() ? usual_name(table, action.columns, "key") : name;
    case add_exclusion:
        return name;
    default:
        return {};
    }
}

// A trigger, rule or policy has its table for a relation.
bool is_about_relation(const Action &action)
{
    return action.object_type != "trigger" && action.object_type != "rule" &&
           action.object_type != "policy";
}

} // namespace

void World::learn_column(const Action &action)
{
    Changes &changes = changes_[key_of(action.relation)];
    const std::string &name = action.name;
    switch (action.kind) {
    case add_column:
        changes.columns.insert(name);
        changes.dropped_columns.erase(name);
        changes.nullable_columns.erase(name);
        if (action.not_null)
            changes.not_null_columns.insert(name);
        if (action.serial || action.identity)
            learn_part(action, usual_name(action.relation.name, {name}, "seq"),
                       RelationKind::sequence);
        break;
    case drop_column:
        changes.columns.erase(name);
        changes.dropped_columns.insert(name);
        changes.not_null_columns.erase(name);
        changes.types.erase(name);
        break;
    case rename_column:
        changes.columns.insert(action.new_name);
        changes.columns.erase(name);
        changes.dropped_columns.insert(name);
        changes.dropped_columns.erase(action.new_name);
        if (changes.not_null_columns.erase(name) > 0)
            changes.not_null_columns.insert(action.new_name);
        if (auto type = changes.types.extract(name)) {
            type.key() = action.new_name;
            changes.types.insert(std::move(type));
        }
        break;
    case alter_type:
        changes.types[name] = action.type;
        break;
    case set_not_null:
        changes.not_null_columns.insert(name);
        changes.nullable_columns.erase(name);
        break;
    default: // drop_not_null
        changes.not_null_columns.erase(name);
        changes.nullable_columns.insert(name);
    }
}

// What comes with a table, in the schema of the table.
void World::learn_part(const Action &action, const std::string &name, RelationKind kind)
{
    const std::string key =
        action.relation.qualified.empty() ? key_of(action.relation) : action.relation.qualified;
    const std::string schema =
        !action.schema.empty() ? action.schema + "." : key.substr(0, begin_of_last_part(key));
    Relation &part = made_[schema + quote_identifier(name)];
    part.kind = kind;
    part.is_new = true;
}

void World::learn_constraint(const Action &action)
{
    Changes &changes = changes_[key_of(action.relation)];
    const std::string &name = name_of_constraint(action);
    switch (action.kind) {
    case validate_constraint:
        changes.not_valid.erase(name);
        changes.proven.insert(name);
        return;
    case drop_constraint:
        changes.not_valid.erase(name);
        changes.proven.erase(name);
        changes.checks.erase(name);
        changes.conditions.erase(name);
        changes.constraints.erase(name);
        changes.dropped_constraints.insert(name);
        return;
    case add_check:
        changes.conditions[name] = std::string(trim(action.condition));
        if (const std::string column = proven_column(action); !column.empty())
            changes.checks[name] = column;
        break;
    case add_not_null:
        if (!action.columns.empty())
            changes.checks[name] = action.columns.front();
        break;
    case add_primary_key:
        changes.not_null_columns.insert(action.columns.begin(), action.columns.end());
        break;
    default:
        break;
    }
    if (const std::string index = name_of_index(action); !index.empty() && !action.using_index)
        learn_part(action, index, RelationKind::index);
    changes.constraints.insert(name);
    changes.dropped_constraints.erase(name);
    if (action.not_valid)
        changes.not_valid.insert(name);
    else
        changes.proven.insert(name);
}

// Under its new key it is what it was.
void World::move(const Action &action, const std::string &to)
{
    const std::string from = key_of(action.relation);
    if (const auto made = made_.find(from); made != made_.end()) {
        made_[to] = made->second;
        made_.erase(made);
        if (const auto changes = changes_.find(from); changes != changes_.end()) {
            changes_[to] = changes->second;
            changes_.erase(changes);
        }
    } else if (action.relation.id != 0 && schemas_.contains(to.substr(0, to.rfind('.')))) {
        moved_[to] = action.relation;
    }
}

void World::learn_relation(const Action &action)
{
    const std::string key = key_of(action.relation);
    const std::size_t last = begin_of_last_part(key);
    switch (action.kind) {
    case rename_table:
        return move(action, key.substr(0, last) + action.quoted_new_name);
    case rename_other:
        if (made_.contains(key))
            move(action, key.substr(0, last) + action.quoted_new_name);
        return;
    case set_schema: {
        const std::string &name =
            action.relation.qualified.empty() ? key : action.relation.qualified;
        return move(action, quote_identifier(action.new_name) + "." +
                                name.substr(begin_of_last_part(name)));
    }
    case create_index:
        return learn_part(action, name_of_index(action), RelationKind::index);
    default: // it is gone
        made_.erase(key);
        moved_.erase(key);
        changes_.erase(key);
    }
}

void World::learn_object(const Action &action)
{
    const std::string kind = class_of_object(action);
    if (action.kind == create_schema)
        schemas_.insert(quote_identifier(action.name));
    if (action.kind == drop_other && action.object_type == "schema")
        schemas_.erase(action.name);
    if (kind.empty())
        return;
    const std::string key = kind + new_key(action.name);
    if (action.kind == create_function && action.default_kind != DefaultKind::constant)
        code_.insert(new_key(action.name));
    if (makes_object(action.kind) && !action.replaces)
        objects_.insert(key);
    if (action.kind == drop_other)
        objects_.erase(key);
    const std::size_t last = begin_of_last_part(key);
    if (action.kind == rename_other && objects_.erase(key) > 0)
        objects_.insert(key.substr(0, last) + action.quoted_new_name);
    if (action.kind == set_schema && objects_.erase(key) > 0)
        objects_.insert(kind + quote_identifier(action.new_name) + "." + key.substr(last));
}

void World::learn_one(const Action &action)
{
    switch (action.kind) {
    case add_column:
    case drop_column:
    case rename_column:
    case alter_type:
    case set_not_null:
    case drop_not_null:
        return learn_column(action);
    case add_check:
    case add_not_null:
    case add_foreign_key:
    case add_unique:
    case add_primary_key:
    case add_exclusion:
    case validate_constraint:
    case drop_constraint:
        return learn_constraint(action);
    case rename_table:
    case rename_other:
    case set_schema:
    case create_index:
    case drop_table:
    case drop_index:
    case drop_other:
        if (is_about_relation(action))
            learn_relation(action);
        return;
    default:
        if (makes_relation(action.kind) && action.relation.id == 0)
            (made_[new_key(action.relation.name)] = action.relation).is_new = true;
    }
}

void World::learn(const std::vector<Action> &actions)
{
    for (const Action &action : actions) {
        if (!action.relation.name.empty())
            learn_one(action);
        else
            learn_object(action);
    }
}

} // namespace migrate
