// A limit in the type is awkward to change; a CHECK on a text can be.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_text_field(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::alter_type}, [&](const Place &at) {
        if (!at.action.type.starts_with("character varying("))
            return;
        findings.push_back(finding_of("prefer-text-field", Severity::warning, at,
                                      {"column \"" + at.action.name + "\" of " +
                                           at.action.relation.name + " is " + at.action.type,
                                       "A shorter limit has to read the table under ACCESS "
                                       "EXCLUSIVE; a CHECK can be added NOT "
                                       "VALID and validated later.",
                                       quote_identifier(at.action.name) + " text CHECK (length(" +
                                           quote_identifier(at.action.name) + ") <= n)"}));
    });
}

} // namespace migrate::rules
