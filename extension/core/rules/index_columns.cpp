// More than three columns in an index that is not unique rarely help.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void index_columns(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::create_index}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.unique || action.columns.size() <= 3 || action.already_so)
            return;
        findings.push_back(finding_of(
            "index-columns", Severity::warning, at,
            {"index of " + action.relation.name + " has " + std::to_string(action.columns.size()) +
                 " columns",
             "Each of them makes it larger and slower to keep; few queries profit from more than "
             "three.",
             "Begin with the columns that narrow the most, and leave out the rest."}));
    });
}

} // namespace migrate::rules
