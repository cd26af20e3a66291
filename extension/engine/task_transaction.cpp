// Transactional steps: attempt after attempt until their locks are to be had.  In the worker an attempt is a
// transaction, which commits with its ledger row; inline it is a part of the caller's.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "engine/ledger.h"
#include "engine/lock_wait.h"
#include "engine/step_locks.h"
#include "engine/task_run.h"
#include "pg/abort_cleanup.h"
#include "pg/execute.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"

namespace migrate {

namespace {

// It stops nobody while it waits, so it may wait on.
bool only_validates(const Step &step)
{
    return std::all_of(step.statements.begin(), step.statements.end(),
                       [](const NumberedStatement &s) { return s.statement.validates; });
}

} // namespace

// In a way down from what was never whole, a DROP may find nothing to drop.
void TaskRun::execute_or_skip(const NumberedStatement &s)
{
    const pg::Place place{task_.migration.name, s.number};
    const pg::Level level = context_.where == Where::worker ? pg::Level::top : pg::Level::nested;
    if (!plan_.partial_undo || s.statement.role != Role::drop)
        return pg::execute(s.statement, place, level);
    const std::optional<Error> error =
        pg::attempt([&] { pg::execute(s.statement, place, pg::Level::nested); });
    if (!error)
        return;
    static constexpr std::string_view undefined[] = {"42P01", "42703", "42704", "42883", "3F000"};
    if (std::find(std::begin(undefined), std::end(undefined), error->sqlstate) ==
        std::end(undefined))
        throw *error;
    pg::notice(error->message + ", skipping", "", "");
}

void TaskRun::run_statements(const Step &step, StepLocks &locks)
{
    for (std::size_t i = 0; i < step.statements.size(); i++) {
        const NumberedStatement &s = step.statements[i];
        if (context_.where == Where::worker) {
            pg::impose_own_settings();
            // It would be an error of the script's.
            pg::impose_no_lock_timeout(pg::Hold::transaction);
            pg::report_activity(s.statement.text);
        }
        locks.before(i);
        execute_or_skip(s);
        locks.after(i);
        keep_locks();
    }
}

// All that an attempt does.
void TaskRun::attempt_step(const PlannedStep &planned, StepLocks &locks)
{
    pg::waitpoint(pg::Waitpoint::transaction_begun);
    if (!only_defines(planned.step))
        pg::begin_abort_cleanup(pg::CleanupOf::attempt);
    as_script_role([&] {
        if (!planned.step.begin_options.empty() && context_.where == Where::worker)
            pg::execute_own("SET TRANSACTION " + planned.step.begin_options,
                            {task_.migration.name, 1}, pg::Level::top);
        run_statements(planned.step, locks);
        pg::waitpoint(pg::Waitpoint::transaction_ran);
        // Inline the caller's constraints stay as the caller has them.
        if (role_is_locked_)
            pg::require_settled();
        else if (context_.where == Where::worker)
            pg::settle_transaction();
    });
}

// Why it has to be tried again, if it has to.
std::optional<LockRefused> TaskRun::try_step(StepLocks &locks, const std::function<void()> &work)
{
    std::optional<Error> error;
    try {
        error = context_.where == Where::worker ? pg::transaction(work) : pg::attempt(work);
    } catch (const LockRefused &refused) {
        locks.end_attempt();
        return refused;
    } catch (const Error &cancelled) {
        error = cancelled;
    }
    if (!error)
        return std::nullopt;
    if (std::optional<LockRefused> refused = locks.refusal(*error))
        return refused;
    if (locks.held_too_long()) // its transaction is over, and names are looked up in one
        context_.in_transaction([&] { error = locks.hold_error(); });
    throw *error;
}

void TaskRun::until_granted(StepLocks &locks, LockWait &wait, const std::function<void()> &work)
{
    const auto attempt = [&] {
        locks.begin_attempt();
        work();
        locks.end_attempt();
        locks.require_uninterrupted(); // what came too late for the work would meet the next
    };
    while (const std::optional<LockRefused> refused = try_step(locks, attempt))
        wait.until_clear(*refused);
    wait.end();
}

// Work of ours that belongs to a step which stands alone: what it locks is learned as it is met.
void TaskRun::in_own_transaction(const std::function<void()> &work)
{
    const Step nothing_foretold;
    StepLocks locks(nothing_foretold);
    LockWait wait(context_, task_.migration.name, LockWait::Impatient::warns);
    until_granted(locks, wait, [&] {
        locks.take_learned();
        work();
    });
    outcome_.lock_wait += wait.waited() + locks.waited();
}

void TaskRun::run_transaction(PlannedStep &planned, bool last)
{
    StepLocks locks(planned.step);
    LockWait wait(context_, task_.migration.name,
                  only_validates(planned.step) ? LockWait::Impatient::warns
                                               : LockWait::Impatient::fails);
    const auto measure = [&] {
        outcome_.duration = step_watch_->microseconds();
        outcome_.lock_wait = wait.waited() + locks.waited();
        outcome_.lock_mode = name_of(locks.strongest().mode);
        outcome_.lock_held = locks.held();
        outcome_.attempts = wait.attempts();
    };
    try {
        until_granted(locks, wait, [&] {
            attempt_step(planned, locks);
            locks.require_uninterrupted();
            measure();
            record_transaction(planned, last);
        });
    } catch (...) {
        measure(); // for the ledger
        throw;
    }
    if (context_.where == Where::worker && locks.held() > 0)
        context_.held.emplace_back(step_, locks.held()); // the commit included
    pg::end_abort_cleanup(pg::CleanupOf::attempt);
    pg::waitpoint(pg::Waitpoint::transaction_committed);
    planned.state = "done";
    task_duration_ += outcome_.duration;
    report(planned.step);
}

void TaskRun::record_transaction(const PlannedStep &planned, bool last)
{
    if (plan_recorded_)
        ledger::record_step_done(context_.run, step_, outcome_);
    else
        ledger::record_steps(context_.run, task_,
                             {{step_, 1, 1, &planned.step, "done", "", outcome_}});
    if (last)
        ledger::record_finished(context_.run, task_, context_.request,
                                task_duration_ + outcome_.duration);
    pg::waitpoint(pg::Waitpoint::transaction_recorded);
}

} // namespace migrate
