// The caller's side of backfills.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/backfill/job.h"

namespace migrate::backfill {

struct Call
{
    Options options;
    bool restart = false, detach = false;
    std::string role;
    std::int64_t run = 0; // to be resumed; 0: the statement decides
};

// Does what is asked and waits for it, unless it is to be left alone.
// Throws: the run's error; 25001 in a transaction block; 25006 where nothing can be written.
void carry_out(const Call &call, const Announce &announce);

// Operators' switches.  False if the run is not running (pause) or not unfinished (throttle).
// Throws: 42704 if there is no such backfill.
bool pause(std::int64_t run);
bool throttle(std::int64_t run, std::optional<double> rows_per_second, std::optional<int> workers);

// The worker's side.
void work(const std::string &job);

} // namespace migrate::backfill
