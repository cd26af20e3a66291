// SPDX-License-Identifier: PostgreSQL
#include "engine/call.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "engine/alone_watch.h"
#include "engine/backfill/call.h"
#include "engine/ledger.h"
#include "engine/run.h"
#include "engine/selection.h"
#include "engine/stopwatch.h"
#include "pg/caller.h"
#include "pg/catalog.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/settings.h"
#include "pg/worker.h"

namespace migrate {

namespace {

void require_writable(const Request &request)
{
    const std::string what = std::string(name_of(request.operation));
    if (pg::in_recovery())
        throw Error(sqlstate::read_only_transaction, "cannot run migrations on a standby",
                    "This server is in recovery; migrate.status, plan and history work here.",
                    "Call migrate." + what + "() on the primary.");
    if (pg::is_read_only())
        throw Error(
            sqlstate::read_only_transaction, "cannot run migrations in a read-only transaction", "",
            "Call it in a transaction that may write; look at default_transaction_read_only.");
}

} // namespace

// The process that runs migrations waits for us, which no deadlock detector can see.
void require_not_in_the_way(int pid)
{
    if (pid == 0 || !pg::waits_for_me(pid))
        return;
    std::string locks;
    for (const pg::Row &row : pg::query(
             "SELECT DISTINCT format('%s%s', m.mode || ' on ' || m.locktype, CASE WHEN m.relation "
             "IS NOT NULL"
             " THEN ' ' || m.relation::regclass::text WHEN m.locktype = 'advisory' THEN format(' "
             "(%s, %s)',"
             " m.classid, m.objid) ELSE '' END) FROM pg_locks m JOIN pg_locks w ON w.locktype = "
             "m.locktype"
             " AND w.database IS NOT DISTINCT FROM m.database AND w.relation IS NOT DISTINCT FROM "
             "m.relation"
             " AND w.virtualxid IS NOT DISTINCT FROM m.virtualxid"
             " AND w.transactionid IS NOT DISTINCT FROM m.transactionid"
             " AND w.classid IS NOT DISTINCT FROM m.classid AND w.objid IS NOT DISTINCT FROM "
             "m.objid"
             " WHERE m.pid = pg_backend_pid() AND m.granted AND NOT w.granted AND w.pid <> m.pid"))
        locks += (locks.empty() ? "" : ", ") + *row[0];
    for (const pg::Row &row :
         pg::ledger("SELECT DISTINCT b.mode_held || ' on ' || b.relation FROM migrate.blockers b"
                    " WHERE b.pid = pg_backend_pid() AND b.relation IS NOT NULL UNION ALL"
                    " SELECT format('%s on advisory (%s, %s)', m.mode, m.classid, m.objid)"
                    " FROM pg_locks m JOIN pg_locks w ON w.locktype = 'advisory' AND w.granted"
                    " AND w.database = m.database AND w.objsubid = m.objsubid + 19787"
                    " AND w.classid = m.classid AND w.objid = m.objid AND w.pid <> m.pid"
                    " WHERE m.locktype = 'advisory' AND m.granted AND m.objsubid IN (1, 2)"
                    " AND m.pid = pg_backend_pid()"))
        if (row[0] && locks.find(*row[0]) == std::string::npos)
            locks += (locks.empty() ? "" : ", ") + *row[0];
    throw Error(sqlstate::deadlock_detected, "the migration waits for this very session",
                "This session holds " + (locks.empty() ? "what it waits for" : locks) +
                    "; process " + std::to_string(pid) +
                    " waits for it, and this call for that process.",
                "Release it before calling, or call from another session.");
}

namespace {

// Who has the lock, for the error of a wait that took too long.
Error timed_out(int waited)
{
    std::string detail = "It is held by an unknown process.";
    for (const pg::Row &row : pg::ledger(
             "SELECT 'Process ' || a.pid || ' (' || r.role || coalesce(', ' || r.application_name, "
             "'') || ') runs'"
             " || ' ' || r.operation || ', run ' || r.id || ', since ' || r.started_at ||"
             " coalesce(': ' || s.migration || ', ' || left(s.statements[1], 100), '') || '.'"
             " FROM migrate.active_steps() a JOIN migrate.runs r ON r.id = a.run"
             " LEFT JOIN migrate.run_steps s ON s.run = a.run AND s.step = a.step LIMIT 1"))
        detail = row[0].value_or(detail);
    if (const int pid = pg::holder(pg::RunnerLock::runner);
        pid != 0 && detail == "It is held by an unknown process.")
        detail = "Process " + std::to_string(pid) + " holds the lock.";
    return Error(sqlstate::lock_not_available,
                 "another run of migrations did not end within " + format_duration(waited * 1000LL),
                 detail,
                 "Look at migrate.progress; wait longer with migrate.wait_timeout or wait => ....");
}

class Call
{
public:
    Call(Request request, const Sink &sink) : request_(std::move(request)), sink_(sink) {}
    void carry_out();

private:
    void take_turn();
    bool wait_for(pg::RunnerLock lock, pg::Hold hold, const Stopwatch &since);
    void share_leaders_error();
    bool something_to_do();
    void in_worker();
    bool start_worker(const std::string &job);
    void let_go()
    {
        if (standing_ == pg::Standing::free)
            pg::let_go_of_snapshot();
    }

    Request request_;
    const Sink &sink_;
    pg::Standing standing_ = pg::Standing::block;
    std::optional<std::string> waited_since_; // set if somebody else ran when we came
};

// Waits for the lock; true if it had to.
bool Call::wait_for(pg::RunnerLock lock, pg::Hold hold, const Stopwatch &since)
{
    if (pg::try_lock(lock, hold))
        return false;
    if (standing_ != pg::Standing::free)
        throw Error(sqlstate::lock_not_available, "another run of migrations is in progress",
                    "This statement keeps its snapshot, so it cannot wait for it: the other run "
                    "may wait for "
                    "that snapshot.",
                    "Call it as SELECT * FROM migrate.apply(...) alone.");
    if (!waited_since_)
        waited_since_ = ledger::clock_now();
    for (;;) {
        const int waited = since.milliseconds();
        if (request_.wait_milliseconds > 0 && waited >= request_.wait_milliseconds)
            throw timed_out(request_.wait_milliseconds);
        const int slice = request_.wait_milliseconds > 0
                              ? std::min(1000, request_.wait_milliseconds - waited)
                              : 1000;
        let_go();
        if (pg::lock_within(lock, hold, std::max(1, slice)))
            return true;
        require_not_in_the_way(pg::holder(pg::RunnerLock::runner));
    }
}

void Call::take_turn()
{
    const Stopwatch start;
    wait_for(pg::RunnerLock::queue, pg::Hold::transaction, start);
    // The worker takes it; nobody else can meanwhile but a call inside a transaction block.
    wait_for(pg::RunnerLock::runner, pg::Hold::session, start);
    pg::unlock(pg::RunnerLock::runner, pg::Hold::session);
}

// If the run we waited for failed, or was cancelled, at something that we would run as well, its error is
// ours: nobody tries again what just went wrong, or was just stopped.
void Call::share_leaders_error()
{
    if (!waited_since_)
        return;
    const std::optional<std::int64_t> leader = ledger::last_run_ended_since(*waited_since_);
    if (!leader)
        return;
    const ledger::RunOutcome outcome = ledger::outcome_of(*leader);
    if ((outcome.outcome != "failed" && outcome.outcome != "interrupted") ||
        request_.operation != Operation::apply)
        return;
    const std::vector<Task> mine = select_tasks(request_, ledger::migrations());
    for (const std::string &failed : outcome.failed_migrations)
        if (std::any_of(mine.begin(), mine.end(),
                        [&](const Task &task) { return task.migration.name == failed; }))
            throw outcome.error;
}

bool Call::something_to_do()
{
    const std::vector<Migration> migrations = ledger::migrations();
    if (!select_tasks(request_, migrations).empty())
        return true;
    pg::notice(nothing_to_do(request_, migrations));
    return false;
}

// A free slot cannot be waited for but by asking again.
bool Call::start_worker(const std::string &job)
{
    const Stopwatch watch;
    const int limit = pg::settings().worker_timeout;
    while (!pg::start_worker(job)) {
        if (watch.milliseconds() >= limit)
            return false;
        let_go();
        pg::sleep_for(100);
        pg::check_for_interrupts();
    }
    return true;
}

void Call::in_worker()
{
    if (!start_worker(encode(request_))) {
        if (is_single_transaction(
                request_,
                check_tasks(request_, select_tasks(request_, ledger::migrations()), false)))
            return run_inline(request_, sink_);
        throw Error(
            sqlstate::insufficient_resources, "no background worker is free to run the migrations",
            "max_worker_processes is " + std::to_string(pg::max_worker_processes()) +
                ", and all are in use; waited " +
                format_duration(pg::settings().worker_timeout * 1000LL) + ".",
            "Raise max_worker_processes (needs a restart), or try again when others have ended.");
    }
    pg::Waiting waiting;
    waiting.on_message = [&](const std::string &message) {
        const ReportRow row = decode_row(message);
        if (row.step != 0)
            sink_(row);
        else if (request_.detach)
            sink_(row);
        return !(row.step == 0 && request_.detach);
    };
    waiting.before_sleep = [&] { let_go(); };
    AloneWatch watch;
    waiting.every_second = [&](int pid) {
        require_not_in_the_way(pid);
        watch.look();
    };
    try {
        pg::wait_for_worker(waiting);
    } catch (Error &error) {
        // Before 17 a worker cannot connect as a role that may not log in.
        if (error.sqlstate == "28000" && error.hint.empty())
            error.hint =
                "Log in as a role that may, and use SET ROLE or migrate.role; PostgreSQL 17 "
                "and later do without.";
        if (error.sqlstate == "57P01") { // the worker was terminated
            error.sqlstate = sqlstate::run_interrupted;
            error.hint = "The next migrate.apply() goes on where it stopped.";
        }
        throw;
    }
}

void Call::carry_out()
{
    require_same_version();
    require_writable(request_);
    standing_ = pg::standing();
    if (standing_ == pg::Standing::finishing)
        throw Error(sqlstate::feature_not_supported, "cannot run migrations in a cursor WITH HOLD",
                    "Its query runs while the transaction commits.",
                    "Call it with a plain SELECT.");
    describe_caller(request_);
    if (standing_ == pg::Standing::block) {
        if (request_.detach)
            throw Error(sqlstate::active_transaction, "cannot detach inside a transaction block",
                        "A run inside a block is part of its transaction.",
                        "Call it as a statement of its own, outside of BEGIN.");
        return run_inline(request_, sink_);
    }
    pg::disarm_timeouts();
    request_.caller_keeps_snapshot = standing_ == pg::Standing::holding && !request_.detach;
    take_turn();
    share_leaders_error();
    if (something_to_do())
        in_worker();
    if (standing_ == pg::Standing::free)
        pg::bring_snapshot_up_to_date();
}

void throw_outcome(std::int64_t run)
{
    const ledger::RunOutcome outcome = ledger::outcome_of(run);
    if (outcome.outcome == "done")
        return;
    if (outcome.ended)
        throw outcome.error;
    throw Error(
        sqlstate::run_interrupted, "run " + std::to_string(run) + " was interrupted",
        "The server or its worker stopped under it.",
        "The next migrate.apply() goes on where it stopped; migrate.rollback() takes it back.");
}

} // namespace

void carry_out(Request request, const Sink &sink)
{
    Call(std::move(request), sink).carry_out();
}

void wait_for(std::int64_t run, const Sink &sink)
{
    require_same_version();
    const ledger::RunOutcome known = ledger::outcome_of(run);
    if (!known.exists)
        throw Error(sqlstate::undefined_object, "run " + std::to_string(run) + " does not exist",
                    "", "Look at migrate.history for the runs there were.");
    if (pg::is_running(run)) {
        const pg::Standing standing = pg::standing();
        if (standing != pg::Standing::free)
            throw Error(
                sqlstate::active_transaction, "cannot wait for a run inside a transaction block",
                "The run may wait for this transaction.", "Call it as a statement of its own.");
        pg::disarm_timeouts();
        pg::let_go_of_snapshot();
        while (!pg::wait_for_run(run, 1000)) {
            require_not_in_the_way(pg::process_of(run));
            pg::let_go_of_snapshot();
        }
        pg::bring_snapshot_up_to_date();
    }
    throw_outcome(run);
    for (const ReportRow &row : ledger::report_of(run))
        sink(row);
}

bool cancel(std::int64_t run)
{
    require_same_version();
    if (!ledger::outcome_of(run).exists)
        throw Error(sqlstate::undefined_object, "run " + std::to_string(run) + " does not exist",
                    "", "Look at migrate.progress for what is running.");
    const int pid = pg::process_of(run);
    return pid != 0 && pg::cancel_process(pid);
}

void work(const std::string &job)
{
    if (backfill::is_job(job))
        return backfill::work(job);
    const Request request = decode_request(job);
    run_in_worker(request, [](const ReportRow &row) { pg::send_to_caller(encode(row)); });
}

void require_same_version()
{
    const std::string installed = pg::installed_version();
    if (installed == library_version)
        return;
    throw Error(sqlstate::prerequisite_state,
                "the library and the SQL objects of migrate differ in version",
                std::string("The library is version ") + library_version +
                    ", the SQL objects are version " + installed + ".",
                "Run ALTER EXTENSION migrate UPDATE, or install the library that belongs to the "
                "SQL objects.");
}

void describe_caller(Request &request)
{
    const pg::SessionInfo session = pg::session_info();
    request.settings = pg::changed_settings();
    request.current_role = session.role;
    request.session_role = session.session_role;
    request.application_name = session.application_name;
    request.client_addr = session.client_addr;
    const pg::Settings settings = pg::settings();
    if (request.role.empty())
        request.role = settings.role;
    if (request.wait_milliseconds == 0)
        request.wait_milliseconds = settings.wait_timeout;
}

} // namespace migrate
