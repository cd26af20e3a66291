// BEGIN without its COMMIT.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_uncommitted_transaction(const Study &study, Findings &findings)
{
    const StudiedStatement *open = nullptr;
    for (const StudiedStatement &statement : study.statements) {
        const Role role = statement.statement.role;
        if (role == Role::begin)
            open = &statement;
        else if (role == Role::commit || role == Role::rollback)
            open = nullptr;
    }
    const Action none;
    if (open)
        findings.push_back(finding_of("ban-uncommitted-transaction", Severity::error,
                                      Place{study, *open, none},
                                      {"the transaction block is not ended",
                                       "There is no COMMIT behind this BEGIN in the script.",
                                       "Write COMMIT; where the block ends."}));
}

} // namespace migrate::rules
