// SPDX-License-Identifier: PostgreSQL
#include "call.h"

#include "core/text.h"
#include "progress.h"

#include <fmt/format.h>

#include <poll.h>

#include <cmath>
#include <cstdlib>
#include <set>

namespace migrate::client {
namespace {

// What lives as long as a call does.
struct Waiting
{
    Session &session;
    Interrupts interrupts;
    Progress progress;
    long long waited_for; // the run that we only wait for, 0 while the call is the one that runs
    bool cancel_sent = false;
};

std::string report_query(const std::string &function);
Rows send_and_wait(Waiting &waiting, const std::string &sql, const Values &values);
void wait_for_news(Waiting &waiting);
void cancel_once(Waiting &waiting);
long long run_to_wait_for(Waiting &waiting);
void append(std::vector<StepDone> &steps, const Rows &rows);
Failure nothing_known();

} // namespace

std::vector<StepDone> run_to_end(Session &session, const Call &call)
{
    Waiting waiting{session, {}, Progress(session.parameters(), session.output()), call.waits_for};
    Call current = call;
    std::vector<StepDone> steps;
    for (;;) {
        try {
            append(steps, send_and_wait(waiting, report_query(current.function), current.values));
            session.output().clear_status_line();
            const bool repeat =
                current.function != call.function && call.repeat == Call::Repeat::safe;
            if (!repeat)
                return steps;
            current = call;
            waiting.waited_for = call.waits_for;
        } catch (const ConnectionLost &lost) {
            session.output().clear_status_line();
            session.reconnect(lost, waiting.interrupts);
            waiting.progress.restart(Progress::Clock::now());
            const long long run = run_to_wait_for(waiting);
            if (run != 0) {
                waiting.waited_for = run;
                session.output().note(fmt::format("pg_migrate: waiting for run {}", run));
                current = {"migrate.wait($1)", {std::to_string(run)}, call.repeat};
            } else if (call.repeat == Call::Repeat::unsafe) {
                throw nothing_known();
            }
        }
    }
}

std::string summary(const std::vector<StepDone> &steps)
{
    if (steps.empty())
        return "no steps to run";
    std::set<std::string> migrations;
    long long microseconds = 0;
    for (const StepDone &step : steps) {
        migrations.insert(step.migration);
        microseconds += step.microseconds;
    }
    return fmt::format("run {} done: {}, {}, {}", steps.back().run,
                       counted(static_cast<long long>(migrations.size()), "migration"),
                       counted(static_cast<long long>(steps.size()), "step"),
                       format_duration(microseconds));
}

namespace {

std::string report_query(const std::string &function)
{
    return "SELECT r.run, r.migration, EXTRACT(EPOCH FROM r.duration) AS seconds,"
           " pg_catalog.row_to_json(r) AS json FROM " +
           function + " r";
}

Rows send_and_wait(Waiting &waiting, const std::string &sql, const Values &values)
{
    Connection &connection = waiting.session.connection();
    connection.send(sql, values);
    for (;;) {
        if (auto rows = connection.advance())
            return std::move(*rows);
        wait_for_news(waiting);
        cancel_once(waiting);
        waiting.progress.advance(Progress::Clock::now());
    }
}

void wait_for_news(Waiting &waiting)
{
    const Connection &connection = waiting.session.connection();
    const auto events = [](bool writes) {
        return static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN);
    };
    pollfd sockets[] = {
        {connection.socket(), events(connection.wants_write()), 0},
        {waiting.interrupts.descriptor(), POLLIN, 0},
        {waiting.progress.socket(), events(waiting.progress.wants_write()), 0}, // -1 is skipped
    };
    poll(sockets, 3, waiting.session.output().live() ? 100 : 500);
}

// Cancelling a call of migrate.wait() ends the waiting only.  That is right after a reconnection too: the
// run that was found may be somebody else's.
void cancel_once(Waiting &waiting)
{
    if (!waiting.interrupts.asked() || waiting.cancel_sent)
        return;
    waiting.interrupts.acknowledge();
    waiting.cancel_sent = true;
    const long long run = waiting.waited_for;
    waiting.session.output().note(
        run == 0
            ? "pg_migrate: cancelling the current step; waiting for the server's answer (a second "
              "Ctrl-C leaves without it)"
            : fmt::format(
                  "pg_migrate: no longer waiting; run {0} goes on in the server, and SELECT "
                  "migrate.cancel({0}) would stop it",
                  run));
    waiting.session.connection().cancel();
}

// 0 if there is none.  The one at work is ours or the one that ours would wait for.
long long run_to_wait_for(Waiting &waiting)
{
    try {
        const Rows rows =
            waiting.session.connection().query("SELECT p.run FROM migrate.progress p LIMIT 1");
        if (rows.count() > 0)
            return rows.number(0, "run");
    } catch (const ConnectionLost &) { // the next attempt to send will find that out again
    }
    return waiting.progress.last_run();
}

void append(std::vector<StepDone> &steps, const Rows &rows)
{
    for (int i = 0; i < rows.count(); i++) {
        const double seconds = std::strtod(rows.text(i, "seconds").c_str(), nullptr);
        steps.push_back({rows.number(i, "run"), rows.text(i, "migration"),
                         std::llround(seconds * 1e6), rows.text(i, "json")});
    }
}

Failure nothing_known()
{
    return client_failure(ExitCode::interrupted,
                          "the connection was lost before the server said which run this is", {},
                          "pg_migrate status and pg_migrate log show whether it happened.");
}

} // namespace
} // namespace migrate::client
