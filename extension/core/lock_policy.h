// What a step does about those who hold a lock that it needs.  Pure decisions over facts that the server
// supplies; nothing here waits.
//
// A step that queues for a strong lock makes everybody who comes later wait behind it.  So it looks first:
// behind a transaction that may go on for long it does not queue at all, but waits beside the queue until
// that transaction has ended; among short ones, which overlap so that the relation is never free, it
// queues for so short a time that nobody notices.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace migrate {

enum class OnBlocker
{
    wait,
    cancel,
    terminate
};

// The settings of the same names; times in milliseconds.
struct LockSettings
{
    int blocker_age = 100;
    int queue_limit = 10;
    int row_wait_limit = 500;
    int patience = 300'000;
    int max_hold = 0; // 0: no limit
    OnBlocker on_blocker = OnBlocker::wait;
    int on_blocker_after = 30'000;
    std::vector<std::string> protected_roles;
    int deadlock_timeout = 1000; // the server's own

    // Shorter than the server's look for deadlocks: whoever deadlocks with us never learns of it.
    int queue_milliseconds() const;
    int row_wait_milliseconds() const;
};

// Somebody who holds what a step needs.
struct Holder
{
    enum class Kind
    {
        session,
        autovacuum,
        wraparound, // an autovacuum that must not be cancelled
        walsender,
        prepared
    };
    Kind kind = Kind::session;
    int pid = 0;     // of the session; a parallel worker's is its leader's; 0: none
    int process = 0; // with the local number: its virtual transaction
    unsigned local = 0;
    unsigned transaction = 0; // if it is the end of this one that is waited for
    long long age = 0;        // of its transaction, in milliseconds
    bool idle = false;        // in transaction, its client is silent ...
    long long silent = 0;     // ... for so long
};

enum class Approach
{
    queue,    // all are about to end: stand in the queue for a moment
    stand_by, // somebody will take long: wait outside of the queue until they have ended
    come_back // nobody holds it: somebody waits for it already; look again soon
};

// Those behind whom a step doesn't queue.
bool is_slow(const Holder &holder, const LockSettings &settings);
Approach approach(const std::vector<Holder> &holders, const LockSettings &settings);

// What is done to a holder now.
enum class Measure
{
    none,
    cancel,
    terminate
};
// Roles are not looked at here: whether the caller may signal the session is the server's to say.
Measure measure_against(const Holder &holder, const LockSettings &settings);

// Milliseconds to stay away after so many attempts in the queue that failed, between half and the whole of
// a time that doubles with each.  `random`: 0 to 1.
int pause_after(int failed_attempts, const LockSettings &settings, double random);

} // namespace migrate
