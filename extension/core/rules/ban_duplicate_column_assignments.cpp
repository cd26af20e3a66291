// The server refuses an UPDATE or INSERT that names a column twice.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <set>

namespace migrate::rules {

void ban_duplicate_column_assignments(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::update, ActionKind::insert}, [&](const Place &at) {
        std::set<std::string> seen;
        for (const std::string &column : at.action.columns) {
            if (column.empty() || seen.insert(column).second)
                continue;
            findings.push_back(finding_of(
                "ban-duplicate-column-assignments", Severity::error, at,
                {"column \"" + column + "\" of " + at.action.relation.name + " is assigned twice",
                 "The statement fails: a column gets one value only.", "Remove one of the two."}));
        }
    });
}

} // namespace migrate::rules
