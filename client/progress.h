// What a run is doing while we wait for it: a second connection asks migrate.progress once a second.
// It never holds anything up: it connects and asks without waiting, and if it cannot connect the
// command goes on without it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "conninfo.h"
#include "display.h"
#include "output.h"

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace migrate::client {

// A row of migrate.progress.
struct ProgressRow
{
    long long run = 0;
    int step = 0;
    std::string migration, doing, phase;
    double seconds = 0; // since it began
    long long waits_for_pid = 0;
    std::string waits_for_query;
    long long done = 0, total = 0;
};

// `v42 step 2 [#####...............] 25 % 12 s, building index, CREATE INDEX …`, and instead of the
// statement `waiting for pid 4711 (UPDATE users …)` if it waits.
std::string progress_text(const ProgressRow &row);

// The same for a log: what is new in it is worth a line, so it is without the time.
std::string progress_summary(const ProgressRow &row);

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
};

} // namespace migrate::client
