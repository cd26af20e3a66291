// backfill: what the unfinished backfills do, live, and the operator's switches.
// SPDX-License-Identifier: PostgreSQL
#include "commands.h"
#include "core/json.h"
#include "display.h"
#include "interrupt.h"

#include "core/text.h"

#include <fmt/format.h>

#include <poll.h>

namespace migrate::client {
namespace {

constexpr const char *unfinished =
    "SELECT run, state, relation, statement, method, rows, estimated_rows, units, total_units,"
    " round((100 * share)::numeric, 1) AS percent, round(units_per_second::numeric) AS rate,"
    " EXTRACT(EPOCH FROM time_left) AS seconds_left, throttled, locked_rows, skipped, phase, error"
    " FROM migrate.backfill_progress WHERE $1::bigint IS NULL OR run = $1::bigint ORDER BY run";

struct Found
{
    long long run = 0;
    std::string state, relation, text;
};

std::string left_of(const std::string &seconds)
{
    if (seconds.empty())
        return "";
    return ", " +
           format_duration(
               static_cast<long long>(std::strtod(seconds.c_str(), nullptr) * 1000000)) +
           " left";
}

// `run 7 public.users [#####.....] 51.2 %, 35 s left, 1200 of about 2400 rows, paused`: what a narrow terminal
// cuts off is what matters least.
std::string text_of(const Rows &rows, int i)
{
    const std::string throttled = rows.text(i, "throttled"), state = rows.text(i, "state");
    const long long done = std::strtoll(rows.text(i, "units").c_str(), nullptr, 10),
                    total = std::strtoll(rows.text(i, "total_units").c_str(), nullptr, 10);
    return fmt::format("run {} {} {} {} %{}, {} of about {} rows{}{}", rows.text(i, "run"),
                       one_line(rows.text(i, "relation")), bar(done, total, 20),
                       rows.text(i, "percent"), left_of(rows.text(i, "seconds_left")),
                       rows.text(i, "rows"), rows.text(i, "estimated_rows"),
                       state == "running" ? "" : ", " + state,
                       throttled.empty() ? "" : ", " + one_line(throttled));
}

std::optional<std::string> run_of(const Options &options)
{
    return options.run ? std::optional(std::to_string(*options.run)) : std::nullopt;
}

// The one meant: the one that was named, or the only one there is.
Found the_run(Session &session)
{
    const Rows rows = session.connection().query(unfinished, {run_of(session.options())});
    if (rows.count() == 0)
        throw client_failure(ExitCode::failed, "there is no unfinished backfill",
                             session.options().run
                                 ? "Run " + *run_of(session.options()) + " is done, or is none."
                                 : "",
                             "Begin one with SELECT migrate.backfill('UPDATE ...').");
    if (rows.count() > 1)
        throw client_failure(ExitCode::usage, "several backfills are unfinished", "",
                             "Say which: pg_migrate backfill lists them.");
    return {std::strtoll(rows.text(0, "run").c_str(), nullptr, 10), rows.text(0, "state"),
            rows.text(0, "relation"), text_of(rows, 0)};
}

ExitCode outcome_of(Session &session, long long run)
{
    const Rows rows = session.connection().query(
        "SELECT detail FROM migrate.history WHERE event = 'backfilled' AND run = $1 ORDER BY id "
        "DESC LIMIT 1",
        {std::to_string(run)});
    const std::string detail = rows.count() > 0 ? rows.text(0, "detail") : "";
    session.output().document(JsonObject()
                                  .add_string("run", std::to_string(run))
                                  .add_string("state", "done")
                                  .add_string("detail", detail)
                                  .text());
    session.output().result(fmt::format("run {} is done: {}\n", run, detail));
    return ExitCode::done;
}

// Until it is done, or stops; a signal ends the watching, not the backfill.
ExitCode watch(Session &session)
{
    const long long run = the_run(session).run;
    const Interrupts interrupts;
    std::string told;
    for (;;) {
        const Rows rows = session.connection().query(unfinished, {std::to_string(run)});
        if (rows.count() == 0) {
            session.output().clear_status_line();
            return outcome_of(session, run);
        }
        const std::string text = text_of(rows, 0), state = rows.text(0, "state");
        session.output().status_line(text);
        if (!session.output().live() && text != told)
            session.output().note(text);
        told = text;
        if (state == "failed" || state == "interrupted")
            throw client_failure(
                state == "failed" ? ExitCode::failed : ExitCode::interrupted,
                fmt::format("backfill {} is {}", run, state), rows.text(0, "error"),
                fmt::format("pg_migrate backfill --resume {} goes on where it stopped.", run));
        if (interrupts.asked())
            return ExitCode::interrupted;
        pollfd waiting{interrupts.descriptor(), POLLIN, 0};
        poll(&waiting, 1, 1000);
    }
}

ExitCode list_all(Session &session)
{
    const Rows rows = session.connection().query(unfinished, {run_of(session.options())});
    std::string text, json;
    for (int i = 0; i < rows.count(); i++) {
        text += text_of(rows, i) + "\n  " + abbreviate(rows.text(i, "statement"), 100) + "\n";
        JsonObject one;
        for (const char *column :
             {"run", "state", "relation", "statement", "method", "rows", "estimated_rows",
              "percent", "seconds_left", "throttled", "locked_rows", "skipped", "error"})
            one.add_string(column, rows.text(i, column));
        json += (json.empty() ? "" : ", ") + one.text();
    }
    session.output().document("[" + json + "]");
    session.output().result(text.empty() ? "no backfill is unfinished\n" : text);
    return ExitCode::done;
}

ExitCode change(Session &session, const char *sql, std::string_view done, std::string_view not_done)
{
    const long long run = the_run(session).run;
    const Rows rows = session.connection().query(sql, {std::to_string(run)});
    const bool changed = rows.count() > 0 && rows.text(0, "changed") != "f";
    const std::string text = fmt::format("run {} {}\n", run, changed ? done : not_done);
    session.output().document(JsonObject()
                                  .add_string("run", std::to_string(run))
                                  .add_string("state", std::string(changed ? done : not_done))
                                  .text());
    session.output().result(text);
    return changed ? ExitCode::done : ExitCode::failed;
}

} // namespace

ExitCode run_backfill(Session &session)
{
    switch (session.options().backfill) {
    case BackfillAction::watch:
        return watch(session);
    case BackfillAction::pause:
        return change(session, "SELECT migrate.pause($1) AS changed", "is paused",
                      "is not running");
    case BackfillAction::resume:
        return change(session, "SELECT count(*) > 0 AS changed FROM migrate.resume($1, true)",
                      "goes on", "does not go on");
    case BackfillAction::cancel:
        return change(session, "SELECT migrate.cancel($1) AS changed", "is cancelled",
                      "is not running");
    case BackfillAction::list:
        break;
    }
    return list_all(session);
}

} // namespace migrate::client
