// The run itself.  In the worker every step is a transaction, or a statement alone, and commits with its
// ledger row; inline everything is the caller's transaction and nothing here commits.
// SPDX-License-Identifier: PostgreSQL
#include "engine/run.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "engine/alone.h"
#include "engine/ledger.h"
#include "engine/planning.h"
#include "engine/selection.h"
#include "pg/execute.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"

namespace migrate {

namespace {

using Clock = std::chrono::steady_clock;

long long microseconds_since(Clock::time_point start)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

bool is_interruption(const Error &error)
{
    return error.sqlstate == sqlstate::query_canceled || error.sqlstate == "57P01";
}

enum class Where
{
    worker,
    inside
};

class Run
{
public:
    Run(const Request &request, Where where, const Sink &sink)
        : request_(request), where_(where), sink_(sink),
          hold_(where == Where::worker ? pg::Hold::session : pg::Hold::transaction)
    {
    }
    void begin();
    void perform(const CheckedTask &checked);
    void finish() { end("done", std::nullopt); }
    void fail(const Error &error);
    void end(const std::string &outcome, const std::optional<Error> &error);
    std::int64_t number() const { return run_; }

private:
    void in_transaction(const std::function<void()> &work);
    void perform_task();
    void begin_migration();
    void record_plan();
    void run_step(PlannedStep &planned, bool last);
    void run_transaction(PlannedStep &planned, bool last);
    void run_alone_step(PlannedStep &planned, bool last);
    void settle_started(PlannedStep &planned);
    void run_statement(const NumberedStatement &statement);
    void execute_or_skip(const NumberedStatement &statement);
    void keep_locks();
    void report(const Step &step, long long duration, long long lock_wait);
    AloneRunner alone_runner(const NumberedStatement &statement);
    std::string script_role() const;
    bool role_is_locked() const;
    void as_script_role(const std::function<void()> &work);

    const Request &request_;
    const Where where_;
    const Sink &sink_;
    const pg::Hold hold_;
    std::int64_t run_ = 0;
    int next_step_ = 1;
    // Of the task being carried out.
    Task task_;
    const Script *script_ = nullptr;
    TaskPlan plan_;
    bool session_ready_ = false, plan_recorded_ = false;
    int step_ = 0, of_task_ = 0; // in the run; in the task, from 1
    long long task_duration_ = 0;
};

void Run::in_transaction(const std::function<void()> &work)
{
    if (where_ == Where::inside)
        return work();
    if (const std::optional<Error> error = pg::transaction(work))
        throw *error;
}

void Run::begin()
{
    in_transaction([&] {
        run_ = ledger::begin_run(request_, where_ == Where::worker);
        pg::announce_run(run_, hold_);
    });
    pg::waitpoint(pg::Waitpoint::run_recorded);
}

void Run::end(const std::string &outcome, const std::optional<Error> &error)
{
    in_transaction([&] { ledger::end_run(run_, outcome, error); });
    pg::waitpoint(pg::Waitpoint::run_ended);
}

std::string Run::script_role() const
{
    return request_.role.empty() ? request_.current_role : request_.role;
}

bool Run::role_is_locked() const
{
    return !task_.migration.trusted && pg::session_role_is_superuser();
}

// A weaker role's script in a superuser's session must not be able to leave its role.
void Run::as_script_role(const std::function<void()> &work)
{
    if (role_is_locked())
        pg::as_locked_role(script_role(), work);
    else
        work();
}

// The session as at connection time, then what the migration asks for and what its finished part had set.
void Run::begin_migration()
{
    if (session_ready_)
        return;
    if (where_ == Where::worker)
        pg::reset_session(request_.settings,
                          script_role() == request_.session_role ? "" : script_role());
    else if (!request_.role.empty())
        pg::set_role(request_.role);
    for (const auto &[name, value] : script_->settings)
        pg::set_own_setting(name, value);
    as_script_role([&] {
        for (const NumberedStatement &s : plan_.finished_settings)
            pg::execute(s.statement, {task_.migration.name, s.number}, pg::Level::nested);
    });
    session_ready_ = true;
}

void Run::record_plan()
{
    std::vector<ledger::StepRow> rows;
    for (std::size_t i = 0; i < plan_.steps.size(); i++)
        rows.push_back({next_step_ + static_cast<int>(i), static_cast<int>(i) + 1,
                        static_cast<int>(plan_.steps.size()), &plan_.steps[i].step,
                        plan_.steps[i].state});
    ledger::record_steps(run_, task_, rows);
    plan_recorded_ = true;
}

void Run::keep_locks()
{
    if (!pg::retake(run_, step_, hold_))
        throw Error(sqlstate::lock_not_available, "the script released the lock of migrations",
                    "Another session runs migrations now.",
                    "Run migrate.apply() again when it has ended.");
}

// In a way down from what was never whole, a DROP may find nothing to drop.
void Run::execute_or_skip(const NumberedStatement &s)
{
    const pg::Place place{task_.migration.name, s.number};
    const pg::Level level = where_ == Where::worker ? pg::Level::top : pg::Level::nested;
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

void Run::run_statement(const NumberedStatement &s)
{
    if (where_ == Where::worker) {
        pg::impose_own_settings();
        pg::report_activity(s.statement.text);
    }
    execute_or_skip(s);
    keep_locks();
}

void Run::run_transaction(PlannedStep &planned, bool last)
{
    const Clock::time_point start = Clock::now();
    long long duration = 0, lock_wait = 0;
    in_transaction([&] {
        begin_migration();
        pg::waitpoint(pg::Waitpoint::transaction_begun);
        pg::start_counting_lock_waits();
        as_script_role([&] {
            if (!planned.step.begin_options.empty() && where_ == Where::worker)
                pg::execute_own("SET TRANSACTION " + planned.step.begin_options,
                                {task_.migration.name, 1}, pg::Level::top);
            for (const NumberedStatement &s : planned.step.statements)
                run_statement(s);
            pg::waitpoint(pg::Waitpoint::transaction_ran);
            pg::settle_transaction();
        });
        lock_wait = pg::counted_lock_wait();
        duration = microseconds_since(start);
        if (!plan_recorded_)
            record_plan();
        ledger::record_step_done(run_, step_, duration, lock_wait);
        task_duration_ += duration;
        if (last)
            ledger::record_finished(run_, task_, request_, task_duration_);
        pg::waitpoint(pg::Waitpoint::transaction_recorded);
    });
    pg::waitpoint(pg::Waitpoint::transaction_committed);
    planned.state = "done";
    report(planned.step, duration, lock_wait);
}

AloneRunner Run::alone_runner(const NumberedStatement &s)
{
    AloneRunner runner;
    runner.migration = task_.migration.name;
    const pg::Place place{task_.migration.name, s.number};
    const int line = s.statement.line;
    runner.top_level = [this, place, line](const std::string &sql) {
        Statement own;
        own.text = sql;
        own.line = line;
        const std::optional<Error> error = pg::top_level_command([&] {
            pg::impose_own_settings();
            pg::impose_no_lock_timeout();
            pg::report_activity(sql);
            pg::execute(own, place, pg::Level::top);
        });
        if (error)
            throw *error;
    };
    runner.transaction = [this](const std::function<void()> &work) { in_transaction(work); };
    return runner;
}

// After a crash the catalogs say whether a statement that was started has happened.
void Run::settle_started(PlannedStep &planned)
{
    if (planned.state != "started" && planned.state != "in doubt")
        return;
    const NumberedStatement &s = planned.step.statements.front();
    Decision decision = Decision::in_doubt;
    in_transaction([&] {
        begin_migration();
        decision = decide(s, planned.note);
    });
    if (decision == Decision::done) {
        pg::notice(task_.migration.name + ": " + abbreviate(s.statement.text, 60) +
                   " was done before the interruption");
        planned.state = "carried";
        in_transaction([&] { ledger::record_step_state(run_, step_, "carried"); });
    } else if (decision == Decision::in_doubt) {
        in_transaction([&] { ledger::record_step_state(run_, step_, "in doubt", planned.note); });
        Error error(sqlstate::run_in_doubt,
                    "it is in doubt whether a statement of migration \"" + task_.migration.name +
                        "\" was carried out",
                    "The server stopped while it ran " + abbreviate(s.statement.text, 200) +
                        ", and the catalogs do not tell.",
                    "Look at its effects, then call migrate.repair('" + task_.migration.name +
                        "', 'done') or migrate.repair('" + task_.migration.name + "', 'retry').");
        error.context = pg::context_of({task_.migration.name, s.number}, s.statement.line);
        throw error;
    }
}

void Run::run_alone_step(PlannedStep &planned, bool last)
{
    const NumberedStatement &s = planned.step.statements.front();
    settle_started(planned);
    long long duration = 0, lock_wait = 0;
    if (planned.state != "carried") {
        in_transaction([&] {
            begin_migration();
            if (planned.note.empty())
                planned.note = note_before(s.statement);
            ledger::record_unfinished(run_, task_.migration.id);
            ledger::record_step_state(run_, step_, "started", planned.note);
        });
        pg::waitpoint(pg::Waitpoint::alone_noted);
        const AloneRunner runner = alone_runner(s);
        const Clock::time_point start = Clock::now();
        pg::start_counting_lock_waits();
        try {
            run_alone(s, planned.note, runner, [&] { runner.top_level(s.statement.text); });
        } catch (const Error &error) {
            const bool nothing_there = error.sqlstate == "42P01" || error.sqlstate == "42704";
            if (!plan_.partial_undo || s.statement.role != Role::drop || !nothing_there)
                throw;
            pg::notice(error.message + ", skipping");
        }
        lock_wait = pg::counted_lock_wait();
        duration = microseconds_since(start);
        keep_locks();
        pg::waitpoint(pg::Waitpoint::alone_ran);
    }
    task_duration_ += duration;
    in_transaction([&] {
        if (planned.state != "carried")
            ledger::record_step_done(run_, step_, duration, lock_wait);
        if (last)
            ledger::record_finished(run_, task_, request_, task_duration_);
    });
    pg::waitpoint(pg::Waitpoint::alone_recorded);
    if (planned.state != "carried")
        report(planned.step, duration, lock_wait);
    planned.state = "done";
}

void Run::report(const Step &step, long long duration, long long lock_wait)
{
    std::string text;
    for (const NumberedStatement &s : step.statements)
        text += (text.empty() ? "" : "; ") + s.statement.text;
    const std::string arrow = task_.direction == Direction::down ? " down" : "";
    pg::notice(task_.migration.name + arrow + " " + std::to_string(of_task_) + "/" +
               std::to_string(plan_.steps.size()) + " " + abbreviate(text, 60) + "  " +
               format_duration(duration) + ", waited " + format_duration(lock_wait));
    sink_({run_, task_.migration.name, step_, text, std::string(name_of(step.mode)), duration,
           lock_wait});
}

void Run::run_step(PlannedStep &planned, bool last)
{
    step_ = next_step_ + of_task_ - 1;
    pg::announce_step(run_, step_, hold_);
    pg::check_for_interrupts();
    if (planned.step.mode == Mode::transaction)
        run_transaction(planned, last);
    else
        run_alone_step(planned, last);
}

// All steps done by earlier runs, or none at all: only the ledger has something to learn.
void Run::perform_task()
{
    const std::size_t total = plan_.steps.size();
    const bool single =
        total == 1 && plan_.steps[0].step.mode == Mode::transaction && !plan_.resumed;
    if (total > 0 && !single) {
        in_transaction([&] {
            record_plan();
            ledger::record_unfinished(run_, task_.migration.id);
        });
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
        in_transaction([&] { ledger::record_finished(run_, task_, request_, 0); });
        pg::notice(task_.migration.name + (task_.direction == Direction::up
                                               ? ": nothing left to run, recorded as applied"
                                               : ": nothing to undo, recorded as pending"));
    }
}

void Run::perform(const CheckedTask &checked)
{
    task_ = checked.task;
    script_ = &checked.script;
    session_ready_ = plan_recorded_ = false;
    task_duration_ = 0;
    step_ = next_step_;
    of_task_ = 1;
    plan_ = TaskPlan{};
    Script nothing;
    in_transaction([&] {
        if (task_.direction == Direction::down && !has_finished_steps(task_.migration))
            script_ = &nothing; // nothing of it ran
        plan_ = plan_task(task_, *script_);
    });
    if (where_ == Where::inside)
        pg::with_session_restored([&] { perform_task(); });
    else
        perform_task();
    next_step_ += static_cast<int>(plan_.steps.size());
}

// Worker only: inline the caller's transaction takes everything back.
void Run::fail(const Error &error)
{
    pg::waitpoint(pg::Waitpoint::failure_seen);
    const std::string outcome = is_interruption(error) ? "interrupted" : "failed";
    in_transaction([&] {
        if (!plan_recorded_)
            record_plan();
        if (error.sqlstate != sqlstate::run_in_doubt)
            ledger::record_step_state(run_, step_, "failed");
        ledger::record_unfinished(run_, task_.migration.id);
        ledger::Event event;
        event.event = outcome;
        event.migration_id = task_.migration.id;
        event.migration = task_.migration.name;
        event.run = run_;
        event.detail = error.message;
        ledger::record_event(event, request_);
        ledger::end_run(run_, outcome, error);
    });
    pg::waitpoint(pg::Waitpoint::run_ended);
}

void warn_of_order(const std::vector<CheckedTask> &tasks)
{
    for (const CheckedTask &checked : tasks)
        if (checked.task.out_of_order)
            pg::warning("migration \"" + checked.task.migration.name +
                            "\" is older than the last one applied",
                        "", "Set migrate.out_of_order = refuse to have this refused.");
}

std::vector<CheckedTask> choose(const Request &request, bool in_block)
{
    const std::vector<Migration> migrations = ledger::migrations();
    const std::vector<Task> tasks = select_tasks(request, migrations);
    if (tasks.empty())
        pg::notice(nothing_to_do(request, migrations));
    return check_tasks(request, tasks, in_block);
}

// A table that is there already, in a database whose history is empty: somebody else made it.
Error with_advice(Error error, bool virgin)
{
    static constexpr std::string_view duplicates[] = {"42P07", "42P06", "42710", "42701", "42723"};
    if (virgin && error.hint.empty() &&
        std::find(std::begin(duplicates), std::end(duplicates), error.sqlstate) !=
            std::end(duplicates))
        error.hint =
            "No migration was ever applied here. If the database has this schema already, record "
            "that with migrate.baseline('...').";
    if (error.sqlstate == "55006" && error.hint.empty())
        error.hint = "Put COMMIT; BEGIN; between the data change and the ALTER TABLE, or split the "
                     "migration.";
    if (error.sqlstate == "55P04")
        error.hint =
            "Put the ALTER TYPE ... ADD VALUE into a migration of its own, before this one.";
    return error;
}

void take_runner_lock(const Request &request)
{
    for (;;) {
        bool taken = false;
        const std::optional<Error> error = pg::transaction(
            [&] { taken = pg::lock_within(pg::RunnerLock::runner, pg::Hold::session, 1000); });
        if (error)
            throw *error;
        if (taken)
            return;
        (void)request;
    }
}

} // namespace

void run_in_worker(const Request &request, const Sink &sink)
{
    take_runner_lock(request);
    std::vector<CheckedTask> tasks;
    bool virgin = false;
    if (const std::optional<Error> error = pg::transaction([&] {
            if (request.role.empty() && request.current_role != request.session_role)
                pg::set_role(request.current_role);
            tasks = choose(request, false);
            warn_of_order(tasks);
            virgin = ledger::is_virgin();
        }))
        throw *error;
    if (tasks.empty())
        return;
    Run run(request, Where::worker, sink);
    run.begin();
    sink({run.number(), "", 0, "", "", 0, 0});
    try {
        for (const CheckedTask &checked : tasks)
            run.perform(checked);
    } catch (const Error &error) {
        const Error advised = with_advice(error, virgin);
        run.fail(advised);
        throw advised;
    }
    run.finish();
}

void run_inline(const Request &request, const Sink &sink)
{
    static bool running = false;
    if (running || !pg::try_lock(pg::RunnerLock::runner, pg::Hold::transaction))
        throw Error(
            sqlstate::lock_not_available, "another run of migrations is in progress",
            running ? "It is the one that called this." : "",
            "Inside a transaction block it cannot be waited for; try again when it has ended.");
    struct Flag
    {
        explicit Flag(bool &f) : flag(f) { flag = true; }
        ~Flag() { flag = false; }
        bool &flag;
    } const flag(running);
    const std::vector<CheckedTask> tasks = choose(request, true);
    if (tasks.empty())
        return;
    warn_of_order(tasks);
    Run run(request, Where::inside, sink);
    run.begin();
    for (const CheckedTask &checked : tasks)
        run.perform(checked);
    run.finish();
}

} // namespace migrate
