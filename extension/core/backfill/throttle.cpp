// SPDX-License-Identifier: PostgreSQL
#include "core/backfill/throttle.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace migrate::backfill {

namespace {

constexpr double look_again = 200; // milliseconds

class Operator final : public Input
{
public:
    Hold consider(const Conditions &c) override
    {
        return c.paused ? Hold{look_again, "paused"} : Hold{};
    }
};

// Holds still for some time after each batch.
class BetweenBatches : public Input
{
public:
    explicit BetweenBatches(const char *reason) : reason_(reason) {}
    Hold consider(const Conditions &c) final
    {
        if (c.after_batch)
            until_ = c.now + pause_after(c);
        return c.now < until_ ? Hold{std::min(until_ - c.now, look_again), reason_} : Hold{};
    }

private:
    virtual double pause_after(const Conditions &c) const = 0;

    const char *const reason_;
    double until_ = 0;
};

class PauseBetween final : public BetweenBatches
{
public:
    PauseBetween() : BetweenBatches("pause between batches") {}

private:
    double pause_after(const Conditions &c) const override { return c.pause_milliseconds; }
};

// Others who take more than a tenth of our time are short of processors: what they had beyond that they are given
// three times over between the batches, as they wait for each other, too, and for what we wrote to the log.
class Processor final : public BetweenBatches
{
public:
    Processor() : BetweenBatches("others need the processor") {}

private:
    double pause_after(const Conditions &c) const override
    {
        return std::clamp(3 * (c.given_away - c.batch_milliseconds / 10), 0.0, look_again);
    }
};

// Rows are paid for after they were done, with the time that they took and what follows; of what was not used
// before no more than a second is saved up.
class Rate final : public Input
{
public:
    Hold consider(const Conditions &c) override
    {
        const double rows = static_cast<double>(c.rows_done - seen_);
        seen_ = c.rows_done;
        if (c.rows_per_second <= 0) {
            debt_ = 0;
        } else {
            const double over = (c.now - then_) / 1000 * rate_ - debt_;
            debt_ = over < 0 ? rows - over : std::max(0.0, rows - std::min(over, rate_));
            rate_ = c.rows_per_second;
        }
        then_ = c.now;
        if (debt_ < 1)
            return {};
        const double wait = debt_ / rate_ * 1000;
        return {std::min(wait, look_again),
                "rows_per_second " + std::to_string(std::llround(c.rows_per_second))};
    }

private:
    std::int64_t seen_ = 0;
    double debt_ = 0, rate_ = 0, then_ = 0;
};

std::string in_megabytes(std::int64_t bytes)
{
    return bytes < 10485760 ? std::to_string(bytes / 1024) + " kB"
                            : std::to_string(bytes / 1048576) + " MB";
}

class ReplicaLag final : public Input
{
public:
    explicit ReplicaLag(const LagLimits &limits) : limits_(limits) {}
    Hold consider(const Conditions &c) override
    {
        clock_.note(c.now, c.log_position);
        for (const std::string &name : limits_.names)
            if (std::none_of(c.replicas.begin(), c.replicas.end(),
                             [&](const Replica &r) { return r.name == name && r.connected; }))
                return {look_again, "standby \"" + name + "\" is not connected"};
        for (const Replica &replica : c.replicas)
            if (wanted(replica))
                if (Hold hold = hold_for(replica, c); hold.milliseconds > 0)
                    return hold;
        return {};
    }

private:
    bool wanted(const Replica &r) const
    {
        return limits_.names.empty() ||
               std::find(limits_.names.begin(), limits_.names.end(), r.name) != limits_.names.end();
    }
    Hold hold_for(const Replica &r, const Conditions &c) const
    {
        const std::int64_t bytes = c.log_position - r.replayed;
        if (limits_.bytes > 0 && bytes > limits_.bytes)
            return {look_again, "standby \"" + r.name + "\" is " + in_megabytes(bytes) + " behind"};
        const double time = clock_.behind(c.now, r.replayed);
        if (limits_.milliseconds > 0 && time > limits_.milliseconds)
            return {look_again, "standby \"" + r.name + "\" is " +
                                    format_duration(std::llround(time * 1000)) + " behind"};
        return {};
    }

    const LagLimits limits_;
    LagClock clock_;
};

} // namespace

Throttle::Throttle(const LagLimits &lag)
{
    add(std::make_unique<Operator>());
    add(std::make_unique<ReplicaLag>(lag));
    add(std::make_unique<Processor>());
    add(std::make_unique<Rate>());
    add(std::make_unique<PauseBetween>());
}

Hold Throttle::consider(const Conditions &conditions)
{
    Hold longest;
    for (const std::unique_ptr<Input> &input : inputs_) {
        Hold hold = input->consider(conditions);
        if (hold.milliseconds > longest.milliseconds)
            longest = std::move(hold);
    }
    return longest;
}

void LagClock::note(double now, std::int64_t position)
{
    constexpr std::size_t most = 10000;
    if (!marks_.empty() && marks_.back().position >= position)
        return;
    if (marks_.size() >= 2 && now - marks_[marks_.size() - 2].at < 10) {
        // Many marks in one instant tell no more than the first and the last.
        marks_.back().position = position;
        return;
    }
    marks_.push_back({now, position});
    if (marks_.size() > most)
        marks_.erase(marks_.begin() + 1); // the oldest stays: it bounds the answer
}

double LagClock::behind(double now, std::int64_t replayed) const
{
    // The first mark that the standby has not reached was written then.
    const auto ahead =
        std::upper_bound(marks_.begin(), marks_.end(), replayed,
                         [](std::int64_t at, const Mark &mark) { return at < mark.position; });
    return ahead == marks_.end() ? 0 : now - ahead->at;
}

} // namespace migrate::backfill
