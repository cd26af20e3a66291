// Somebody has to look while a statement that stands alone waits in a queue of the server, and that is not the
// process that waits: the caller, while it is there, or a worker of its own, the watcher.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "core/lock_policy.h"

namespace migrate::pg {

struct AloneStep
{
    std::int64_t run = 0;
    int step = 0;
    bool runs = false;
    LockSettings settings;
    std::string role; // the caller's
};

// In the worker: what runs now, for whoever watches; and that it runs no more.
void publish_alone_step(const AloneStep &step);
void no_alone_step_runs() noexcept;
// In the caller or the watcher.
AloneStep published_alone_step();

// In the worker, where no caller watches.  Without a free slot for it the step runs unwatched.
void start_watcher();
// The watcher's end: connects as the worker did, and calls `look` every second until it returns false.
void run_watcher(unsigned long argument, const std::function<bool()> &look);

// True if the process waits for a lock.
bool is_blocked(int pid);

} // namespace migrate::pg
