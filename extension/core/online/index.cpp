// Indexes: CONCURRENTLY.
// SPDX-License-Identifier: PostgreSQL
#include "core/online/online.h"

#include <algorithm>

namespace migrate::online {

namespace {

bool is_large(const Context &context)
{
    return context.whatever_size || context.statement.relation_bytes > context.small_table;
}

bool can_be_built(const Action &action)
{
    const RelationKind kind = action.relation.kind;
    const bool partitioned = kind == RelationKind::partitioned_table;
    return (kind == RelationKind::table || kind == RelationKind::materialized_view ||
            (partitioned && !action.only)) &&
           !(action.already_so && action.if_exists && !action.left_invalid);
}

bool can_be_dropped(const Context &context, const Action &action)
{
    return context.statement.actions.size() == 1 && action.relation.kind == RelationKind::index &&
           !action.relation.is_partition && !action.cascade && !action.using_index;
}

bool can_be_reindexed(const Action &action)
{
    const bool known = action.object_type == "index" || action.object_type == "table";
    return known && !action.has_exclusion && action.relation.id != 0 &&
           action.relation.kind != RelationKind::unknown;
}

bool is_possible(const Context &context, const Action &action)
{
    if (action.concurrently || action.relation.id == 0 || action.relation.is_new ||
        action.relation.is_temporary || action.definition.empty() || action.relation.doubts.target)
        return false;
    if (action.kind == ActionKind::create_index && action.name.empty() &&
        action.relation.doubts.names)
        return false;
    switch (action.kind) {
    case ActionKind::create_index:
        return can_be_built(action);
    case ActionKind::drop_index:
        return can_be_dropped(context, action);
    default:
        return can_be_reindexed(action);
    }
}

} // namespace

std::vector<Part> index_parts(const Context &context)
{
    const Action &action = context.statement.actions.front();
    if (!is_possible(context, action) || !is_large(context))
        return {};
    Part part;
    part.statements = {action.definition};
    if (action.kind == ActionKind::create_index) {
        part.undo = {"DROP INDEX CONCURRENTLY IF EXISTS " + action.schema + "." + name_of(action)};
        if (action.unique && !action.columns.empty() && !action.has_condition &&
            action.columns.end() ==
                std::find(action.columns.begin(), action.columns.end(), std::string()))
            part.bad_rows = duplicate_rows(action);
    }
    return {part};
}

} // namespace migrate::online
