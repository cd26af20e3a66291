// The background worker that runs a plan for a caller, both ends of it.  PG-free.
//
// The worker connects as the caller's session user, never as somebody stronger; what it says (notices,
// errors, report rows) reaches the caller through a shared memory queue, which is attached before it
// connects, so that a refused connection is reported too.  The caller reads, shows and waits.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <string>

namespace migrate::pg {

// What the caller does while it waits.
struct Waiting
{
    // A message of the engine's; false: stop waiting, the worker goes on alone.
    std::function<bool(const std::string &message)> on_message;
    std::function<void()> before_sleep;
    std::function<void(int pid)> every_second;
};

// Starts a worker on `job`; false if no worker slot is free.
bool start_worker(const std::string &job);

// Waits until the worker has ended, or on_message wants no more.  A cancel of the caller cancels the
// worker's current statement and waits for its answer; a caller that is terminated does the same and
// goes; a lost connection does neither.
// Throws: the worker's error; MG002 if it ended without one and without saying it was done.
void wait_for_worker(const Waiting &waiting);

// Starts another process that gets the worker's segment; see watcher.h.  Nothing happens if no slot is free.
void start_process(const char *name, const char *function);

// Sleeps in the caller at most this long; wakes for interrupts.
void sleep_for(int milliseconds);

// The worker's end.  Connects, and calls `work` with the job.
void run_worker(unsigned long argument, const std::function<void(const std::string &job)> &work);

// True in a worker.
bool is_worker();

// In a worker that is busy all the time: ends it if the server's main process was killed.  The server could not
// start again before that.
void end_without_server();

// In the worker: to the caller's on_message.  Nothing happens if the caller is gone.
void send_to_caller(const std::string &message);

// Sends a cancel to the process, by the rules of pg_cancel_backend().  False if it is gone.
bool cancel_process(int pid);

} // namespace migrate::pg
