// Transactional steps, and what goes around all steps.  In the worker every step commits with its ledger
// row; inline everything is the caller's transaction and nothing here commits.
// SPDX-License-Identifier: PostgreSQL
#include "engine/task_run.h"

#include <algorithm>

#include "core/text.h"
#include "engine/alone.h"
#include "engine/ledger.h"
#include "engine/online.h"
#include "engine/same_target.h"
#include "engine/stopwatch.h"
#include "pg/execute.h"
#include "pg/locks.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"

namespace migrate {

bool only_defines(const Step &step)
{
    static constexpr std::string_view harmless[] = {"CREATE ", "ALTER ", "DROP ", "COMMENT",
                                                    "GRANT",   "REVOKE", "SET"};
    for (const NumberedStatement &s : step.statements)
        if (std::none_of(std::begin(harmless), std::end(harmless), [&](std::string_view tag) {
                return s.statement.tag.starts_with(tag) && s.statement.tag != "CREATE TABLE AS";
            }))
            return false;
    return true;
}

void RunContext::in_transaction(const std::function<void()> &work) const
{
    if (where == Where::inside)
        return work();
    if (const std::optional<Error> error = pg::transaction(work))
        throw *error;
}

namespace {

bool only_defines(const TaskPlan &plan)
{
    return std::all_of(plan.steps.begin(), plan.steps.end(),
                       [](const PlannedStep &planned) { return only_defines(planned.step); });
}

} // namespace

TaskRun::TaskRun(RunContext &context, const CheckedTask &checked, int first_step)
    : context_(context), task_(checked.task), script_(&checked.script), first_step_(first_step),
      step_(first_step)
{
}

// A weaker role's script in a superuser's session must not be able to leave its role.
void TaskRun::as_script_role(const std::function<void()> &work)
{
    if (role_is_locked_)
        pg::as_locked_role(context_.script_role(), work);
    else
        work();
}

// The session as at connection time, and what the migration and the call ask for.
void TaskRun::refresh_session()
{
    if (context_.where == Where::worker)
        pg::reset_session(
            context_.request.settings,
            context_.script_role() == context_.request.session_role ? "" : context_.script_role());
    else if (!context_.request.role.empty())
        pg::set_role(context_.request.role);
    pg::impose_standard_strings();
    for (const auto &[name, value] : script_->settings)
        pg::set_own_setting(name, value);
    for (const auto &[name, value] : context_.request.call_settings)
        pg::set_own_setting(name, value);
}

// And what the migration's finished part had set.
void TaskRun::repeat_settings()
{
    as_script_role([&] {
        for (const NumberedStatement &s : plan_.finished_settings)
            pg::execute(s.statement, {task_.migration.name, s.number}, pg::Level::nested);
    });
}

void TaskRun::record_plan()
{
    std::vector<ledger::StepRow> rows;
    for (std::size_t i = 0; i < plan_.steps.size(); i++)
        rows.push_back({first_step_ + static_cast<int>(i),
                        static_cast<int>(i) + 1,
                        steps(),
                        &plan_.steps[i].step,
                        plan_.steps[i].state,
                        plan_.steps[i].note,
                        {}});
    ledger::record_steps(context_.run, task_, rows);
}

void TaskRun::keep_locks()
{
    if (!pg::retake(context_.run, step_, task_.migration.id, context_.hold()))
        throw Error(sqlstate::lock_not_available, "the script released the lock of migrations",
                    "Another session runs migrations now.",
                    "Run migrate.apply() again when it has ended.");
}

void TaskRun::report(const Step &step)
{
    std::string text;
    for (const NumberedStatement &s : step.statements)
        text += (text.empty() ? "" : "; ") + s.statement.text;
    const std::string arrow = task_.direction == Direction::down ? " down" : "";
    pg::notice(task_.migration.name + arrow + " " + std::to_string(of_task_) + "/" +
               std::to_string(plan_.steps.size()) + " " + abbreviate(text, 60) + "  " +
               format_duration(outcome_.duration) + ", waited " +
               format_duration(outcome_.lock_wait));
    context_.sink({context_.run, task_.migration.name, step_, text, std::string(name_of(step.mode)),
                   outcome_.duration, outcome_.lock_wait});
}

void TaskRun::run_step(PlannedStep &planned, bool last)
{
    step_ = first_step_ + of_task_ - 1;
    step_watch_.emplace();
    pg::announce_migration(context_.run, task_.migration.id, context_.hold());
    pg::announce_step(context_.run, step_, context_.hold());
    if (context_.where == Where::worker)
        pg::report_activity(planned.step.statements.front().statement.text);
    try {
        if (pg::interrupt_is_pending())
            context_.in_transaction([] { pg::check_for_interrupts(); });
        if (planned.step.online && context_.where == Where::worker)
            context_.in_transaction(
                [&] { as_script_role([&] { require_same_target(planned.step); }); });
        if (planned.step.mode == Mode::transaction)
            run_transaction(planned, last);
        else
            run_alone_step(planned, last);
    } catch (Error &error) {
        if (planned.step.online && context_.where == Where::worker)
            context_.in_transaction([&] {
                as_script_role([&] { error = with_bad_rows(error, *planned.step.online); });
            });
        // What is raised between statements, by a deferred constraint for example, has no place yet.
        const NumberedStatement &s = planned.step.statements.back();
        if (error.context.find("migration \"") == std::string::npos)
            error.context += (error.context.empty() ? "" : "\n") +
                             pg::context_of({task_.migration.name, s.number}, s.statement.line);
        if (role_is_locked_ && error.sqlstate == sqlstate::insufficient_privilege &&
            error.hint.empty())
            error.hint =
                "A role that is not a superuser uploaded this migration, so in a superuser's "
                "session it cannot leave its role.  Log in as that role to run it.";
        throw;
    }
}

// Inline nothing can be half done: what stands alone was refused there.
void TaskRun::tidy()
{
    if (context_.where == Where::inside)
        return;
    for (const auto &[statement, note] : plan_.half_done) {
        const AloneRunner runner = alone_runner({1, statement});
        tidy_half_done(statement, note, runner);
    }
    for (const std::string &sql : plan_.undo)
        undo_part(sql);
}

// Of a statement that was run in part, online.  What is gone already need not be taken back.
void TaskRun::undo_part(const std::string &sql)
{
    const NumberedStatement own =
        online_statement(task_.migration.name, sql, NumberedStatement{1, {}});
    pg::notice("taking back: " + abbreviate(sql, 200));
    try {
        if (own.statement.alone != Alone::no)
            alone_runner(own).top_level(sql);
        else
            in_own_transaction([&] {
                pg::execute_own(sql, {task_.migration.name, own.number}, pg::Level::top);
            });
    } catch (const Error &error) {
        if (error.sqlstate != "42P01" && error.sqlstate != "42704" && error.sqlstate != "3F000" &&
            error.sqlstate != "42809") // is a partition already
            throw;
        pg::notice(error.message + ", skipping");
    }
}

// All steps done by earlier runs, or none at all: only the ledger has something to learn.
void TaskRun::perform_steps()
{
    tidy();
    const std::size_t total = plan_.steps.size();
    const bool single =
        total == 1 && plan_.steps[0].step.mode == Mode::transaction && !plan_.resumed;
    if (total > 0 && !single) {
        context_.in_transaction([&] {
            record_plan();
            ledger::record_unfinished(context_.run, task_.migration.id);
        });
        plan_recorded_ = true;
        pg::waitpoint(pg::Waitpoint::plan_recorded);
    }
    bool recorded = false;
    for (std::size_t i = 0; i < total; i++) {
        if (plan_.steps[i].state == "carried")
            continue;
        of_task_ = static_cast<int>(i) + 1;
        recorded = i + 1 == total;
        run_step(plan_.steps[i], recorded);
    }
    if (!recorded) {
        context_.in_transaction(
            [&] { ledger::record_finished(context_.run, task_, context_.request, 0); });
        pg::notice(task_.migration.name + (task_.direction == Direction::up
                                               ? ": nothing left to run, recorded as applied"
                                               : ": nothing to undo, recorded as pending"));
    }
}

// In the session that the migration will have: names mean there what they will mean then.
void TaskRun::plan()
{
    if (task_.direction == Direction::down && !needs_down(task_.migration))
        script_ = &nothing_; // nothing of it ran
    role_is_locked_ = !task_.migration.trusted && pg::session_role_is_superuser();
    refresh_session();
    Prospect prospect;
    as_script_role([&] { plan_ = plan_task(task_, *script_, context_.where, prospect); });
    repeat_settings();
}

void TaskRun::perform()
{
    if (context_.where == Where::inside)
        return pg::with_session_restored([&] {
            plan();
            perform_steps();
        });
    context_.in_transaction([&] { plan(); });
    if (plan_.separated)
        pg::notice(task_.migration.name + ": not in one transaction, since it works long and stops "
                                          "others",
                   "", "Write transaction:always in its section to have it whole.");
    const auto online =
        std::count_if(plan_.steps.begin(), plan_.steps.end(), [](const PlannedStep &planned) {
            return planned.step.online && planned.step.online->part == 1;
        });
    if (online > 0)
        pg::notice(task_.migration.name + ": " + std::to_string(online) +
                       (online == 1 ? " statement is" : " statements are") +
                       " run online, so not all in one transaction",
                   "", "migrate.plan() shows how; transaction:always in its section has it whole.");
    perform_steps();
    // Reading the whole lock table is not free; statements that only define things leave no lock.
    if (!only_defines(plan_))
        pg::release_foreign_advisory_locks();
}

void TaskRun::record_step_failure()
{
    outcome_.duration = step_watch_ ? step_watch_->microseconds() : 0;
    ledger::record_step_failed(context_.run, step_, outcome_);
}

void TaskRun::record_failure(const std::string &outcome, const Error &error)
{
    // Without a plan nothing of it ran, and what an earlier run left is still what counts.
    if (!plan_.steps.empty()) {
        if (!plan_recorded_)
            record_plan();
        if (in_doubt_)
            ledger::record_step_state(context_.run, step_, "in doubt");
        else if (error.sqlstate != sqlstate::run_in_doubt)
            record_step_failure();
        ledger::record_unfinished(context_.run, task_.migration.id);
    }
    ledger::Event event;
    event.event = outcome;
    event.migration_id = task_.migration.id;
    event.migration = task_.migration.name;
    event.run = context_.run;
    event.detail = error.message;
    ledger::record_event(event, context_.request);
}

} // namespace migrate
