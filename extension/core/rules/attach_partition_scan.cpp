// ATTACH PARTITION reads the partition under ACCESS EXCLUSIVE, and the default partition too, unless a valid CHECK
// proves that every row is within the bounds.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

namespace {

// A check that holds for the attaching only.
std::string proof(const std::string &relation, const std::string &condition)
{
    Relation checked;
    checked.name = relation;
    const std::string name = quote_identifier(bare_name(relation) + "_bounds");
    return alter_table(checked, "ADD CONSTRAINT " + name + " CHECK (" +
                                    (condition.empty() ? "..." : condition) + ") NOT VALID") +
           "\n-- in a transaction of its own:\n" +
           alter_table(checked, "VALIDATE CONSTRAINT " + name) +
           "\n-- then ATTACH PARTITION as written, and\n" +
           alter_table(checked, "DROP CONSTRAINT " + name);
}

} // namespace

void attach_partition_scan(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::attach_partition}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.already_so || (action.proven && action.default_proven))
            return;
        const std::string what =
            "attaching " + action.partition.name + " to " + action.relation.name;
        if (action.proven)
            add_work("attach-partition-scan", at,
                     {what + ", which reads every row of the default partition,",
                      "A valid CHECK constraint of the default partition that excludes the bounds "
                      "spares the server that reading.",
                      proof("default_partition", action.default_text)},
                     findings);
        else
            add_work("attach-partition-scan", at,
                     {what + ", which reads every row of it,",
                      "A valid CHECK constraint that implies the bounds spares the server that "
                      "reading.",
                      proof(action.partition.name, action.condition)},
                     findings);
    });
}

} // namespace migrate::rules
