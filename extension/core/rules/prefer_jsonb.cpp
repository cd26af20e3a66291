// json has no equality: SELECT DISTINCT and GROUP BY over it fail.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_jsonb(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::alter_type}, [&](const Place &at) {
        if (at.action.type != "json")
            return;
        findings.push_back(finding_of(
            "prefer-jsonb", Severity::warning, at,
            {"column \"" + at.action.name + "\" of " + at.action.relation.name + " is json",
             "The type has no equality, so SELECT DISTINCT over a row with it fails, and no index "
             "helps to search in it.",
             quote_identifier(at.action.name) + " jsonb"}));
    });
}

} // namespace migrate::rules
