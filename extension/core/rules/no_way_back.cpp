// No down script, and none that could be derived.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

namespace {

// Of rows that are written nobody expects a way back.
bool only_writes_rows(const StudiedStatement &statement)
{
    return has_any(statement.actions,
                   {ActionKind::insert, ActionKind::update, ActionKind::delete_rows,
                    ActionKind::merge, ActionKind::copy, ActionKind::select, ActionKind::call});
}

} // namespace

void no_way_back(const Study &study, Findings &findings)
{
    if (!study.options.is_up || study.options.has_down)
        return;
    std::string reasons;
    bool lost = false;
    for (const StudiedStatement &statement : study.statements) {
        const Reversal reversal = reversal_of(statement);
        if (reversal.way < WayBack::unknown)
            continue;
        lost |= reversal.way == WayBack::lost && !only_writes_rows(statement);
        reasons += (reasons.empty() ? "" : "; ") + std::string("statement ") +
                   std::to_string(statement.number) + ": " + reversal.reason;
    }
    if (reasons.empty())
        return;
    Finding finding;
    finding.rule = "no-way-back";
    finding.severity = lost ? Severity::warning : Severity::info;
    finding.message = "the migration has no down script, and none can be derived";
    finding.why = "What stands in the way: " + reasons + ".";
    finding.safe =
        lost ? "Keep a copy of what is lost, or write \"-- migrate:down\" with the best that "
               "can be done; a comment alone says that nothing is to be done."
             : "Write \"-- migrate:down\" with what takes it back; a comment alone says that "
               "nothing is to be done.";
    findings.push_back(finding);
}

} // namespace migrate::rules
