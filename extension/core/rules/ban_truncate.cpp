// TRUNCATE loses all rows, and blocks reads and writes for a moment.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_truncate(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::truncate}, [&](const Place &at) {
        add_loss("ban-truncate", at,
                 {"truncating " + at.action.relation.name + " loses all of its rows", "",
                  "-- migrate:allow ban-truncate REASON"},
                 findings);
    });
}

} // namespace migrate::rules
