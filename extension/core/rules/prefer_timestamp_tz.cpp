// A timestamp without time zone means another moment in each session.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_timestamp_tz(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::alter_type}, [&](const Place &at) {
        const std::string &type = at.action.type;
        if (!type.starts_with("timestamp") || !type.ends_with("without time zone"))
            return;
        findings.push_back(finding_of(
            "prefer-timestamp-tz", Severity::warning, at,
            {"column \"" + at.action.name + "\" of " + at.action.relation.name + " is " + type,
             "The moment that it means depends on the TimeZone of whoever reads it.",
             quote_identifier(at.action.name) + " timestamptz"}));
    });
}

} // namespace migrate::rules
