// CLUSTER and VACUUM FULL write the table anew under ACCESS EXCLUSIVE, for its order or for its free space.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_repack(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::cluster, ActionKind::vacuum_full}, [&](const Place &at) {
        const bool clusters = at.action.kind == ActionKind::cluster;
        add_work("prefer-repack", at,
                 {std::string(clusters ? "CLUSTER" : "VACUUM FULL") +
                      (at.action.relation.name.empty() ? "" : " of " + at.action.relation.name),
                  "",
                  "Use pg_repack or pg_squeeze, or REPACK (CONCURRENTLY) from PostgreSQL 19 on; a "
                  "plain VACUUM makes the space usable again without any of them."},
                 findings);
    });
}

} // namespace migrate::rules
