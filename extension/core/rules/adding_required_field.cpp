// A new column that must not be NULL and has no value to begin with: refused if the table has rows, and if it has
// none, INSERTs of the previous release fail.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

void adding_required_field(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column}, [&](const Place &at) {
        const Action &action = at.action;
        if (!(action.not_null || action.primary_key) || action.default_kind != DefaultKind::none ||
            action.identity || action.serial || action.stored || action.already_so ||
            !action.default_text.empty() || !in_use(action.relation))
            return;
        const std::string column = quote_identifier(action.name);
        const bool filled = bytes_of(at.statement, action.relation) > 0;
        const std::string what = "column \"" + action.name + "\" of " + action.relation.name +
                                 " is NOT NULL without a default: ";
        findings.push_back(finding_of(
            "adding-required-field", filled ? Severity::error : Severity::warning, at,
            {what + (filled ? "the rows that are there cannot have it"
                            : "INSERTs of the previous release fail"),
             filled
                 ? "The statement fails if there is a row, and after it INSERTs that leave the "
                   "column out would fail."
                 : "The table is empty, so the statement succeeds; INSERTs that leave the column "
                   "out fail from then on.",
             alter_table(action.relation, "ADD COLUMN " + column + " " + action.type) +
                 "\n-- fill it, then:\n" + not_null_by_check(action.relation, action.name)}));
    });
}

} // namespace migrate::rules
