// How the work is shared among workers, and how far it is.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <optional>

namespace migrate::backfill {

// How many units a worker takes of the rest that nobody has: large portions while there is much, at the
// end no more than a batch, so that all workers end at about the same time.
// `rest` may be an estimate; below 1 it is not known to be anything.
std::int64_t portion(std::int64_t rest, std::int64_t batch, int workers);

// Where a run stands.
struct Position
{
    std::int64_t total_units = 0;    // estimated for keys, exact for blocks
    std::int64_t units = 0;          // gone through
    std::int64_t units_at_start = 0; // when this process began: earlier ones ran at another speed
    double seconds = 0;              // since then
};

double share_done(const Position &position);                  // 0 to 1
std::optional<double> seconds_left(const Position &position); // unknown before anything is done

} // namespace migrate::backfill
