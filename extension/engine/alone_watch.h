// Looks, once a second, at a statement that stands alone while it waits in a queue of the server: says once
// who is in the way when patience is over, and does about them what migrate.on_blocker says.  It is looked
// at from another process, which holds nothing that it could wait for.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <optional>

#include "engine/blockers.h"
#include "engine/stopwatch.h"

namespace migrate {

class AloneWatch
{
public:
    // False if the run that is watched is over.  REQUIRES: a transaction.
    bool look();

private:
    Signals signals_;
    std::int64_t run_ = 0;
    int step_ = 0;
    bool warned_ = false;
    std::optional<Stopwatch> blocked_since_;
};

} // namespace migrate
