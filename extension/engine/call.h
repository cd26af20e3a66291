// The caller's side of apply, rollback, goto, redo and wait: where the call stands, whose turn it is, and
// waiting without holding anybody up.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/model.h"

namespace migrate {

// Does what the request asks and returns when it is done (or begun, if detached).
// Throws: the run's error; 25006 on a standby or in a read-only transaction; 55P03 after
// migrate.wait_timeout; 53000 if no worker is free; 0A000 where nothing can run.
void carry_out(Request request, const Sink &sink);

// Waits for a run and gives its report.  Throws: its error, MG002 if it was interrupted, 42704 if there is
// no such run, 25001 inside a transaction block while it runs.
void wait_for(std::int64_t run, const Sink &sink);

// Cancels the current step of a run.  False if it is not running.
bool cancel(std::int64_t run);

// The worker's side of carry_out(): what its main function does with the job.
void work(const std::string &job);

// Every function begins with this.  Throws: 55000 if library and SQL differ in version.
void require_same_version();

// Fills in what the session says: settings, roles, where it comes from.
void describe_caller(Request &request);

// Throws: 40P01 if the process waits for this very session, which no deadlock detector can see.
void require_not_in_the_way(int pid);

inline constexpr const char *library_version = "1.0";

} // namespace migrate
