// Code that runs inside a statement may do anything; its locks are seen only when it takes them.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void cannot_inspect(const Study &study, Findings &findings)
{
    const Action none;
    for (const StudiedStatement &statement : study.statements)
        if (statement.opaque)
            findings.push_back(finding_of(
                "cannot-inspect", Severity::info, Place{study, statement, none},
                {"what " + statement.statement.tag + " does cannot be told before it runs",
                 "It runs code that is not looked into.  The engine still waits for each lock "
                 "without "
                 "making others wait, and takes the step back if it holds one for too long.",
                 "Write the statements themselves where that is possible."}));
}

} // namespace migrate::rules
