// What caller, worker and watcher share.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/compat.h"

extern "C" {
#include "storage/spin.h"
}

namespace migrate::pg {

// The longest list of protected roles that fits; with a longer one nobody is touched.
constexpr int longest_role_list = 1024;

// The statement that stands alone and runs now.
struct SharedStep
{
    int64 run;
    int step;
    bool runs;
    int patience, on_blocker, on_blocker_after;
    char protected_roles[longest_role_list]; // a text[]
};

// The start of the shared segment; the job's bytes follow, then the queue.
struct SegmentHeader
{
    // Written by the caller before the worker starts, never after.
    Oid database, session_user;
    char role[NAMEDATALEN]; // the caller's current role
    Size job_size;
    // Written by the worker, read by whoever watches; under the lock.
    slock_t lock;
    SharedStep alone;
};

// The segment of this process, and how it came by it.
SegmentHeader *shared_header();
void use_segment(dsm_segment *segment);

} // namespace migrate::pg
