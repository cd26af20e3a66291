// How long something takes.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <chrono>

namespace migrate {

class Stopwatch
{
public:
    long long microseconds() const
    {
        return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_).count();
    }
    int milliseconds() const { return static_cast<int>(microseconds() / 1000); }

private:
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start_ = Clock::now();
};

} // namespace migrate
