// What else writes a table anew: another tablespace, access method or persistence, a new generation expression, and
// whatever a newer server adds.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>
#include <iterator>

namespace migrate::rules {

namespace {

using enum ActionKind;

std::string what_rewrites(const Action &action)
{
    const std::string &name = action.relation.name;
    switch (action.kind) {
    case set_persistence:
        return "writing " + name + " anew to make it " +
               (action.value == "unlogged" ? "unlogged" : "logged");
    case set_tablespace:
        return "copying " + name + " to tablespace \"" + action.value + "\"";
    case set_access_method:
        return "writing " + name + " anew for access method \"" + action.value + "\"";
    case set_expression:
        return "writing " + name + " anew for the expression of column \"" + action.name + "\"";
    default:
        return "writing " + name + " anew";
    }
}

// Rules of their own have these.
bool is_told_elsewhere(const Action &action)
{
    static constexpr ActionKind kinds[] = {
        add_column, add_identity, alter_type, cluster, vacuum_full, refresh_materialized_view,
        truncate,   update,       insert,     merge,   delete_rows, create_table_as};
    return std::find(std::begin(kinds), std::end(kinds), action.kind) != std::end(kinds);
}

bool rewrites(const StudiedStatement &statement)
{
    return std::any_of(statement.effects.begin(), statement.effects.end(),
                       [](const Effect &effect) { return effect.rewrites; });
}

} // namespace

void table_rewrite(const Study &study, Findings &findings)
{
    for (const StudiedStatement &statement : study.statements) {
        const std::vector<Action> &actions = statement.actions;
        if (!rewrites(statement) || std::any_of(actions.begin(), actions.end(), is_told_elsewhere))
            continue;
        const auto action = std::find_if(actions.begin(), actions.end(), [](const Action &one) {
            return !one.already_so && in_use(one.relation);
        });
        if (action != actions.end())
            add_work(
                "table-rewrite", Place{study, statement, *action},
                {what_rewrites(*action), "",
                 "Make a new table as it should be, keep both in step by a trigger, fill it in "
                 "batches, and swap the names; or take a quiet hour."},
                findings);
    }
}

} // namespace migrate::rules
