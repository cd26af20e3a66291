// UNIQUE and PRIMARY KEY: a unique index built beside the application's writes, then the constraint over it.
// SPDX-License-Identifier: PostgreSQL
#include "core/online/online.h"

namespace migrate::online {

namespace {

std::string plain_name(const Action &action)
{
    return action.name.empty() ? action.chosen_name : action.name;
}

Part index_part(const Action &action, const std::string &name)
{
    Part part;
    part.statements = {
        "CREATE UNIQUE INDEX CONCURRENTLY " + quote_identifier(name) + " ON " +
        sql_name(action.relation) + " " + action.definition +
        (action.value.empty() ? "" : " TABLESPACE " + quote_identifier(action.value))};
    part.undo = {"DROP INDEX CONCURRENTLY IF EXISTS " + action.schema + "." +
                 quote_identifier(name)};
    part.bad_rows = duplicate_rows(action);
    return part;
}

std::string over_index(const Action &action, const std::string &name, const std::string &index)
{
    return "ADD CONSTRAINT " + quote_identifier(name) +
           (action.kind == ActionKind::add_primary_key ? " PRIMARY KEY" : " UNIQUE") +
           " USING INDEX " + quote_identifier(index) + (action.deferrable ? " DEFERRABLE" : "") +
           (action.initially_deferred ? " INITIALLY DEFERRED" : "");
}

// What a primary key needs of its columns first.
struct NotNull
{
    std::vector<Part> proofs;
    std::vector<std::string> leftovers; // to be dropped when it is there
};

NotNull columns_not_null(const Context &context, const Action &action)
{
    NotNull needed;
    for (const std::string &column : action.nullable_columns) {
        std::vector<Part> parts = not_null_parts(context, action, column);
        if (!context.facts.not_null_constraints) {
            needed.leftovers.push_back(parts.back().statements.back());
            parts.pop_back();
        }
        std::move(parts.begin(), parts.end(), std::back_inserter(needed.proofs));
    }
    return needed;
}

// The server refuses a second one at once, not after an index was built.
bool is_second_primary_key(const Context &context, const Action &action)
{
    return action.kind == ActionKind::add_primary_key && action.relation.id != 0 &&
           !action.relation.doubts.shape && !context.drops_constraint_of(action.relation) &&
           context.facts.has_primary_key(action.relation);
}

bool is_possible(const Context &context, const Action &action)
{
    return !is_second_primary_key(context, action) && !action.using_index &&
           !action.without_overlaps && !action.definition.empty() && !plain_name(action).empty() &&
           !action.already_so &&
           !(action.only && action.relation.has_children && !action.nullable_columns.empty()) &&
           context.is_heavy(action.relation);
}

// The table's own constraint finds those of its leaves and takes them over.
Change through_leaves(const Context &context, const Action &action)
{
    Change change;
    if (action.only || action.relation.doubts.partitions)
        return change;
    const std::vector<Facts::Leaf> leaves = context.facts.leaves(action);
    if (leaves.empty())
        return change;
    // From 18 on, NOT NULL has a name, and the partitions' is that of the table.
    const bool in_table = context.facts.not_null_constraints;
    if (in_table)
        change.before = columns_not_null(context, action).proofs;
    for (const Facts::Leaf &leaf : leaves) {
        Action own = action;
        own.relation = leaf.relation;
        own.schema = leaf.schema;
        const NotNull needed = in_table ? NotNull{} : columns_not_null(context, own);
        change.before.insert(change.before.end(), needed.proofs.begin(), needed.proofs.end());
        change.before.push_back(index_part(own, leaf.key_name));
        Part constraint;
        constraint.statements = {alter(own, over_index(own, leaf.key_name, leaf.key_name))};
        constraint.undo = {
            alter(own, "DROP CONSTRAINT IF EXISTS " + quote_identifier(leaf.key_name))};
        constraint.statements.insert(constraint.statements.end(), needed.leftovers.begin(),
                                     needed.leftovers.end());
        change.before.push_back(constraint);
    }
    change.instead = action.text;
    change.changes = true;
    return change;
}

} // namespace

std::string duplicate_rows(const Action &action)
{
    const std::string columns = quote_identifiers(action.columns);
    std::string present;
    for (const std::string &column : action.columns)
        present +=
            (present.empty() ? " WHERE " : " AND ") + quote_identifier(column) + " IS NOT NULL";
    return "SELECT " + columns + ", count(*) FROM " + sql_name(action.relation) +
           (action.nulls_not_distinct ? "" : present) + " GROUP BY " + columns +
           " HAVING count(*) > 1";
}

std::vector<Part> key_parts(const Context &context, const Action &action)
{
    const std::string name = plain_name(action);
    NotNull needed = columns_not_null(context, action);
    std::vector<Part> parts = std::move(needed.proofs);
    parts.push_back(index_part(action, name));
    Part constraint;
    constraint.statements = {alter(action, over_index(action, name, name))};
    constraint.undo = undo_of_constraint(action);
    constraint.statements.insert(constraint.statements.end(), needed.leftovers.begin(),
                                 needed.leftovers.end());
    parts.push_back(constraint);
    return parts;
}

Change change_key(const Context &context, const Action &action)
{
    Change change;
    if (!is_possible(context, action))
        return change;
    if (action.relation.kind == RelationKind::partitioned_table)
        return through_leaves(context, action);
    if (context.adds_one_of(action.columns)) {
        change.changes = true;
        change.after = key_parts(context, action);
        return change;
    }
    // USING INDEX gives the index the constraint's name, which may be taken until then.
    const std::string name = plain_name(action);
    const std::string index = action.name_exists ? helper_name("key", action.relation, name) : name;
    NotNull needed = columns_not_null(context, action);
    change.changes = true;
    change.before = std::move(needed.proofs);
    change.before.push_back(index_part(action, index));
    change.instead = over_index(action, name, index);
    change.with_main = needed.leftovers;
    return change;
}

} // namespace migrate::online
