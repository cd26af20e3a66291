// The same, at 32,767.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_bigint_over_smallint(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::alter_type}, [&](const Place &at) {
        if (at.action.type != "smallint")
            return;
        findings.push_back(finding_of(
            "prefer-bigint-over-smallint", Severity::warning, at,
            {"column \"" + at.action.name + "\" of " + at.action.relation.name + " is smallint",
             "It ends at 32767, and a change to a wider type writes the table anew.",
             quote_identifier(at.action.name) + " bigint"}));
    });
}

} // namespace migrate::rules
