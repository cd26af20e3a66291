// SPDX-License-Identifier: PostgreSQL
#include "progress.h"

#include "connection.h"
#include "core/text.h"

#include <fmt/format.h>

#include <cstdlib>

namespace migrate::client {
namespace {

using namespace std::chrono_literals;

constexpr auto first_look = 1s; // most runs are over before
constexpr auto between_looks = 1s;
constexpr auto between_lines = 10s; // on a log

constexpr const char *progress_query =
    "SELECT p.run, p.step, p.migration, p.doing, p.phase,"
    " EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) p.since) AS seconds,"
    " p.waits_for_pid, p.waits_for_query, p.done, p.total"
    " FROM migrate.progress p";

ProgressRow row_of(const PGresult *result);
std::string step_of(const ProgressRow &row);
std::string percent_of(const ProgressRow &row);
std::string wait_of(const ProgressRow &row);

} // namespace

std::string progress_text(const ProgressRow &row)
{
    std::string text = step_of(row);
    if (row.total > 0)
        text += fmt::format(" {} {}", bar(row.done, row.total, 20), percent_of(row));
    text += fmt::format(" {}", format_duration(static_cast<long long>(row.seconds) * 1'000'000));
    if (!row.phase.empty())
        text += fmt::format(", {}", row.phase);
    if (row.waits_for_pid != 0)
        return text + ", " + wait_of(row);
    if (!row.doing.empty())
        text += fmt::format(", {}", abbreviate(row.doing, 60));
    return text;
}

std::string progress_summary(const ProgressRow &row)
{
    std::string text = step_of(row);
    if (!row.phase.empty())
        text += fmt::format(", {}", row.phase);
    if (row.total > 0)
        text += fmt::format(" {}", percent_of(row));
    if (row.waits_for_pid != 0)
        text += ", " + wait_of(row);
    return text;
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
    row_ = row_of(result);
    row_at_ = now;
    if (row_->run != 0)
        last_run_ = row_->run;
}

void Progress::show(Clock::time_point now)
{
    if (!row_)
        return;
    if (output_->live()) {
        ProgressRow row = *row_;
        row.seconds += std::chrono::duration<double>(now - row_at_).count();
        output_->status_line(fmt::format("{} {}", "|/-\\"[turns_++ / 2 % 4], progress_text(row)));
        return;
    }
    const std::string line = progress_summary(*row_);
    if (now - last_line_at_ < between_lines || line == last_line_)
        return;
    last_line_ = line;
    last_line_at_ = now;
    output_->note(progress_text(*row_));
}

namespace {

ProgressRow row_of(const PGresult *result)
{
    const auto text = [&](const char *column) -> const char * {
        const int number = PQfnumber(result, column);
        return number < 0 ? "" : PQgetvalue(result, 0, number); // "" for null
    };
    const auto number = [&](const char *column) { return std::strtoll(text(column), nullptr, 10); };
    ProgressRow row;
    row.run = number("run");
    row.step = static_cast<int>(number("step"));
    row.migration = text("migration");
    row.doing = text("doing");
    row.phase = text("phase");
    row.seconds = std::strtod(text("seconds"), nullptr);
    if (row.seconds < 0)
        row.seconds = 0;
    row.waits_for_pid = number("waits_for_pid");
    row.waits_for_query = text("waits_for_query");
    row.done = number("done");
    row.total = number("total");
    return row;
}

std::string step_of(const ProgressRow &row)
{
    if (row.migration.empty())
        return fmt::format("run {}", row.run);
    return fmt::format("{} step {}", row.migration, row.step);
}

std::string percent_of(const ProgressRow &row)
{
    return fmt::format("{} %", static_cast<int>(100.0 * static_cast<double>(row.done) /
                                                static_cast<double>(row.total)));
}

std::string wait_of(const ProgressRow &row)
{
    return fmt::format("waiting for pid {} ({})", row.waits_for_pid,
                       abbreviate(row.waits_for_query, 60));
}

} // namespace
} // namespace migrate::client
