// A relation that is neither there nor made by the script before.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void undefined_table(const Study &study, Findings &findings)
{
    const Action none;
    for (const StudiedStatement &statement : study.statements) {
        for (const std::string &relation : statement.unknown_relations) {
            Finding finding =
                finding_of("undefined-table", Severity::warning, Place{study, statement, none},
                           {"relation " + relation + " does not exist",
                            "It is not in the database, and no statement before this one makes it.",
                            "Correct the name, or run the migration that makes it first."});
            finding.relation = relation;
            findings.push_back(finding);
        }
    }
}

} // namespace migrate::rules
