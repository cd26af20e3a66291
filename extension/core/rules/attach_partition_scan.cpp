// ATTACH PARTITION reads the partition under ACCESS EXCLUSIVE, and the default partition too, unless a valid CHECK
// proves that every row is within the bounds.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void attach_partition_scan(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::attach_partition}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.proven || action.already_so)
            return;
        const std::string name = quote_identifier(bare_name(action.partition.name) + "_bounds");
        const std::string bounds = action.condition.empty() ? "..." : action.condition;
        add_work(
            "attach-partition-scan", at,
            {"attaching " + action.partition.name + " to " + action.relation.name +
                 ", which reads every row of it,",
             "A valid CHECK constraint that implies the bounds spares the server that reading.",
             alter_table(action.partition,
                         "ADD CONSTRAINT " + name + " CHECK (" + bounds + ") NOT VALID") +
                 "\n-- in a transaction of its own:\n" +
                 alter_table(action.partition, "VALIDATE CONSTRAINT " + name) + "\n" +
                 "-- then ATTACH PARTITION as written, and\n" +
                 alter_table(action.partition, "DROP CONSTRAINT " + name)},
            findings);
    });
}

} // namespace migrate::rules
