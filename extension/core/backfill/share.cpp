// SPDX-License-Identifier: PostgreSQL
#include "core/backfill/share.h"

#include <algorithm>

namespace migrate::backfill {

std::int64_t portion(std::int64_t rest, std::int64_t batch, int workers)
{
    constexpr std::int64_t most_batches = 16;
    const std::int64_t fair = std::max<std::int64_t>(rest, 0) / (2 * std::max(workers, 1));
    return std::clamp(fair, batch, batch * most_batches);
}

double share_done(const Position &p)
{
    if (p.total_units <= 0)
        return 0;
    return std::clamp(static_cast<double>(p.units) / static_cast<double>(p.total_units), 0.0, 1.0);
}

std::optional<double> seconds_left(const Position &p)
{
    const auto done = static_cast<double>(p.units - p.units_at_start);
    if (done <= 0 || p.seconds <= 0)
        return std::nullopt;
    return std::max(0.0, static_cast<double>(p.total_units - p.units) / done * p.seconds);
}

} // namespace migrate::backfill
