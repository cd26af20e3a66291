// SPDX-License-Identifier: PostgreSQL
#include "progress.h"

#include "connection.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace migrate::client {
namespace {

using namespace std::chrono_literals;

constexpr auto first_look = 1s; // most runs are over before
constexpr auto between_looks = 1s;
constexpr auto between_lines = 10s; // on a log

// Those who hold what is wanted come before those who only queue for it too.
constexpr const char *progress_query =
    "WITH blockers AS MATERIALIZED (SELECT * FROM migrate.blockers)"
    " SELECT p.run, p.step, p.migration, p.doing, p.phase, p.done, p.total,"
    " EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) p.since) AS seconds,"
    " w.pid, w.gid, w.role, w.application_name, w.state, w.relation, w.query,"
    " EXTRACT(EPOCH FROM w.state_age) AS state_seconds,"
    " EXTRACT(EPOCH FROM w.transaction_age) AS transaction_seconds,"
    " (SELECT pg_catalog.count(DISTINCT ROW(o.gid, o.pid)) FROM blockers o"
    " WHERE o.run OPERATOR(pg_catalog.=) p.run) AS blockers"
    " FROM migrate.progress p LEFT JOIN LATERAL (SELECT * FROM blockers b"
    " WHERE b.run OPERATOR(pg_catalog.=) p.run ORDER BY b.mode_held IS NULL,"
    " b.transaction_age DESC NULLS LAST LIMIT 1) w ON true WHERE p.step IS NOT NULL";

// Of the first row; a null reads as "" and 0.
struct Columns
{
    const PGresult *result;

    const char *text(const char *column) const
    {
        const int number = PQfnumber(result, column);
        return number < 0 ? "" : PQgetvalue(result, 0, number);
    }
    long long number(const char *column) const { return std::strtoll(text(column), nullptr, 10); }
    double seconds(const char *column) const
    {
        return std::max(0.0, std::strtod(text(column), nullptr));
    }
};

ProgressRow row_of(const Columns &columns);
std::string step_of(const ProgressRow &row);
std::string elapsed_of(const ProgressRow &row);
std::string percent_of(const ProgressRow &row);
std::optional<Blocker> blocker_of(const Columns &columns);

} // namespace

std::string progress_text(const ProgressRow &row)
{
    std::string text = step_of(row);
    if (row.total > 0)
        text += fmt::format(" {} {}", bar(row.done, row.total, 20), percent_of(row));
    text += " " + elapsed_of(row);
    if (!row.phase.empty())
        text += fmt::format(", {}", row.phase);
    if (row.blocker)
        text += ", " + wait_text(*row.blocker);
    else if (!row.doing.empty())
        text += fmt::format(", {}", abbreviate(row.doing, 60));
    return one_line(text);
}

std::string live_text(const ProgressRow &row)
{
    if (!row.blocker)
        return progress_text(row);
    return one_line(
        fmt::format("{}, {} {}", wait_brief(*row.blocker), step_of(row), elapsed_of(row)));
}

std::string progress_summary(const ProgressRow &row)
{
    std::string text = step_of(row);
    if (!row.phase.empty())
        text += fmt::format(", {}", row.phase);
    if (row.total > 0)
        text += fmt::format(" {}", percent_of(row));
    if (row.blocker)
        text += ", " + wait_summary(*row.blocker);
    return text;
}

ProgressRow later(ProgressRow row, double seconds)
{
    row.seconds += seconds;
    if (row.blocker) {
        row.blocker->state_seconds += seconds;
        row.blocker->transaction_seconds += seconds;
    }
    return row;
}

Progress::Progress(ConnectionParameters parameters, Output &output)
    : parameters_(std::move(parameters)), output_(&output), next_(Clock::now() + first_look),
      last_line_at_(Clock::now())
{
}

void Progress::advance(Clock::time_point now)
{
    switch (state_) {
    case State::off:
        break;
    case State::waiting:
        if (now >= next_)
            connect();
        break;
    case State::connecting:
        continue_connecting();
        break;
    case State::idle:
        if (now >= next_)
            ask();
        break;
    case State::asking:
        read_answer(now);
        break;
    }
    show(now);
}

int Progress::socket() const
{
    const bool listening = state_ == State::connecting || state_ == State::asking;
    return listening ? PQsocket(connection_.get()) : -1;
}

void Progress::restart(Clock::time_point now)
{
    connection_.reset();
    row_.reset();
    state_ = State::waiting;
    wants_write_ = false;
    next_ = now + first_look;
}

void Progress::connect()
{
    connection_.reset(start_connecting(parameters_));
    const bool begun = connection_ && PQstatus(connection_.get()) != CONNECTION_BAD;
    state_ = begun ? State::connecting : State::off;
    wants_write_ = begun;
}

void Progress::continue_connecting()
{
    const PostgresPollingStatusType status = PQconnectPoll(connection_.get());
    wants_write_ = status == PGRES_POLLING_WRITING;
    if (status == PGRES_POLLING_FAILED)
        state_ = State::off;
    if (status == PGRES_POLLING_OK) {
        // Its notices are nobody's business.
        PQsetNoticeReceiver(
            connection_.get(), [](void *, const PGresult *) {}, nullptr);
        PQsetnonblocking(connection_.get(), 1);
        ask();
    }
}

void Progress::ask()
{
    const bool sent = PQsendQueryParams(connection_.get(), progress_query, 0, nullptr, nullptr,
                                        nullptr, nullptr, 0) == 1;
    state_ = sent ? State::asking : State::off;
    wants_write_ = sent;
}

void Progress::read_answer(Clock::time_point now)
{
    PGconn *connection = connection_.get();
    if (!PQconsumeInput(connection)) {
        state_ = State::off;
        return;
    }
    if (wants_write_)
        wants_write_ = PQflush(connection) == 1;
    while (!PQisBusy(connection)) {
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(connection),
                                                                   PQclear);
        if (!result) {
            state_ = State::idle;
            next_ = now + between_looks;
            return;
        }
        if (PQresultStatus(result.get()) == PGRES_TUPLES_OK)
            take(result.get(), now);
    }
}

void Progress::take(const PGresult *result, Clock::time_point now)
{
    row_.reset();
    if (PQntuples(result) == 0)
        return;
    row_ = row_of({result});
    row_at_ = now;
    if (row_->run != 0)
        last_run_ = row_->run;
}

void Progress::show(Clock::time_point now)
{
    if (!row_)
        return;
    if (!output_->live())
        return log(now);
    const ProgressRow row = later(*row_, std::chrono::duration<double>(now - row_at_).count());
    output_->status_line(fmt::format("{} {}", "|/-\\"[turns_++ / 2 % 4], live_text(row)));
}

// A wait is worth a line as soon as it is seen, once for each step; all else keeps its distance.
void Progress::log(Clock::time_point now)
{
    const std::pair step(row_->run, row_->step);
    const bool wait_begins = row_->blocker && step != wait_said_;
    const std::string line = progress_summary(*row_);
    if ((now - last_line_at_ < between_lines && !wait_begins) || line == last_line_)
        return;
    if (row_->blocker)
        wait_said_ = step;
    last_line_ = line;
    last_line_at_ = now;
    output_->note(progress_text(*row_));
}

namespace {

ProgressRow row_of(const Columns &columns)
{
    ProgressRow row;
    row.run = columns.number("run");
    row.step = static_cast<int>(columns.number("step"));
    row.migration = columns.text("migration");
    row.doing = columns.text("doing");
    row.phase = columns.text("phase");
    row.seconds = columns.seconds("seconds");
    row.done = columns.number("done");
    row.total = columns.number("total");
    row.blocker = blocker_of(columns);
    return row;
}

std::optional<Blocker> blocker_of(const Columns &columns)
{
    const long long blockers = columns.number("blockers");
    if (blockers == 0)
        return std::nullopt;
    Blocker blocker;
    blocker.pid = columns.number("pid");
    blocker.gid = columns.text("gid");
    blocker.role = columns.text("role");
    blocker.application = columns.text("application_name");
    blocker.state = columns.text("state");
    blocker.state_seconds = columns.seconds("state_seconds");
    blocker.transaction_seconds = columns.seconds("transaction_seconds");
    blocker.relation = columns.text("relation");
    blocker.query = columns.text("query");
    blocker.others = blockers - 1;
    return blocker;
}

std::string step_of(const ProgressRow &row)
{
    if (row.migration.empty())
        return fmt::format("run {}", row.run);
    return fmt::format("{} step {}", row.migration, row.step);
}

std::string elapsed_of(const ProgressRow &row)
{
    return format_duration(static_cast<long long>(row.seconds) * 1'000'000);
}

std::string percent_of(const ProgressRow &row)
{
    return fmt::format("{} %", static_cast<int>(100.0 * static_cast<double>(row.done) /
                                                static_cast<double>(row.total)));
}

} // namespace
} // namespace migrate::client
