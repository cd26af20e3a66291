// CHECK and FOREIGN KEY: added NOT VALID, which reads nothing, then proven under a lock that lets others write.
// SPDX-License-Identifier: PostgreSQL
#include "core/online/online.h"

namespace migrate::online {

namespace {

// "ADD CONSTRAINT name ..." also where it was written without a name.
std::string named(const Action &action)
{
    return action.name.empty() ? "ADD CONSTRAINT " + name_of(action) + action.text.substr(3)
                               : action.text;
}

std::string columns_are(const std::vector<std::string> &columns, const char *what,
                        const char *between)
{
    std::string text;
    for (const std::string &column : columns)
        text += (text.empty() ? "" : between) + quote_identifier(column) + what;
    return text;
}

// Rows that refer to nothing.
std::string orphans(const Context &context, const Action &action, const Relation &relation)
{
    std::string match;
    for (std::size_t i = 0; i < action.columns.size() && i < action.referenced_columns.size(); i++)
        match += (match.empty() ? "" : " AND ") + std::string("migrate_target.") +
                 quote_identifier(action.referenced_columns[i]) + " = " + sql_name(relation) + "." +
                 quote_identifier(action.columns[i]);
    return bad_rows(context, relation,
                    columns_are(action.columns, " IS NOT NULL", " AND ") +
                        " AND NOT EXISTS (SELECT FROM " + sql_name(action.referenced) +
                        " AS migrate_target WHERE " + match + ")");
}

// Before 18 a partitioned table cannot have one that is NOT VALID: each leaf gets its own, which the
// table's then takes over.
Change through_leaves(const Context &context, const Action &action)
{
    Change change;
    if (action.only || action.referenced.id == action.relation.id ||
        action.relation.doubts.partitions)
        return change;
    for (const Facts::Leaf &leaf : context.facts.leaves(action)) {
        Action own = action;
        own.relation = leaf.relation;
        own.name = leaf.key_name;
        Part part;
        part.statements = {alter(own, "ADD CONSTRAINT " + name_of(own) + " FOREIGN KEY (" +
                                          quote_identifiers(own.columns) + ") " + own.definition +
                                          " NOT VALID")};
        part.undo = {alter(own, "DROP CONSTRAINT IF EXISTS " + name_of(own))};
        change.before.push_back(part);
        change.before.push_back(
            validate(own, name_of(own), orphans(context, action, leaf.relation)));
    }
    change.instead = named(action);
    change.changes = !change.before.empty();
    return change;
}

} // namespace

Change change_check(const Context &context, const Action &action)
{
    Change change;
    if (action.not_valid || !context.is_heavy(action.relation) || action.condition.empty())
        return change;
    change.changes = true;
    change.instead = named(action) + " NOT VALID";
    change.after = {validate(action, name_of(action),
                             bad_rows(context, action.relation, "NOT (" + action.condition + ")"))};
    return change;
}

Change change_foreign_key(const Context &context, const Action &action)
{
    Change change;
    if (action.not_valid || !context.is_heavy(action.relation))
        return change;
    if (!context.facts.partitioned_foreign_keys) {
        // VALIDATE would leave its parts for the single partitions there NOT VALID.
        if (action.referenced.kind == RelationKind::partitioned_table)
            return change;
        if (action.relation.kind == RelationKind::partitioned_table)
            return through_leaves(context, action);
    }
    change.changes = true;
    change.instead = named(action) + " NOT VALID";
    change.after = {validate(action, name_of(action), orphans(context, action, action.relation))};
    return change;
}

} // namespace migrate::online
