// What is CONCURRENTLY commits several times and is refused inside a transaction block.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_concurrent_index_creation_in_transaction(const Study &study, Findings &findings)
{
    for_each_action(
        study,
        {ActionKind::create_index, ActionKind::drop_index, ActionKind::reindex,
         ActionKind::detach_partition},
        [&](const Place &at) {
            if (!at.action.concurrently || !at.statement.atomic)
                return;
            findings.push_back(finding_of(
                "ban-concurrent-index-creation-in-transaction", Severity::error, at,
                {at.statement.statement.tag + " CONCURRENTLY cannot run inside a transaction block",
                 "It commits several times on its way, so it has to stand outside of "
                 "BEGIN ... COMMIT and of a section with transaction:always.",
                 "Move it behind COMMIT, or leave CONCURRENTLY to the engine."}));
        });
}

} // namespace migrate::rules
