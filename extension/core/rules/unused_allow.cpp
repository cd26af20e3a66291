// An allow that accepts nothing hides what a later edit of the statement brings.  The same script is linted on
// small databases and large ones, so an allow counts as used if its rule would speak on a huge one, and none is
// judged before a statement about relations that are not in use yet, such as those of a fresh database.
// SPDX-License-Identifier: PostgreSQL
#include "core/allowance.h"
#include "core/rules/catalogue.h"
#include "core/rules/rules.h"

#include <algorithm>

namespace migrate::rules {

namespace {

constexpr std::uint64_t huge_bytes = std::uint64_t{1} << 40;
constexpr double huge_rows = 1e10, huge_seconds = 1e5;

void magnify(Relation &relation)
{
    relation.bytes = huge_bytes;
    relation.rows = huge_rows;
}

Study magnified(const Study &study)
{
    Study large = study;
    for (StudiedStatement &statement : large.statements) {
        for (Effect &effect : statement.effects) {
            magnify(effect.relation);
            effect.seconds = huge_seconds;
        }
        for (Action &action : statement.actions) {
            magnify(action.relation);
            magnify(action.referenced);
            magnify(action.partition);
            action.rows = action.by_key ? 1 : huge_rows;
        }
        statement.seconds = huge_seconds;
    }
    return large;
}

bool touches_new(const StudiedStatement &statement)
{
    return std::any_of(statement.actions.begin(), statement.actions.end(),
                       [](const Action &action) { return action.relation.is_new; });
}

bool speaks_of(const Rule &rule, const Study &study, int number)
{
    Findings findings;
    rule.look(study, findings);
    return std::any_of(findings.begin(), findings.end(), [number](const Finding &finding) {
        return finding.number == 0 || finding.number == number;
    });
}

bool has_allows(const Study &study)
{
    return std::any_of(
        study.statements.begin(), study.statements.end(),
        [](const StudiedStatement &statement) { return !allowed_rules(statement).empty(); });
}

} // namespace

void unused_allow(const Study &study, Findings &findings)
{
    if (!has_allows(study))
        return;
    const Study large = magnified(study);
    for (const StudiedStatement &statement : study.statements) {
        if (touches_new(statement))
            continue;
        for (const std::string &id : allowed_rules(statement)) {
            const Rule *const rule = find(id);
            if (!rule || rule->look == unused_allow || speaks_of(*rule, large, statement.number))
                continue;
            Finding finding;
            finding.rule = "unused-allow";
            finding.severity = Severity::warning;
            finding.number = statement.number;
            finding.line = statement.statement.line;
            finding.message = "allow of \"" + id + "\" accepts nothing";
            finding.why = "The rule has nothing to say about this statement, on a database of any "
                          "size.  Left in place, the comment would hide what a later change of the "
                          "statement brings.";
            finding.safe = "Remove the comment.";
            findings.push_back(finding);
        }
    }
}

} // namespace migrate::rules
