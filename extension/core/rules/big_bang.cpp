// Several changes in one migration that code of the previous release does not survive: if the release fails, none of
// them can be told from the others.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/rules/catalogue.h"

namespace migrate::rules {

void big_bang(const Study &study, Findings &findings)
{
    if (!study.options.is_up)
        return;
    std::string reasons;
    int count = 0;
    for (const StudiedStatement &statement : study.statements) {
        for (const Action &action : statement.actions) {
            const Compatibility found = compatibility_of(study, statement, action);
            if (found.verdict != OldCode::fails)
                continue;
            count++;
            reasons += (reasons.empty() ? "" : "; ") + std::string("statement ") +
                       std::to_string(statement.number) + ": " + found.reason;
        }
    }
    if (count < 2)
        return;
    Finding finding;
    finding.rule = "big-bang";
    finding.severity = Severity::warning;
    finding.message =
        std::to_string(count) + " changes in one migration break code of the previous release";
    finding.why = "They are " + reasons + ".";
    finding.safe =
        "Give each a migration of its own, each with the release that no longer needs what "
        "it takes away.";
    findings.push_back(finding);
}

} // namespace migrate::rules
