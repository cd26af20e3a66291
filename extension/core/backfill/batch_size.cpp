// SPDX-License-Identifier: PostgreSQL
#include "core/backfill/batch_size.h"

#include <algorithm>
#include <cmath>

namespace migrate::backfill {

BatchSize::BatchSize(const SizeLimits &limits)
    : limits_(limits), size_(std::clamp(limits.start, limits.minimum, limits.maximum))
{
}

void BatchSize::limit(double wanted)
{
    const double most = static_cast<double>(limits_.maximum);
    const auto size = static_cast<std::int64_t>(std::min(wanted, most));
    size_ = std::clamp(size, limits_.minimum, limits_.maximum);
}

void BatchSize::measure(std::int64_t done, double milliseconds)
{
    const double unit = std::max(milliseconds, 0.01) / static_cast<double>(done);
    // A sudden slowness counts at once, a sudden speed only by half: a batch that is too long holds others
    // up, one that is too short costs a commit.
    unit_milliseconds_ = unit_milliseconds_ == 0 || unit > unit_milliseconds_
                             ? unit
                             : (unit_milliseconds_ + unit) / 2;
}

void BatchSize::committed(std::int64_t done, double milliseconds)
{
    if (done <= 0)
        return;
    measure(done, milliseconds);
    calm_++;
    const double growth = calm_ < calm_after ? 1.25 : 2;
    const double size = static_cast<double>(size_);
    if (limits_.fixed)
        return limit(std::min(size * 2, static_cast<double>(limits_.start)));
    double wanted = limits_.target_milliseconds / unit_milliseconds_;
    if (done < size_)
        wanted = std::min(wanted, size);
    limit(std::clamp(wanted, size / 4, std::max(size * growth, size + 1)));
}

// Who halves and doubles in turn stays where he is.
void BatchSize::others_waited(std::int64_t done, double milliseconds)
{
    if (done > 0)
        measure(done, milliseconds);
    calm_ = 0;
    limit(std::floor(static_cast<double>(size_) / 2));
}

void BatchSize::gave_up()
{
    limit(std::floor(static_cast<double>(size_) / 4));
}

} // namespace migrate::backfill
