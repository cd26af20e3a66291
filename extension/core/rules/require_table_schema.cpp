// A name without a schema means whatever the search_path finds.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void require_table_schema(const Study &study, Findings &findings)
{
    for (const StudiedStatement &statement : study.statements) {
        for (const Action &action : statement.actions) {
            if (!action.unqualified || action.relation.is_temporary)
                continue;
            findings.push_back(finding_of(
                "require-table-schema", Severity::warning, Place{study, statement, action},
                {action.relation.name + " is written without its schema",
                 "Which relation it is depends on the search_path of whoever applies the "
                 "migration.",
                 "Write schema." + action.relation.name + "."}));
            break; // once a statement
        }
    }
}

} // namespace migrate::rules
