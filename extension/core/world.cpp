// SPDX-License-Identifier: PostgreSQL
#include "core/world.h"

#include <algorithm>

#include "core/identifier.h"
#include "core/text.h"

namespace migrate {

namespace {

using enum ActionKind;

bool is_qualified(const std::string &name)
{
    return begin_of_last_part(name) > 0;
}

} // namespace

std::string World::class_of_object(const Action &action)
{
    switch (action.kind) {
    case create_enum:
    case add_enum_value:
    case rename_enum_value:
    case create_type:
    case alter_composite:
    case create_domain:
    case domain_constraint:
        return "type ";
    case create_function:
        return "function ";
    case drop_other:
    case rename_other:
    case set_schema:
        break;
    default:
        return {};
    }
    if (!action.relation.name.empty())
        return {};
    const std::string &type = action.object_type;
    return type == "type" || type == "domain"                               ? "type "
           : type == "function" || type == "procedure" || type == "routine" ? "function "
           : type == "schema"                                               ? "schema "
                                                                            : "";
}

bool World::makes_relation(ActionKind kind)
{
    return kind == create_table || kind == create_table_as || kind == create_view ||
           kind == create_materialized_view || kind == create_sequence;
}

// ---- keys: "#oid" of what the catalogs have, "schema.name" of what they do not ---------------------------------

std::string World::new_key(const std::string &name) const
{
    return is_qualified(name) || search_path_.empty() ? name : search_path_.front() + "." + name;
}

std::string World::key_of(const Relation &relation) const
{
    if (relation.id != 0)
        return "#" + std::to_string(relation.id);
    if (!is_qualified(relation.name))
        for (const std::string &schema : search_path_)
            if (const std::string key = schema + "." + relation.name;
                made_.contains(key) || moved_.contains(key))
                return key;
    return new_key(relation.name);
}

const World::Changes *World::changes_of(const Relation &relation) const
{
    const auto found = changes_.find(key_of(relation));
    return found != changes_.end() ? &found->second : nullptr;
}

// ---- looking ahead ---------------------------------------------------------------------------------------------

void World::settle(Relation &relation) const
{
    if (relation.name.empty() || relation.id != 0)
        return;
    const std::string key = key_of(relation), name = relation.name;
    if (const auto moved = moved_.find(key); moved != moved_.end()) {
        relation = moved->second;
        relation.qualified = key;
        relation.is_renamed = true;
    } else if (const auto made = made_.find(key); made != made_.end())
        relation = made->second;
    relation.name = name;
}

void World::settle_object(Action &action) const
{
    const std::string kind = class_of_object(action);
    if (kind.empty() || action.name.empty())
        return;
    const bool made = kind == "schema " ? schemas_.contains(action.name)
                                        : objects_.contains(kind + new_key(action.name));
    if (made) {
        action.relation.is_new = true;
        action.already_so = false;
    }
}

// What the catalogs say proves it is still there.  A statement drops first, and a CHECK goes with any of its
// columns.
bool World::keeps_proof(const std::vector<Action> &statement, const Action &action) const
{
    std::set<std::string> constraints, columns;
    if (const Changes *changes = changes_of(action.relation); changes != nullptr) {
        constraints = changes->dropped_constraints;
        columns = changes->dropped_columns;
    }
    for (const Action &other : statement)
        if (key_of(other.relation) == key_of(action.relation)) {
            if (other.kind == drop_constraint)
                constraints.insert(other.name);
            if (other.kind == drop_column)
                columns.insert(other.name);
        }
    if (constraints.empty() && columns.empty())
        return true;
    return columns.empty() &&
           std::any_of(action.proofs.begin(), action.proofs.end(),
                       [&](const std::string &proof) { return !constraints.contains(proof); });
}

void World::settle_state(Action &action) const
{
    if (makes_relation(action.kind) && action.if_exists && made_.contains(key_of(action.relation)))
        action.already_so = true;
    if (action.kind == create_index && action.if_exists && !action.name.empty()) {
        Relation index;
        index.name = quote_identifier(action.name);
        action.already_so = action.already_so || made_.contains(key_of(index));
    }
    if ((action.kind == drop_table || action.kind == drop_index || action.kind == drop_other ||
         action.kind == rename_table || action.kind == set_schema) &&
        (action.relation.is_new || action.relation.is_renamed))
        action.already_so = false;
    const Changes *changes = changes_of(action.relation);
    if (action.relation.name.empty() || changes == nullptr)
        return;
    const std::string &name = action.name;
    if (action.kind == add_column)
        action.already_so = (action.already_so && !changes->dropped_columns.contains(name)) ||
                            changes->columns.contains(name);
    if (action.kind == drop_column && action.if_exists)
        action.already_so = (action.already_so && !changes->columns.contains(name)) ||
                            changes->dropped_columns.contains(name);
    if (action.kind == drop_constraint && action.if_exists)
        action.already_so = (action.already_so && !changes->constraints.contains(name)) ||
                            changes->dropped_constraints.contains(name);
    if (action.kind == set_not_null) {
        const bool nullable =
            changes->nullable_columns.contains(name) ||
            (changes->columns.contains(name) && !changes->not_null_columns.contains(name));
        action.already_so =
            (action.already_so && !nullable) || changes->not_null_columns.contains(name);
        action.proven = action.proven && !nullable;
    }
}

// As it is when the constraints of the same statement are added.
std::string World::type_of(const Relation &relation, const std::string &column,
                           const std::string &before, const std::vector<Action> &actions) const
{
    for (const Action &other : actions)
        if (other.kind == alter_type && other.name == column &&
            key_of(other.relation) == key_of(relation))
            return other.type;
    const Changes *changes = changes_of(relation);
    if (changes == nullptr)
        return before;
    const auto found = changes->types.find(column);
    return found != changes->types.end() ? found->second : before;
}

// The first pair of columns of a foreign key whose types differ.
void World::settle_types(Action &action, const std::vector<Action> &actions) const
{
    const std::size_t count = std::min(action.column_types.size(), action.referenced_types.size());
    for (std::size_t i = 0; i < count && action.mismatched_type.empty(); i++) {
        const std::string &column = action.columns[i], &key = action.referenced_columns[i];
        const std::string mine = type_of(action.relation, column, action.column_types[i], actions);
        const std::string theirs =
            type_of(action.referenced, key, action.referenced_types[i], actions);
        if (!mine.empty() && !theirs.empty() && mine != theirs)
            action.mismatched_type = column + " " + mine + ", " + key + " " + theirs;
    }
}

void World::settle(std::vector<Action> &actions) const
{
    for (Action &action : actions) {
        settle(action.relation);
        settle(action.referenced);
        settle(action.partition);
        for (Relation &read : action.reads)
            settle(read);
        settle_object(action);
        settle_state(action);
        if (action.kind == set_not_null || action.kind == add_not_null)
            action.proven = action.proven && keeps_proof(actions, action);
    }
    for (Action &action : actions)
        settle_types(action, actions);
}

// ---- questions -------------------------------------------------------------------------------------------------

bool World::has_new_column(const Relation &relation, const std::string &column) const
{
    const Changes *changes = changes_of(relation);
    return changes != nullptr && changes->columns.contains(column);
}

bool World::is_proven_not_null(const Relation &relation, const std::string &column) const
{
    const Changes *changes = changes_of(relation);
    if (changes == nullptr)
        return false;
    if (changes->not_null_columns.contains(column))
        return true;
    return std::any_of(changes->checks.begin(), changes->checks.end(), [&](const auto &check) {
        return check.second == column && changes->proven.contains(check.first);
    });
}

bool World::is_proven(const Relation &relation, const std::string &condition) const
{
    const Changes *changes = changes_of(relation);
    return changes != nullptr && !condition.empty() &&
           std::any_of(changes->conditions.begin(), changes->conditions.end(),
                       [&](const auto &one) {
                           return one.second == condition && changes->proven.contains(one.first);
                       });
}

bool World::is_unproven_constraint(const Relation &relation, const std::string &constraint) const
{
    const Changes *changes = changes_of(relation);
    return changes != nullptr && changes->not_valid.contains(constraint);
}

bool World::is_new_code(const std::string &function) const
{
    if (is_qualified(function))
        return code_.contains(function);
    return std::any_of(search_path_.begin(), search_path_.end(), [&](const std::string &schema) {
        return code_.contains(schema + "." + function);
    });
}

} // namespace migrate
