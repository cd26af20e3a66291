// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/call.h"

#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "engine/backfill/lead.h"
#include "engine/backfill/record.h"
#include "engine/backfill/trouble.h"
#include "engine/call.h"
#include "engine/ledger.h"
#include "engine/stopwatch.h"
#include "pg/backfill/statement.h"
#include "pg/caller.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "pg/worker.h"

namespace migrate::backfill {

namespace {

pg::Standing require_standing()
{
    if (pg::in_recovery())
        throw Error(sqlstate::read_only_transaction, "cannot run a backfill on a standby",
                    "This server is in recovery.", "Call migrate.backfill() on the primary.");
    if (pg::is_read_only())
        throw Error(sqlstate::read_only_transaction,
                    "cannot run a backfill in a read-only transaction", "",
                    "Call it in a transaction that may write; look at "
                    "default_transaction_read_only.");
    const pg::Standing standing = pg::standing();
    if (standing == pg::Standing::block || standing == pg::Standing::finishing)
        throw Error(sqlstate::active_transaction,
                    "cannot run a backfill inside a transaction block",
                    "Its batches are committed one by one, and this transaction may hold what they "
                    "need.",
                    "Call it as a statement of its own, outside of BEGIN, functions and cursors.");
    return standing;
}

void require_rate(double rows_per_second)
{
    if (!std::isfinite(rows_per_second) || rows_per_second < 0)
        throw Error(sqlstate::invalid_parameter_value,
                    "rows_per_second must be a number that is not negative", "",
                    "0 means no limit.");
}

void require_options(const Options &o)
{
    require_rate(o.rows_per_second);
    if (!(o.max_skipped <= 1)) // NaN is not
        throw Error(sqlstate::invalid_parameter_value, "max_skipped must be between 0 and 1",
                    "It is a share of the rows.", "");
}

// The worker would not find it, or another one of that name.
void require_permanent(const std::string &statement)
{
    bool temporary = false;
    if (const std::optional<Error> error =
            pg::attempt([&] { temporary = pg::backfill::names_temporary_table(statement); }))
        throw placed_in(*error, statement);
    if (temporary)
        throw Error(sqlstate::feature_not_supported,
                    "a statement with a temporary table cannot be run in batches",
                    "The process that runs the batches cannot see it.",
                    "Run it as it is, or use a table that others can see.");
}

// After the leader, or somebody who joined it, has ended.
Report outcome_of(std::int64_t run)
{
    const ledger::RunOutcome outcome = ledger::outcome_of(run);
    if (outcome.outcome == "done")
        return record::totals(run);
    if (outcome.ended)
        throw outcome.error;
    throw Error(sqlstate::run_interrupted, "backfill " + std::to_string(run) + " was interrupted",
                "The server or its worker stopped under it.",
                "The same migrate.backfill(), or migrate.resume(" + std::to_string(run) +
                    "), goes on where it stopped.");
}

void wait_for_other(std::int64_t run, pg::Standing standing)
{
    for (;;) {
        if (standing == pg::Standing::free)
            pg::let_go_of_snapshot();
        if (pg::wait_for_run(run, 1000))
            return;
        require_not_in_the_way(pg::process_of(run));
    }
}

// A free slot cannot be waited for but by asking again.
void start_leader(const std::string &job, const std::function<void()> &before_sleep)
{
    const Stopwatch watch;
    const int limit = pg::settings().worker_timeout;
    while (!pg::start_worker(job)) {
        if (watch.milliseconds() >= limit)
            throw Error(sqlstate::insufficient_resources,
                        "no background worker is free to run the backfill",
                        "max_worker_processes is " + std::to_string(pg::max_worker_processes()) +
                            ", and all are in use; waited " + format_duration(limit * 1000LL) + ".",
                        "Raise max_worker_processes (needs a restart), or try again when others "
                        "have ended.");
        before_sleep();
        pg::sleep_for(100);
        pg::check_for_interrupts();
    }
}

std::optional<Report> run_in_worker(const Job &job, bool detach, pg::Standing standing,
                                    const Announce &announce)
{
    std::optional<Report> last;
    pg::Waiting waiting;
    waiting.on_message = [&](const std::string &message) {
        last = decode_report(message);
        if (last->kind == Report::Kind::begun)
            announce(*last);
        return !(detach && last->kind != Report::Kind::done);
    };
    const auto let_go = [&] {
        if (standing == pg::Standing::free)
            pg::let_go_of_snapshot();
    };
    waiting.before_sleep = let_go;
    waiting.every_second = [](int pid) { require_not_in_the_way(pid); };
    start_leader(encode(job), let_go);
    try {
        pg::wait_for_worker(waiting);
    } catch (Error &error) {
        if (error.sqlstate == "57P01") {
            error.sqlstate = sqlstate::run_interrupted;
            error.hint = "The same migrate.backfill() goes on where it stopped.";
        }
        throw;
    }
    return last;
}

record::Stored require_known(std::int64_t run)
{
    const std::optional<record::Stored> stored = record::find(run);
    if (!stored)
        throw Error(sqlstate::undefined_object, "run " + std::to_string(run) + " is not a backfill",
                    "", "Look at migrate.progress for those that are not done.");
    return *stored;
}

} // namespace

void carry_out(const Call &call, const Announce &announce)
{
    require_same_version();
    require_options(call.options);
    const pg::Standing standing = require_standing();
    Job job;
    job.duty = call.run != 0 ? Duty::resume : Duty::lead;
    job.run = call.run;
    job.options = call.options;
    job.restart = call.restart;
    job.session.role = call.role;
    if (call.run == 0)
        require_permanent(call.options.statement);
    describe_caller(job.session);
    pg::disarm_timeouts();
    const std::optional<Report> last = run_in_worker(job, call.detach, standing, announce);
    if (last && !call.detach && last->kind == Report::Kind::joined) {
        pg::notice("backfill " + std::to_string(last->run) +
                   " of this statement is running already: waiting for it");
        wait_for_other(last->run, standing);
    }
    if (standing == pg::Standing::free)
        pg::bring_snapshot_up_to_date();
    if (!last)
        return;
    if (last->kind == Report::Kind::joined && !call.detach)
        announce(outcome_of(last->run));
    else if (last->kind != Report::Kind::begun) // that was told when it began
        announce(*last);
}

bool pause(std::int64_t run)
{
    require_same_version();
    require_known(run);
    return pg::is_running(run) && record::pause(run, true);
}

bool throttle(std::int64_t run, std::optional<double> rows_per_second, std::optional<int> workers)
{
    require_same_version();
    require_known(run);
    if (rows_per_second)
        require_rate(*rows_per_second);
    if (workers && (*workers < 1 || *workers > pg::max_worker_processes()))
        throw Error(
            sqlstate::invalid_parameter_value, "workers must be between 1 and max_worker_processes",
            "max_worker_processes is " + std::to_string(pg::max_worker_processes()) + ".", "");
    return record::throttle(run, rows_per_second, workers);
}

void work(const std::string &bytes)
{
    const Job job = decode_job(bytes);
    if (job.duty == Duty::help)
        return help(job);
    lead(job, [](const Report &report) { pg::send_to_caller(encode(report)); });
}

} // namespace migrate::backfill
