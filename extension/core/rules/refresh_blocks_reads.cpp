// REFRESH MATERIALIZED VIEW holds ACCESS EXCLUSIVE on the view while its query runs: not even reads.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void refresh_blocks_reads(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::refresh_materialized_view}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.concurrently || action.already_so || !in_use(action.relation))
            return;
        add_work("refresh-blocks-reads", at,
                 {"refreshing " + action.relation.name,
                  "CONCURRENTLY needs a unique index of the view on plain columns.",
                  with_concurrently(at.statement, {"view"})},
                 findings);
    });
}

} // namespace migrate::rules
