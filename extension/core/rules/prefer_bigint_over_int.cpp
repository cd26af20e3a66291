// Two thousand million is less than it seems for a key, and a wider type later writes the table anew.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_bigint_over_int(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::alter_type}, [&](const Place &at) {
        if (at.action.type != "integer")
            return;
        findings.push_back(finding_of(
            "prefer-bigint-over-int", Severity::warning, at,
            {"column \"" + at.action.name + "\" of " + at.action.relation.name + " is integer",
             "It ends at 2147483647, and a change to bigint writes the table anew.",
             quote_identifier(at.action.name) + " bigint"}));
    });
}

} // namespace migrate::rules
