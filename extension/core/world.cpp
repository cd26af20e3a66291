// SPDX-License-Identifier: PostgreSQL
#include "core/world.h"

#include "core/text.h"

namespace migrate {

namespace {

// The column of "c IS NOT NULL", or nothing.
std::string proven_column(const Action &check)
{
    static constexpr std::string_view tail = " is not null";
    const std::string condition = lower_ascii(trim(check.condition));
    const bool proves = check.columns.size() == 1 && condition.ends_with(tail) &&
                        condition.find(' ') == condition.size() - tail.size();
    return proves ? check.columns.front() : std::string();
}

bool makes_relation(ActionKind kind)
{
    return kind == ActionKind::create_table || kind == ActionKind::create_table_as ||
           kind == ActionKind::create_view || kind == ActionKind::create_materialized_view ||
           kind == ActionKind::create_sequence;
}

} // namespace

std::string World::key_of(const Relation &relation) const
{
    if (relation.id != 0)
        return "#" + std::to_string(relation.id);
    return relation.name.find('.') == std::string::npos ? default_schema_ + "." + relation.name
                                                        : relation.name;
}

void World::settle(Relation &relation) const
{
    if (relation.name.empty() || (relation.id != 0 && !gone_.contains(relation.id)))
        return;
    const std::string name = relation.name;
    Relation named;
    named.name = name;
    if (const auto found = renamed_.find(key_of(named)); found != renamed_.end()) {
        named = found->second;
        named.is_renamed = true;
    } else if (const auto made = made_.find(key_of(named)); made != made_.end())
        named = made->second;
    else if (relation.id == 0)
        return; // this very statement makes it, or nobody does
    relation = named;
    relation.name = name;
    relation.qualified.clear(); // the catalogs' name for it is not the one that it will have
}

void World::settle(std::vector<Action> &actions) const
{
    for (Action &action : actions) {
        const bool there = action.relation.id != 0;
        settle(action.relation);
        if (there && action.relation.id == 0)
            action.already_so = false;
        settle(action.referenced);
        settle(action.partition);
        for (Relation &read : action.reads)
            settle(read);
    }
}

// Nothing has this name any more.
void World::forget(const Relation &relation)
{
    Relation named;
    named.name = relation.name;
    made_.erase(key_of(named));
    renamed_.erase(key_of(named));
    if (relation.id != 0)
        gone_.insert(relation.id);
}

void World::learn(const Action &action)
{
    Changes &changes = changes_[key_of(action.relation)];
    switch (action.kind) {
    case ActionKind::add_column:
        changes.columns.insert(action.name);
        if (action.not_null)
            changes.not_null_columns.insert(action.name);
        break;
    case ActionKind::drop_column:
        changes.columns.erase(action.name);
        break;
    case ActionKind::set_not_null:
        changes.not_null_columns.insert(action.name);
        break;
    case ActionKind::drop_not_null:
        changes.not_null_columns.erase(action.name);
        break;
    case ActionKind::add_check: {
        const std::string name = action.name.empty() ? action.chosen_name : action.name;
        if (const std::string column = proven_column(action); !column.empty())
            changes.checks[name] = column;
        if (action.not_valid)
            changes.not_valid.insert(name);
        else
            changes.proven.insert(name);
        break;
    }
    case ActionKind::add_foreign_key:
    case ActionKind::add_not_null:
        if (action.not_valid)
            changes.not_valid.insert(action.name.empty() ? action.chosen_name : action.name);
        break;
    case ActionKind::validate_constraint:
        changes.not_valid.erase(action.name);
        changes.proven.insert(action.name);
        break;
    case ActionKind::drop_constraint:
        changes.not_valid.erase(action.name);
        changes.proven.erase(action.name);
        break;
    case ActionKind::rename_table: {
        Relation renamed = action.relation;
        Relation named;
        const std::size_t dot = action.relation.name.rfind('.');
        named.name = (dot == std::string::npos ? "" : action.relation.name.substr(0, dot + 1)) +
                     action.quoted_new_name;
        forget(action.relation);
        (renamed.is_new ? made_ : renamed_)[key_of(named)] = renamed;
        break;
    }
    case ActionKind::drop_table:
    case ActionKind::set_schema:
        forget(action.relation);
        break;
    default:
        if (makes_relation(action.kind) && action.relation.id == 0)
            (made_[key_of(action.relation)] = action.relation).is_new = true;
    }
}

void World::learn(const std::vector<Action> &actions)
{
    for (const Action &action : actions)
        if (!action.relation.name.empty())
            learn(action);
}

bool World::has_new_column(const Relation &relation, const std::string &column) const
{
    const auto found = changes_.find(key_of(relation));
    return found != changes_.end() && found->second.columns.contains(column);
}

bool World::is_proven_not_null(const Relation &relation, const std::string &column) const
{
    const auto found = changes_.find(key_of(relation));
    if (found == changes_.end())
        return false;
    const Changes &changes = found->second;
    if (changes.not_null_columns.contains(column))
        return true;
    for (const auto &[constraint, proves] : changes.checks)
        if (proves == column && changes.proven.contains(constraint))
            return true;
    return false;
}

bool World::is_unproven_constraint(const Relation &relation, const std::string &constraint) const
{
    const auto found = changes_.find(key_of(relation));
    return found != changes_.end() && found->second.not_valid.contains(constraint);
}

} // namespace migrate
