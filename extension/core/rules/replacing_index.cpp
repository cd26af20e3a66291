// Dropping an index before its successor is there leaves queries without either while the new one is built.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <map>

namespace migrate::rules {

namespace {

// DROP INDEX names the index; its table is `referenced`.
const Relation &table_of(const Action &action)
{
    return action.kind == ActionKind::drop_index ? action.referenced : action.relation;
}

} // namespace

void replacing_index(const Study &study, Findings &findings)
{
    std::map<std::string, const StudiedStatement *> dropped; // by table and first column
    const auto key = [](const Action &action) {
        return table_of(action).name + "\n" + action.columns.front();
    };
    for_each_action(
        study, {ActionKind::drop_index, ActionKind::create_index}, [&](const Place &at) {
            const Action &action = at.action;
            if (action.columns.empty() || action.columns.front().empty() || action.already_so ||
                !in_use(table_of(action)) || table_of(action).bytes <= study.options.small_table)
                return;
            if (action.kind == ActionKind::drop_index) {
                dropped.emplace(key(action), &at.statement);
                return;
            }
            const auto found = dropped.find(key(action));
            // In one transaction nobody sees the time between.
            if (found == dropped.end() ||
                (at.statement.group >= 0 && at.statement.group == found->second->group))
                return;
            findings.push_back(
                finding_of("replacing-index", Severity::warning, at,
                           {"queries of " + action.relation.name + " have no index on \"" +
                                action.columns.front() + "\" while this one is built",
                            "Statement " + std::to_string(found->second->number) +
                                " drops the old index first.  Until the new one is valid, queries "
                                "that used it "
                                "read " +
                                relation_in_words(action.relation) + " from end to end.",
                            "Create the new index first, and drop the old one after it."}));
        });
}

} // namespace migrate::rules
