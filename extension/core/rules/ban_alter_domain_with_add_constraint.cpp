// ALTER DOMAIN ... ADD CONSTRAINT reads every table with a column of the domain, each under SHARE.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void ban_alter_domain_with_add_constraint(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::domain_constraint}, [&](const Place &at) {
        const Action &action = at.action;
        if (action.not_valid || action.already_so)
            return;
        add_work("ban-alter-domain-with-add-constraint", at,
                 {"checking every column of domain \"" + action.name + "\"",
                  "All tables that use the domain are locked and read in one transaction.",
                  "Add the constraint NOT VALID and run ALTER DOMAIN ... VALIDATE CONSTRAINT in a "
                  "transaction of its own, or put a CHECK on each table."},
                 findings);
    });
}

} // namespace migrate::rules
