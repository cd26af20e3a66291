// What keeps a backfill from going on at full speed.  Each input looks at the present conditions and says
// how long to hold still, and why; the longest one counts.  A new input (WAL rate, slots, checkpoints) is one
// more class.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace migrate::backfill {

// A standby as the server sees it.
struct Replica
{
    std::string name;
    bool connected = true;
    std::int64_t replayed = 0; // log position, in bytes
};

struct Conditions
{
    double now = 0; // milliseconds of a clock that never goes back
    bool paused = false;
    double rows_per_second = 0; // of this worker; 0: no limit
    std::int64_t rows_done = 0; // by this worker since it began
    std::int64_t log_position = 0;
    std::vector<Replica> replicas;
    double pause_milliseconds = 0; // asked for between batches
    bool after_batch = false;      // a batch was committed since the last look
    double batch_milliseconds = 0; // that it took
    double given_away = 0;         // of those, while others had the processor
};

struct Hold
{
    double milliseconds = 0; // 0: go on
    std::string reason;
};

class Input
{
public:
    Input() = default;
    virtual ~Input() = default;
    Input(const Input &) = delete;
    Input &operator=(const Input &) = delete;
    virtual Hold consider(const Conditions &conditions) = 0;
};

struct LagLimits
{
    std::int64_t bytes = 0;         // 0: no limit
    double milliseconds = 0;        // 0: no limit
    std::vector<std::string> names; // these must be connected; empty: all that are
};

class Throttle
{
public:
    explicit Throttle(const LagLimits &lag);
    void add(std::unique_ptr<Input> input) { inputs_.push_back(std::move(input)); }
    Hold consider(const Conditions &conditions);

private:
    std::vector<std::unique_ptr<Input>> inputs_;
};

// How far behind a standby is in time: how long ago the log was where the standby is now.  Kept by the
// writer, because a standby that replays nothing measures no delay.
class LagClock
{
public:
    void note(double now, std::int64_t position);
    double behind(double now, std::int64_t replayed) const;

private:
    struct Mark
    {
        double at;
        std::int64_t position;
    };
    std::deque<Mark> marks_;
};

} // namespace migrate::backfill
