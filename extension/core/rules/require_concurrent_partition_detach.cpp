// DETACH PARTITION takes ACCESS EXCLUSIVE on the parent: every query of every partition stands still.  For a
// moment, unless foreign keys that reference the parent have to be looked through.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

#include <algorithm>

namespace migrate::rules {

void require_concurrent_partition_detach(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::detach_partition}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.concurrently || action.already_so || !in_use(action.relation))
            return;
        const std::string what =
            "detaching " + action.partition.name + " from " + action.relation.name;
        const std::string safe = alter_table(
            action.relation, "DETACH PARTITION " + action.partition.name + " CONCURRENTLY");
        if (severity_of_work(study, at.statement)) {
            add_work("require-concurrent-partition-detach", at,
                     {what, "Rows that reference the partition are looked for meanwhile.", safe},
                     findings);
            return;
        }
        if (std::max(action.partition.bytes, bytes_of(at.statement, action.relation)) <=
            study.options.small_table)
            return;
        const bool online = at.statement.course != Course::as_written;
        findings.push_back(
            finding_of("require-concurrent-partition-detach", Severity::info, at,
                       {what + (online ? " is run online and blocks nobody"
                                       : " blocks reads and writes for a moment"),
                        (online ? "As written: " : "") + lock_in_words(at.statement), safe}));
    });
}

} // namespace migrate::rules
