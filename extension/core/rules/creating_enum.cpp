// Values can be added to an enum, but neither removed nor put in another order.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void creating_enum(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::create_enum}, [&](const Place &at) {
        findings.push_back(
            finding_of("creating-enum", Severity::warning, at,
                       {"enum \"" + at.action.name + "\" can only grow",
                        "A value of an enum cannot be removed.",
                        "Use a text with a CHECK, or a table of the values and a foreign key."}));
    });
}

} // namespace migrate::rules
