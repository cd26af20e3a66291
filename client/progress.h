// What a run is doing while we wait for it, and who is in its way: a second connection asks
// migrate.progress and migrate.blockers once a second.
// It never holds anything up: it connects and asks without waiting, and if it cannot connect the
// command goes on without it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "blocker.h"
#include "conninfo.h"
#include "display.h"
#include "output.h"

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace migrate::client {

// A row of migrate.progress, and the blocker that it waits for longest.
struct ProgressRow
{
    long long run = 0;
    int step = 0;
    std::string migration, doing, phase;
    double seconds = 0; // since it began
    std::optional<Blocker> blocker;
    long long done = 0, total = 0;
};

// `v42 step 2 [#####...............] 25 % 12 s, building index, CREATE INDEX …`, and instead of the
// statement whom it waits for, if it does: see wait_text().
std::string progress_text(const ProgressRow &row);

// The same for a terminal, where the end may be cut off: whom it waits for comes first.
std::string live_text(const ProgressRow &row);

// The same for a log: what is new in it is worth a line, so it is without the time.
std::string progress_summary(const ProgressRow &row);

// The row some seconds later, if nothing but time passed.
ProgressRow later(ProgressRow row, double seconds);

class Progress
{
public:
    using Clock = std::chrono::steady_clock;

    Progress(ConnectionParameters parameters, Output &output);

    // To be called whenever the socket is ready, and at least every 100 ms or so.
    void advance(Clock::time_point now);

    // What to poll for; socket() is -1 while there is nothing.
    int socket() const;
    bool wants_write() const { return wants_write_; }

    // The run last seen at work, 0 if none was.
    long long last_run() const { return last_run_; }

    // After the connection was lost: whatever this one had is lost too, begin anew.
    void restart(Clock::time_point now);

private:
    // off: gave up.  waiting: nothing open yet, until next_.  connecting -> idle or off.
    // idle: until next_, then asking.  asking -> idle or off.
    enum class State
    {
        off,
        waiting,
        connecting,
        idle,
        asking
    };

    void connect();
    void continue_connecting();
    void ask();
    void read_answer(Clock::time_point now);
    void take(const PGresult *result, Clock::time_point now);
    void show(Clock::time_point now);
    void log(Clock::time_point now);

    ConnectionParameters parameters_;
    Output *output_;
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, PQfinish};
    State state_ = State::waiting;
    Clock::time_point next_;
    bool wants_write_ = false;
    long long last_run_ = 0;
    std::optional<ProgressRow> row_;
    Clock::time_point row_at_;
    unsigned turns_ = 0;
    std::string last_line_; // said on a log
    Clock::time_point last_line_at_;
    std::pair<long long, int> wait_said_; // run and step whose waiting had a line
};

} // namespace migrate::client
