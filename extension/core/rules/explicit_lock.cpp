// LOCK TABLE holds on until its transaction ends, whatever that still does.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void explicit_lock(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::lock_table}, [&](const Place &at) {
        const Effect *const lock = strongest_effect(at.statement);
        if (!lock || !is_strong(lock->lock) || !in_use(at.action.relation) ||
            !same_relation(lock->relation, at.action.relation))
            return;
        const bool large = bytes_of(at.statement, lock->relation) > study.options.small_table;
        findings.push_back(finding_of(
            "explicit-lock", large ? Severity::warning : Severity::info, at,
            {"locking " + lock->relation.name + " in " + std::string(name_of(lock->lock)) +
                 " blocks " + blocked_in_words(lock->lock) + " until the transaction ends",
             "The lock is on " + relation_in_words(lock->relation) + " and blocks " +
                 blocked_by(lock->lock) + ".",
             "Leave it out: each statement takes the lock that it needs, and the engine waits for "
             "locks without making others wait."}));
    });
}

} // namespace migrate::rules
