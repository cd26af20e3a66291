// SPDX-License-Identifier: PostgreSQL
#include "core/doubts.h"

#include <algorithm>

#include "core/identifier.h"
#include "core/text.h"

namespace migrate {

namespace {

using enum ActionKind;

bool makes_relation(ActionKind kind)
{
    return kind == create_table || kind == create_table_as || kind == create_view ||
           kind == create_materialized_view || kind == create_sequence;
}

bool changes_shape(ActionKind kind)
{
    static constexpr ActionKind kinds[] = {
        create_index,     add_check,        add_not_null,    add_foreign_key,   add_unique,
        add_primary_key,  add_exclusion,    drop_constraint, rename_constraint, add_column,
        drop_column,      rename_column,    alter_type,      rename_table,      set_schema,
        attach_partition, detach_partition, inherit,         set_not_null,      drop_not_null};
    return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

bool watches(ActionKind kind)
{
    return kind == create_trigger || kind == create_rule || kind == create_policy || kind == other;
}

// The server chooses names on the partitions for what the partitioned table gets.
bool names_partitions(const Action &action)
{
    static constexpr ActionKind kinds[] = {create_index, add_unique, add_primary_key, add_exclusion,
                                           add_foreign_key};
    return (action.relation.kind == RelationKind::partitioned_table && !action.only &&
            std::find(std::begin(kinds), std::end(kinds), action.kind) != std::end(kinds)) ||
           action.kind == attach_partition;
}

bool is_path(const std::string &setting)
{
    return setting == "search_path" || setting == "role" || setting == "session_authorization";
}

} // namespace

// ---- looking ahead ---------------------------------------------------------------------------------------

bool DoubtsOfScript::is_hidden(const Relation &relation) const
{
    const std::string name = bare_name(relation.name);
    return std::any_of(named_.begin(), named_.end(), [&](const auto &one) {
        return one.first == name && one.second != relation.id;
    });
}

void DoubtsOfScript::settle(Relation &relation, bool unqualified) const
{
    if (relation.id == 0)
        return;
    relation.doubts.target = unqualified && (path_lost_ || is_hidden(relation));
    relation.doubts.names =
        names_lost_ || freed_.contains(relation.id) || (partitions_named_ && relation.is_partition);
    relation.doubts.shape = changed_.contains(relation.id);
    relation.doubts.watchers = watched_.contains(relation.id);
    relation.doubts.partitions =
        partitions_moved_ && relation.kind == RelationKind::partitioned_table;
}

void DoubtsOfScript::settle(std::vector<Action> &actions) const
{
    for (Action &action : actions) {
        settle(action.relation, action.unqualified);
        settle(action.partition, true);
        settle(action.referenced, true);
    }
}

// ---- learning --------------------------------------------------------------------------------------------

void DoubtsOfScript::learn_path(const Statement &statement, const Action &action)
{
    if (action.kind == set_setting && is_path(action.name)) {
        sets_path_ = true;
        path_lost_ = path_lost_ || action.local || action.name != "search_path";
    }
    const bool gone = (action.kind == drop_other || action.kind == rename_other) &&
                      action.object_type == "schema";
    path_lost_ = path_lost_ || gone || action.kind == drop_owned;
    // RESET ALL, DISCARD ALL.
    if (sets_path_ &&
        ((action.kind == set_setting && action.name.empty()) || statement.tag == "DISCARD ALL"))
        path_lost_ = true;
}

void DoubtsOfScript::learn_names(const Action &action)
{
    if (makes_relation(action.kind))
        named_.emplace(bare_name(action.relation.name), 0);
    if (action.kind == rename_table || action.kind == rename_other)
        named_.emplace(action.new_name, action.relation.id);
    if (action.kind == set_schema)
        named_.emplace(bare_name(action.relation.name), action.relation.id);
    const bool renames_new = (action.kind == rename_index || action.kind == rename_constraint) &&
                             action.relation.id == 0;
    names_lost_ = names_lost_ || action.cascade || action.kind == detach_partition || renames_new;
    if (action.kind == drop_column)
        freed_.insert(action.relation.id);
    partitions_named_ = partitions_named_ || names_partitions(action);
}

void DoubtsOfScript::learn_relation(const Action &action)
{
    const std::uint32_t relation = action.relation.id;
    const bool moves =
        action.kind == rename_table || action.kind == set_schema || action.kind == drop_table;
    partitions_moved_ = partitions_moved_ || action.kind == attach_partition ||
                        action.kind == detach_partition || (moves && action.relation.is_partition);
    if (relation != 0 && watches(action.kind))
        watched_.insert(relation);
    if (!changes_shape(action.kind))
        return;
    if (relation != 0)
        changed_.insert(relation);
    if (action.partition.id != 0)
        changed_.insert(action.partition.id);
}

void DoubtsOfScript::learn(const Statement &statement, const std::vector<Action> &actions)
{
    // ROLLBACK TO SAVEPOINT takes settings back.
    if (sets_path_ && statement.role == Role::savepoint &&
        lower_ascii(trim(statement.text)).starts_with("rollback"))
        path_lost_ = true;
    for (const Action &action : actions) {
        learn_path(statement, action);
        learn_names(action);
        learn_relation(action);
    }
}

} // namespace migrate
