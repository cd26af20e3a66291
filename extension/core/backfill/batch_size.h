// How much one batch takes on: as much as fits into the target time, at once less when others had to wait
// for what the batch held.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>

namespace migrate::backfill {

struct SizeLimits
{
    double target_milliseconds = 100;
    std::int64_t minimum = 1;
    std::int64_t maximum = 1000000;
    std::int64_t start = 100;
    bool fixed = false; // the user gave the size: only trouble makes it smaller, for a while
};

// The unit is the method's: rows of a key, or blocks.
class BatchSize
{
public:
    explicit BatchSize(const SizeLimits &limits);

    std::int64_t size() const { return size_; }

    // A batch of `done` units committed.  One that was cut short by the end of its piece says little of the
    // size, and only slows down.
    void committed(std::int64_t done, double milliseconds);

    // The same, but somebody waited for what the batch held.  While that happens again and again, sizes settle where it
    // is one batch of four.
    void others_waited(std::int64_t done, double milliseconds);

    // The batch ran into a lock that somebody else holds, or took so long that it was stopped.
    void gave_up();

    void change_target(double milliseconds) { limits_.target_milliseconds = milliseconds; }

private:
    void limit(double wanted);
    void measure(std::int64_t done, double milliseconds);

    static constexpr int calm_after = 10;
    SizeLimits limits_;
    std::int64_t size_;
    double unit_milliseconds_ = 0; // smoothed; 0: nothing measured
    int calm_ = calm_after;        // batches since others waited
};

} // namespace migrate::backfill
