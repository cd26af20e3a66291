// A typo in an allow would accept nothing and say nothing.
// SPDX-License-Identifier: PostgreSQL
#include "core/allowance.h"
#include "core/rules/catalogue.h"
#include "core/rules/rules.h"

namespace migrate::rules {

void unknown_rule(const Study &study, Findings &findings)
{
    for (const StudiedStatement &statement : study.statements) {
        for (const std::string &rule : allowed_rules(statement)) {
            if (is_known(rule))
                continue;
            Finding finding;
            finding.rule = "unknown-rule";
            finding.severity = Severity::warning;
            finding.number = statement.number;
            finding.line = statement.statement.line;
            finding.message = "allow names the rule \"" + rule + "\", which does not exist";
            finding.why = "Nothing is accepted by it.";
            finding.safe = "Write the id of a rule as a finding shows it, or remove the comment.";
            findings.push_back(finding);
        }
    }
}

} // namespace migrate::rules
