// A foreign key between columns of different types holds until one of them runs out of range, and its lookups convert.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void mismatched_foreign_key_type(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_foreign_key}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.mismatched_type.empty() || action.already_so)
            return;
        findings.push_back(
            finding_of("mismatched-foreign-key-type", Severity::warning, at,
                       {"foreign key of " + action.relation.name +
                            " references a column of another type: " + action.mismatched_type,
                        "Values of the one do not all fit the other, and each check converts.",
                        "Give the referencing columns the types of those of " +
                            action.referenced.name + "."}));
    });
}

} // namespace migrate::rules
