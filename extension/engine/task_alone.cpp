// Steps that stand alone: noted before, done, recorded after; and settled by the catalogs after a crash.
// SPDX-License-Identifier: PostgreSQL
#include "core/text.h"
#include "engine/alone.h"
#include "engine/ledger.h"
#include "engine/stopwatch.h"
#include "engine/task_run.h"
#include "pg/execute.h"
#include "pg/lock_watch.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"
#include "pg/watcher.h"

namespace migrate {

namespace {

// While it lives the step is looked at by another process.
class WatchedFromOutside
{
public:
    WatchedFromOutside(const RunContext &context, int step)
    {
        pg::publish_alone_step({context.run, step, true, pg::lock_settings(), {}});
        if (context.request.detach)
            pg::start_watcher();
    }
    ~WatchedFromOutside() { pg::no_alone_step_runs(); }
    WatchedFromOutside(const WatchedFromOutside &) = delete;
    WatchedFromOutside &operator=(const WatchedFromOutside &) = delete;
};

} // namespace

AloneRunner TaskRun::alone_runner(const NumberedStatement &s)
{
    AloneRunner runner;
    runner.migration = task_.migration.name;
    const pg::Place place{task_.migration.name, s.number};
    const int line = s.statement.line;
    runner.top_level = [this, place, line](const std::string &sql) {
        Statement own;
        own.text = sql;
        own.line = line;
        pg::forget_lock_waits();
        pg::watch_lock_waits({});
        const std::optional<Error> error = pg::top_level_command([&] {
            if (role_is_locked_) // DISCARD ALL gives the session's own role back
                pg::set_role(context_.script_role());
            pg::impose_own_settings();
            pg::impose_no_lock_timeout(pg::Hold::session);
            pg::report_activity(sql);
            pg::execute(own, place, pg::Level::top);
        });
        outcome_.lock_wait += pg::stop_watching_lock_waits();
        if (error)
            throw *error;
    };
    runner.transaction = [this](const std::function<void()> &work) { in_own_transaction(work); };
    return runner;
}

// After a crash the catalogs say whether a statement that was started has happened.
void TaskRun::settle_started(PlannedStep &planned)
{
    if (planned.state != "started" && planned.state != "in doubt")
        return;
    const NumberedStatement &s = planned.step.statements.front();
    Decision decision = Decision::in_doubt;
    context_.in_transaction([&] { decision = decide(s, planned.note); });
    if (decision == Decision::done) {
        pg::notice(task_.migration.name + ": " + abbreviate(s.statement.text, 60) +
                   " was done before the interruption");
        planned.state = "carried";
        context_.in_transaction([&] { ledger::record_step_state(context_.run, step_, "carried"); });
    } else if (decision == Decision::in_doubt) {
        context_.in_transaction(
            [&] { ledger::record_step_state(context_.run, step_, "in doubt", planned.note); });
        Error error(sqlstate::run_in_doubt,
                    "it is in doubt whether a statement of migration \"" + task_.migration.name +
                        "\" was carried out",
                    "The run stopped while it ran " + abbreviate(s.statement.text, 200) +
                        ", and the catalogs do not tell how far it came.",
                    "Look at its effects, then call migrate.repair('" + task_.migration.name +
                        "', 'done') or migrate.repair('" + task_.migration.name + "', 'retry').");
        error.context = pg::context_of({task_.migration.name, s.number}, s.statement.line);
        throw error;
    }
}

// Code that committed a part of its work and failed then cannot just be run again: some of it would be
// done twice.
void TaskRun::throw_in_doubt(const Statement &statement, Error error)
{
    const bool commits =
        statement.alone == Alone::procedure || statement.alone == Alone::procedure_maybe;
    if (!commits || !pg::failed_command_committed())
        return;
    in_doubt_ = true;
    const std::string &name = task_.migration.name;
    error.hint =
        "A part of its work is committed.  Look at its effects, then call migrate.repair('" + name +
        "', 'done') or migrate.repair('" + name + "', 'retry').";
    throw error;
}

void TaskRun::run_started(PlannedStep &planned)
{
    const NumberedStatement &s = planned.step.statements.front();
    context_.in_transaction([&] {
        if (planned.note.empty())
            planned.note = note_before(s.statement);
        ledger::record_step_state(context_.run, step_, "started", planned.note);
    });
    pg::waitpoint(pg::Waitpoint::alone_noted);
    const AloneRunner runner = alone_runner(s);
    outcome_ = {};
    const Stopwatch watch;
    const WatchedFromOutside watched(context_, step_);
    try {
        run_alone(s, planned.note, runner, [&] { runner.top_level(s.statement.text); });
    } catch (const Error &error) {
        const bool nothing_there = error.sqlstate == "42P01" || error.sqlstate == "42704";
        if (!plan_.partial_undo || s.statement.role != Role::drop || !nothing_there) {
            throw_in_doubt(s.statement, error);
            throw;
        }
        pg::notice(error.message + ", skipping");
    }
    outcome_.duration = watch.microseconds();
    keep_locks();
    pg::waitpoint(pg::Waitpoint::alone_ran);
}

void TaskRun::run_alone_step(PlannedStep &planned, bool last)
{
    settle_started(planned);
    const bool carried = planned.state == "carried";
    if (!carried)
        run_started(planned);
    context_.in_transaction([&] {
        if (!carried) {
            ledger::record_step_done(context_.run, step_, outcome_);
            task_duration_ += outcome_.duration;
        }
        if (last)
            ledger::record_finished(context_.run, task_, context_.request, task_duration_);
    });
    pg::waitpoint(pg::Waitpoint::alone_recorded);
    planned.state = "done";
    if (!carried)
        report(planned.step);
}

} // namespace migrate
