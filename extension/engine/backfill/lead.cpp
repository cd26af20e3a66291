// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/lead.h"

#include <algorithm>

#include "core/error.h"
#include "engine/backfill/crew.h"
#include "engine/backfill/proof.h"
#include "engine/backfill/trouble.h"
#include "engine/ledger.h"
#include "pg/backfill/lock.h"
#include "pg/backfill/settings.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "pg/waitpoint.h"
#include "pg/worker.h"

namespace migrate::backfill {

namespace {

using pg::backfill::Batches;
using pg::backfill::Facts;

void in_transaction(const std::function<void()> &work)
{
    if (const std::optional<Error> error = pg::transaction(work))
        throw *error;
}

// What preparing found out.
struct Prepared
{
    Facts facts;
    Target target;
    Method method;
    std::int64_t run = 0;
    bool joined = false; // somebody else is at it
    Assignment assignment;
};

void prepare_session(const Job &job)
{
    const Request &s = job.session;
    const std::string role = s.role.empty() ? s.current_role : s.role;
    in_transaction([&] {
        pg::reset_session(s.settings, role == s.session_role ? "" : role);
        pg::backfill::impose_isolation();
    });
}

std::string role_of(const Job &job)
{
    return job.session.role.empty() ? job.session.current_role : job.session.role;
}

void require_workers(const Options &options)
{
    const int most = pg::max_worker_processes();
    if (options.workers < 1 || options.workers > most)
        throw Error(sqlstate::invalid_parameter_value,
                    "workers must be between 1 and max_worker_processes",
                    std::to_string(options.workers) +
                        " are asked for, and max_worker_processes is " + std::to_string(most) + ".",
                    "Ask for fewer, or raise max_worker_processes (needs a restart).");
}

// The ends of the tables as they are now: what is inserted behind them is not waited for.
std::vector<std::optional<record::Key>> check_and_measure(const Job &job, const Prepared &p)
{
    std::vector<std::optional<record::Key>> ends;
    if (p.target.has_parts())
        pg::backfill::check_rights(job.options.statement);
    for (std::size_t i = 0; i < p.target.leaves.size(); i++) {
        pg::backfill::Cutting cutting;
        cutting.table = p.target.leaves[i].table;
        cutting.index = p.method.keys[i].index;
        cutting.watch_key = p.method.watch_key;
        Batches batches(job.options.statement, cutting, job.options.remaining.value_or(""));
        batches.check_rights();
        if (job.options.remaining)
            if (const std::optional<Error> error = pg::attempt([&] { batches.check_remaining(); }))
                throw placed_in(*error, *job.options.remaining);
        ends.push_back(batches.end());
        batches.close();
    }
    return ends;
}

void look(const Job &job, Prepared &p)
{
    p.facts = pg::backfill::analyse(job.options.statement);
    p.target = look_at(p.facts);
    p.method = choose_method(p.facts, p.target, job.options);
}

// What is left, and what was put aside, is told by the keys that the run was cut by, whichever are the best by now.
void keep_to_keys(Prepared &p, const std::vector<std::string> &indexes)
{
    for (std::size_t i = 0; !p.method.by_blocks && i < p.target.leaves.size(); i++) {
        for (const KeyChoice &key : p.target.leaves[i].keys)
            if (std::find(indexes.begin(), indexes.end(), key.name) != indexes.end())
                p.method.keys[i] = key;
        p.target.leaves[i].keys = {p.method.keys[i]};
    }
}

[[noreturn]] void refuse_other_role(const record::Stored &found, const std::string &role)
{
    throw Error(sqlstate::prerequisite_state,
                "role \"" + found.role + "\" has begun this backfill and not ended it",
                "It is run " + std::to_string(found.run) + "; this call would run it as role \"" +
                    role + "\".",
                "Go on with it as that role, or begin anew with restart => true.");
}

[[noreturn]] void refuse_other_table(const record::Stored &found)
{
    const std::string run = std::to_string(found.run);
    throw Error(sqlstate::prerequisite_state,
                "table " + found.relation + " is not the one that backfill " + run +
                    " has begun with",
                "It was dropped and created since, or restored from a dump.",
                "Use restart => true for a new table; for a restored one migrate.resume(" + run +
                    ") goes on.");
}

// Goes on with a run that was begun before, if that is this call's.
void go_on(const Job &job, Prepared &p, const record::Stored &found, bool running)
{
    if (found.role != role_of(job))
        refuse_other_role(found, role_of(job));
    if (found.table != p.facts.target && job.duty != Duty::resume)
        refuse_other_table(found);
    p.run = found.run;
    p.joined = running;
    p.assignment.options = found.options;
    if (running)
        return;
    record::take_table(p.run, p.facts.target);
    if (job.duty == Duty::resume) {
        record::take_tables(p.run, p.target.leaves);
        return;
    }
    require_workers(job.options);
    record::take_options(p.run, job.options);
    p.assignment.options = job.options;
    if (!job.options.remaining)
        p.assignment.options.remaining = found.options.remaining;
}

// Goes on with the run of that statement, or begins one.
void find_or_begin(const Job &job, Prepared &p)
{
    const std::optional<record::Stored> found =
        record::find_unfinished(p.facts.tokens, p.facts.relation);
    const bool running = found && pg::is_running(found->run);
    if (found && !running && job.restart)
        record::abandon(found->run);
    if (running && job.restart)
        throw Error(sqlstate::lock_not_available, "this backfill is running",
                    "It is run " + std::to_string(found->run) + ".",
                    "Stop it with migrate.cancel(" + std::to_string(found->run) +
                        ") before you begin anew.");
    if (found && !job.restart) {
        keep_to_keys(p, found->key_indexes);
        return go_on(job, p, *found, running);
    }
    keep_to_keys(p, {});
    require_workers(job.options);
    std::vector<std::optional<record::Key>> ends;
    const auto measure = [&] { ends = check_and_measure(job, p); };
    if (job.locked_role.empty())
        measure();
    else // planning evaluates what is constant
        pg::as_locked_role(job.locked_role, measure);
    p.run = record::begin({job, p.facts, p.target, p.method, ends});
    p.assignment.options = job.options;
}

Error running_already(std::int64_t run)
{
    return Error(sqlstate::lock_not_available, "this backfill is running",
                 "It is run " + std::to_string(run) + ".",
                 "Wait for it with migrate.wait(" + std::to_string(run) + ").");
}

void take_over(const Job &job, Prepared &p)
{
    if (!pg::backfill::hold_run(p.run))
        throw running_already(p.run);
    Assignment &a = p.assignment;
    a.claim = {p.run, record::take_lead(p.run), 0};
    a.relation = p.facts.relation;
    a.by_blocks = p.method.by_blocks;
    a.watch_key = p.method.watch_key;
    a.in_shares = p.method.in_shares;
    a.locked_role = job.locked_role;
    std::int64_t rows = 0, blocks = 0;
    for (const Leaf &leaf : p.target.leaves) {
        rows += leaf.rows;
        blocks += leaf.blocks;
    }
    if (a.by_blocks && blocks > 0)
        a.rows_per_unit = static_cast<double>(rows) / static_cast<double>(blocks);
}

// The stored run's statement in place of a call's.
Job job_of_run(const Job &job)
{
    const std::optional<record::Stored> stored = record::find(job.run);
    if (!stored)
        throw Error(sqlstate::undefined_object,
                    "run " + std::to_string(job.run) + " is not a backfill", "",
                    "Look at migrate.progress for those that are not done.");
    if (stored->abandoned || stored->outcome == "done")
        throw Error(sqlstate::prerequisite_state,
                    "backfill " + std::to_string(job.run) +
                        (stored->abandoned ? " was begun anew as another run" : " is done"),
                    "", "Call migrate.backfill() with its statement.");
    Job known = job;
    known.options = stored->options;
    known.session.role = stored->role;
    if (pg::session_role_is_superuser() && !stored->role_is_superuser)
        known.locked_role = stored->role;
    return known;
}

// Everything that can be found out without changing anything, and then the run in the ledger.
Prepared prepare(Job &job)
{
    Prepared p;
    try {
        in_transaction([&] {
            if (job.duty == Duty::resume && pg::is_running(job.run)) {
                p.run = job.run;
                p.joined = true;
                // Here, as the caller commits only when it has been waited for.
                record::pause(job.run, false);
                return;
            }
            look(job, p);
            find_or_begin(job, p);
            if (!p.joined)
                take_over(job, p);
        });
    } catch (const Error &error) {
        throw placed_in(error, job.options.statement);
    }
    return p;
}

// All pieces, with whoever helps.
void work_through(const Job &job, const Prepared &p, Worker &worker)
{
    Crew crew(job, p.assignment);
    try {
        for (;;) {
            const Worker::Step step = worker.step();
            crew.keep_size(worker.control().workers);
            if (step == Worker::Step::worked)
                continue;
            if (!crew.any_at_work())
                break;
            pg::sleep_for(20);
            in_transaction([] { pg::check_for_interrupts(); });
        }
    } catch (...) {
        crew.dismiss();
        throw;
    }
}

bool is_interruption(const Error &error)
{
    return error.sqlstate == sqlstate::query_canceled || error.sqlstate == "57P01" ||
           error.sqlstate == sqlstate::run_interrupted;
}

[[noreturn]] void fail(const Prepared &p, Error error)
{
    const std::string outcome = is_interruption(error) ? "interrupted" : "failed";
    if (error.hint.empty())
        error.hint = "The same migrate.backfill(), or migrate.resume(" + std::to_string(p.run) +
                     "), goes on where it stopped.";
    pg::transaction_despite_cancel([&] { ledger::end_run(p.run, outcome, error); });
    pg::backfill::release_run(p.run);
    throw error;
}

} // namespace

namespace {

// All of it, once the run is this process's.
Report carry_through(const Job &job, const Prepared &p)
{
    pg::waitpoint(pg::Waitpoint::backfill_begun);
    Report report;
    try {
        Worker worker(p.assignment);
        Proof proof(worker, p.assignment, p.facts, p.target);
        do {
            work_through(job, p, worker);
            pg::waitpoint(pg::Waitpoint::backfill_batches_done);
        } while (proof.something_left());
        in_transaction([&] { require_share(record::totals(p.run), p.assignment.options); });
        proof.analyze();
        worker.close();
        in_transaction([&] {
            record::note_end(job, p.run, p.facts.relation);
            ledger::end_run(p.run, "done", std::nullopt);
            report = record::totals(p.run);
        });
    } catch (const Error &error) {
        fail(p, error);
    }
    pg::waitpoint(pg::Waitpoint::run_ended);
    pg::backfill::release_run(p.run);
    return report;
}

} // namespace

void lead(const Job &asked, const Announce &announce)
{
    Job job = asked;
    if (job.duty == Duty::resume)
        in_transaction([&] { job = job_of_run(job); });
    prepare_session(job);
    if (job.duty == Duty::lead)
        in_transaction([&] {
            if (pg::session_role_is_superuser() && !pg::current_role_is_superuser())
                job.locked_role = role_of(job);
        });
    const Prepared p = prepare(job);
    announce({p.joined ? Report::Kind::joined : Report::Kind::begun, p.run, 0, 0, 0, 0});
    if (!p.joined)
        announce(carry_through(job, p));
}

void lead_step(const Job &asked)
{
    Job job = asked;
    std::string session;
    in_transaction([&] { session = pg::backfill::impose_isolation(); });
    const auto give_back = [&] { pg::take_over_settings(session); };
    try {
        const Prepared p = prepare(job);
        if (p.joined)
            throw running_already(p.run);
        carry_through(job, p);
    } catch (const Error &) {
        in_transaction(give_back);
        throw;
    }
    in_transaction(give_back);
}

void help(const Job &job)
{
    prepare_session(job);
    Assignment assignment;
    assignment.claim = {job.run, job.leader, job.worker};
    assignment.options = job.options;
    assignment.relation = job.relation;
    assignment.by_blocks = job.by_blocks;
    assignment.watch_key = job.watch_key;
    assignment.in_shares = job.in_shares;
    assignment.rows_per_unit = job.rows_per_unit;
    assignment.locked_role = job.locked_role;
    Worker worker(assignment);
    while (worker.step() == Worker::Step::worked)
        ;
    worker.close();
}

} // namespace migrate::backfill
