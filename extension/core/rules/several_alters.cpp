// Several ALTER TABLEs of one table can be one: one lock, and one pass over the table instead of several.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <map>

namespace migrate::rules {

void several_alters(const Study &study, Findings &findings)
{
    std::map<std::string, int> seen; // the first statement, by table and transaction
    for (const StudiedStatement &statement : study.statements) {
        if (statement.statement.tag != "ALTER TABLE" || statement.actions.empty() ||
            statement.group < 0)
            continue;
        const Action &action = statement.actions.front();
        // A rename or a new schema cannot be combined with anything.
        const bool stands_alone =
            has_any(statement.actions,
                    {ActionKind::rename_table, ActionKind::rename_column, ActionKind::set_schema,
                     ActionKind::rename_constraint, ActionKind::attach_partition,
                     ActionKind::detach_partition, ActionKind::validate_constraint});
        if (stands_alone || !in_use(action.relation))
            continue;
        const std::string key = std::to_string(statement.group) + " " + action.relation.name;
        const auto [first, inserted] = seen.emplace(key, statement.number);
        if (inserted)
            continue;
        findings.push_back(
            finding_of("several-alters", Severity::warning, Place{study, statement, action},
                       {action.relation.name + " is altered again, after statement " +
                            std::to_string(first->second),
                        "Commands of one ALTER TABLE share its lock and its pass over the table.",
                        "Write both as one ALTER TABLE with commas."}));
    }
}

} // namespace migrate::rules
