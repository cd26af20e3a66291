// REINDEX holds SHARE on the table and ACCESS EXCLUSIVE on the index, which stops most queries of the table too.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void require_concurrent_reindex(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::reindex}, [&](const Place &at) {
        if (at.action.concurrently || at.action.already_so)
            return;
        const std::string what =
            at.action.relation.name.empty() ? at.action.name : at.action.relation.name;
        add_work("require-concurrent-reindex", at,
                 {(at.action.object_type != "index" ? "rebuilding the indexes of " + what
                   : at.action.referenced.name.empty()
                       ? "rebuilding index " + what
                       : "rebuilding index " + what + " of " + at.action.referenced.name),
                  "Queries wait as well: planning one locks every index of the table, and the one "
                  "that is being rebuilt is locked in ACCESS EXCLUSIVE.",
                  with_concurrently(at.statement, {"index", "table", "schema", "database"})},
                 findings);
    });
}

} // namespace migrate::rules
