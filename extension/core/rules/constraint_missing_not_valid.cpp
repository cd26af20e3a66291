// A CHECK is proven by reading the table under ACCESS EXCLUSIVE.  Added as NOT VALID and validated in another
// transaction, it is proven while reads and writes go on; validated in the same transaction, it is not, because
// the lock of the first statement is held to the end.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

namespace {

bool adds(const Action &action, const Action &validate)
{
    const std::string &name = action.name.empty() ? action.chosen_name : action.name;
    return action.not_valid && name == validate.name &&
           same_relation(action.relation, validate.relation) &&
           (action.kind == ActionKind::add_check || action.kind == ActionKind::add_foreign_key ||
            action.kind == ActionKind::add_not_null);
}

// The statement before in the same transaction that added what this one validates.
const StudiedStatement *added_by(const Place &validate)
{
    if (validate.statement.group < 0)
        return nullptr;
    for (const StudiedStatement &statement : validate.study.statements) {
        if (statement.number >= validate.statement.number)
            break;
        if (statement.group == validate.statement.group)
            for (const Action &action : statement.actions)
                if (adds(action, validate.action))
                    return &statement;
    }
    return nullptr;
}

void look_at_check(const Place &at, Findings &findings)
{
    const Action &action = at.action;
    const bool new_check = action.kind == ActionKind::add_check && !action.not_valid;
    const bool enforced = action.kind == ActionKind::alter_constraint && action.scans;
    if (action.already_so || !in_use(action.relation) || !(new_check || enforced))
        return;
    const std::string what =
        action.name.empty() ? "a constraint" : "constraint \"" + action.name + "\"";
    add_work(
        "constraint-missing-not-valid", at,
        {"checking every row of " + action.relation.name + " for " + what, "",
         new_check
             ? add_and_validate(action, "check")
             : "Validate the constraint with VALIDATE CONSTRAINT in a transaction of its own."},
        findings);
}

void look_at_validate(const Place &at, Findings &findings)
{
    const StudiedStatement *const added = added_by(at);
    if (!added || !in_use(at.action.relation) || at.statement.course != Course::as_written ||
        bytes_of_work(at.statement) <= at.study.options.small_table)
        return;
    const Effect *const lock = strongest_effect(*added);
    if (!lock || !is_strong(lock->lock))
        return;
    const double seconds = seconds_of(at.statement);
    findings.push_back(finding_of(
        "constraint-missing-not-valid",
        seconds > longest_hold(at.study.options) ? Severity::error : Severity::warning, at,
        {"validating constraint \"" + at.action.name +
             "\" in the transaction that adds it blocks " + blocked_in_words(lock->lock) + " of " +
             lock->relation.name + " for " + seconds_in_words(seconds),
         "Statement " + std::to_string(added->number) + " took " +
             std::string(name_of(lock->lock)) + " on " + relation_in_words(lock->relation) +
             ", and a lock is held until its transaction ends.",
         "COMMIT;\n" + alter_table(at.action.relation,
                                   "VALIDATE CONSTRAINT " + quote_identifier(at.action.name))}));
}

} // namespace

void constraint_missing_not_valid(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_check, ActionKind::alter_constraint},
                    [&](const Place &at) { look_at_check(at, findings); });
    for_each_action(study, {ActionKind::validate_constraint},
                    [&](const Place &at) { look_at_validate(at, findings); });
}

} // namespace migrate::rules
