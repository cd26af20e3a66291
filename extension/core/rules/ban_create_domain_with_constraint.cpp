// A constraint of a domain can be changed later only by reading every table that uses it.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_create_domain_with_constraint(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::create_domain}, [&](const Place &at) {
        if (!at.action.has_condition && !at.action.not_null)
            return;
        findings.push_back(finding_of(
            "ban-create-domain-with-constraint", Severity::warning, at,
            {"domain \"" + at.action.name + "\" has a constraint",
             "To change it later, every table with a column of the domain is locked and read.",
             "Put a CHECK on the tables instead."}));
    });
}

} // namespace migrate::rules
