// The run itself: its beginning, its tasks one after the other, its end, in the ledger as in the lock table.
// SPDX-License-Identifier: PostgreSQL
#include "engine/run.h"

#include <algorithm>

#include "core/error.h"
#include "engine/ledger.h"
#include "engine/selection.h"
#include "engine/task_run.h"
#include "pg/locks.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"

namespace migrate {

namespace {

bool is_interruption(const Error &error)
{
    return error.sqlstate == sqlstate::query_canceled || error.sqlstate == "57P01";
}

// This process is in a run: a script that asks for another one is refused, although the lock is ours.
bool running = false;

struct Running
{
    Running() { running = true; }
    ~Running() { running = false; }
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;
};

void begin(RunContext &context)
{
    context.in_transaction([&] {
        context.run = ledger::begin_run(context.request, context.where == Where::worker);
        pg::announce_run(context.run, context.hold());
    });
    pg::waitpoint(pg::Waitpoint::run_recorded);
}

void finish(const RunContext &context)
{
    context.in_transaction([&] {
        ledger::record_held(context.run, context.held);
        ledger::end_run(context.run, "done", std::nullopt);
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

// "migrate_not_null_0123456789abcdef": what a script written otherwise needs for a while.
bool names_helper(const std::string &message)
{
    static constexpr std::string_view head = "\"migrate_";
    constexpr std::size_t digits = 16;
    const std::size_t begin = message.find(head);
    const std::size_t end = begin == message.npos ? begin : message.find('"', begin + head.size());
    if (end == message.npos || end < begin + head.size() + digits + 1)
        return false;
    const std::string_view hash = std::string_view(message).substr(end - digits, digits);
    return message[end - digits - 1] == '_' &&
           hash.find_first_not_of("0123456789abcdef") == hash.npos;
}

// A table that is there already, in a database whose history is empty: somebody else made it.
Error with_advice(Error error, bool virgin)
{
    static constexpr std::string_view duplicates[] = {"42P07", "42P06", "42710", "42701", "42723"};
    if (virgin && error.hint.empty() && !names_helper(error.message) &&
        std::find(std::begin(duplicates), std::end(duplicates), error.sqlstate) !=
            std::end(duplicates))
        error.hint =
            "No migration was ever applied here. If the database has this schema already, record "
            "that with migrate.baseline('...').";
    if (error.message.find("pending trigger events") != std::string::npos && error.hint.empty())
        error.hint = "Put COMMIT; BEGIN; between the data change and the ALTER TABLE, or split the "
                     "migration.";
    if (is_interruption(error) && error.hint.empty())
        error.hint = "The run is interrupted: the next migrate.apply() goes on where it stopped, "
                     "migrate.rollback() takes it back.";
    if (error.sqlstate == "55P04")
        error.hint =
            "Put the ALTER TYPE ... ADD VALUE into a migration of its own, before this one.";
    return error;
}

// Records the failure and throws it.
[[noreturn]] void fail(const RunContext &context, TaskRun &task, const Error &error)
{
    pg::waitpoint(pg::Waitpoint::failure_seen);
    const std::string outcome = is_interruption(error) ? "interrupted" : "failed";
    pg::transaction_despite_cancel([&] {
        task.record_failure(outcome, error);
        ledger::record_held(context.run, context.held);
        ledger::end_run(context.run, outcome, error);
    });
    pg::waitpoint(pg::Waitpoint::run_ended);
    pg::leave(context.run);
    throw error;
}

void take_runner_lock()
{
    for (;;) {
        bool taken = false;
        const std::optional<Error> error = pg::transaction(
            [&] { taken = pg::lock_within(pg::RunnerLock::runner, pg::Hold::session, 1000); });
        if (error)
            throw *error;
        if (taken)
            return;
    }
}

} // namespace

void require_outside_of_run()
{
    if (running)
        throw Error(sqlstate::lock_not_available, "a run of migrations is in progress",
                    "It is the one whose script calls this.",
                    "A migration cannot change migrations that are known, nor the record.");
}

void run_in_worker(const Request &request, const Sink &sink)
{
    const Running flag;
    take_runner_lock();
    std::vector<CheckedTask> tasks;
    bool virgin = false;
    if (const std::optional<Error> error = pg::transaction([&] {
            pg::take_over_settings(request.settings);
            if (request.role.empty() && request.current_role != request.session_role)
                pg::set_role(request.current_role);
            tasks = choose(request, false);
            warn_of_order(tasks);
            virgin = ledger::is_virgin();
        }))
        throw *error;
    if (tasks.empty())
        return;
    RunContext context{request, Where::worker, sink};
    begin(context);
    sink({context.run, "", 0, "", "", 0, 0});
    int step = 1;
    for (const CheckedTask &checked : tasks) {
        TaskRun task(context, checked, step);
        try {
            task.perform();
        } catch (const Error &error) {
            fail(context, task, with_advice(error, virgin));
        }
        step += task.steps();
    }
    finish(context);
    pg::leave(context.run);
}

void run_inline(const Request &request, const Sink &sink)
{
    if (running || !pg::try_lock(pg::RunnerLock::runner, pg::Hold::transaction))
        throw Error(
            sqlstate::lock_not_available, "another run of migrations is in progress",
            running ? "It is the one whose script calls this." : "",
            running ? "A migration cannot run migrations."
                    : "Inside a transaction block it cannot be waited for; try again when it has "
                      "ended.");
    const Running flag;
    const std::vector<CheckedTask> tasks = choose(request, true);
    if (tasks.empty())
        return;
    warn_of_order(tasks);
    RunContext context{request, Where::inside, sink};
    begin(context);
    int step = 1;
    for (const CheckedTask &checked : tasks) {
        TaskRun task(context, checked, step);
        task.perform();
        step += task.steps();
    }
    finish(context);
    pg::announce_end(context.hold());
}

} // namespace migrate
