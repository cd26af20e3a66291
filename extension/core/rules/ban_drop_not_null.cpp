// Code of the previous release does not expect a NULL there.  It meets one only when newer code writes it: worth
// knowing, no danger in itself.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_drop_not_null(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::drop_not_null}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.already_so || !in_use(action.relation))
            return;
        findings.push_back(
            finding_of("ban-drop-not-null", Severity::info, at,
                       {"column \"" + action.name + "\" of " + action.relation.name +
                            " may hold NULL from now on",
                        "Code of the previous release that reads the column does not expect it.",
                        "Release code that copes with NULL before code that writes it."}));
    });
}

} // namespace migrate::rules
