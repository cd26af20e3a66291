// A BEGIN in a transaction, or a COMMIT without one: not what the author sees.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void transaction_nesting(const Study &study, Findings &findings)
{
    const StudiedStatement *open = nullptr;
    for (const StudiedStatement &statement : study.statements) {
        const Role role = statement.statement.role;
        const bool ends = role == Role::commit || role == Role::rollback;
        const Action none;
        if (role == Role::begin && open)
            findings.push_back(finding_of(
                "transaction-nesting", Severity::error, Place{study, statement, none},
                {"BEGIN inside a transaction block",
                 "The block of statement " + std::to_string(open->number) +
                     " is still open, and PostgreSQL has no transactions within transactions.",
                 "Remove it, or use SAVEPOINT."}));
        else if (ends && !open)
            findings.push_back(finding_of("transaction-nesting", Severity::error,
                                          Place{study, statement, none},
                                          {"the end of a transaction block that was not begun",
                                           "There is no BEGIN before it in the script.",
                                           "Remove it, or write BEGIN where the block begins."}));
        if (role == Role::begin)
            open = &statement;
        else if (ends)
            open = nullptr;
    }
}

} // namespace migrate::rules
