// CREATE INDEX holds SHARE on the table while it reads it: no writes until the index is built.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

namespace {

// CONCURRENTLY is not for partitioned tables: the parent's index is made empty, and each leaf's is attached to it.
std::string for_partitions(const Action &action)
{
    const std::string name = action.name.empty() ? "an_index" : quote_identifier(action.name);
    const std::string columns = " (" + quote_identifiers(action.columns) + ")";
    return "CREATE INDEX " + name + " ON ONLY " + action.relation.name + columns +
           ";\n-- for each partition:\nCREATE INDEX CONCURRENTLY leaf_index ON leaf" + columns +
           ";\nALTER INDEX " + name + " ATTACH PARTITION leaf_index;";
}

} // namespace

void require_concurrent_index_creation(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::create_index}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.concurrently || action.already_so || !in_use(action.relation))
            return;
        const bool partitioned = action.relation.kind == RelationKind::partitioned_table;
        if (partitioned && action.only)
            return;
        const std::string name = action.name.empty() ? "an index" : "index \"" + action.name + "\"";
        add_work(
            "require-concurrent-index-creation", at,
            {"building " + name + " on " + action.relation.name, "",
             partitioned ? for_partitions(action) : with_concurrently(at.statement, {"index"})},
            findings);
    });
}

} // namespace migrate::rules
