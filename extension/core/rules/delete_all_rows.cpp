// DELETE without WHERE.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void delete_all_rows(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::delete_rows}, [&](const Place &at) {
        if (at.action.has_condition)
            return;
        add_loss("delete-all-rows", at,
                 {"deleting all rows of " + at.action.relation.name, "There is no WHERE.",
                  "-- migrate:allow delete-all-rows REASON"},
                 findings);
    });
}

} // namespace migrate::rules
