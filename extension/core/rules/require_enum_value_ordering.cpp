// A value is put behind the others unless its place is written.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void require_enum_value_ordering(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_enum_value}, [&](const Place &at) {
        if (at.action.ordered || at.action.already_so)
            return;
        findings.push_back(finding_of("require-enum-value-ordering", Severity::warning, at,
                                      {"value \"" + at.action.value + "\" of enum \"" +
                                           at.action.name + "\" has no place among the others",
                                       "It comes after all others in ORDER BY and comparisons.",
                                       "Write BEFORE or AFTER and one of its values."}));
    });
}

} // namespace migrate::rules
