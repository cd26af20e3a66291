// A step that was refused a lock waits here, holding nothing and standing in no queue, until another
// attempt may succeed: it watches those who are in the way, says who they are, does about them what
// migrate.on_blocker says, and loses its patience.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/blockers.h"
#include "engine/step_locks.h"
#include "engine/stopwatch.h"
#include "engine/task_run.h"

namespace migrate {

class LockWait
{
public:
    // What happens when patience is over: the step fails, or it warns once and waits on.
    enum class Impatient
    {
        fails,
        warns
    };
    LockWait(const RunContext &context, const std::string &migration, Impatient then)
        : context_(context), migration_(migration), then_(then)
    {
    }

    // REQUIRES: the attempt is rolled back.  Throws: 55P03 with the facts when patience is over, 40P01 if
    // somebody in the way waits for this very process.
    void until_clear(const LockRefused &refused);
    // The step has what it needs: nothing is waited for any more.
    void end();

    int attempts() const { return attempts_; }
    long long waited() const { return waited_; } // between attempts, in microseconds

private:
    // Who will take long, and the locks that others hold, theirs first.
    struct Sight
    {
        Approach found = Approach::come_back;
        std::vector<Holder> slow;
        std::vector<pg::WantedLock> held;
    };
    Sight look(const std::vector<pg::WantedLock> &wanted) const;
    void pause();
    void stand_by(const std::vector<Holder> &slow);
    void act_on(const std::vector<Holder> &holders);
    void signal(const Holder &holder, Measure action);
    int patience() const; // in milliseconds
    void require_patience(const LockRefused &refused);
    void require_no_deadlock(const std::vector<Holder> &holders);
    void say_once(const LockRefused &refused);
    std::string facts();

    const RunContext &context_;
    const std::string &migration_;
    const Impatient then_;
    LockSettings settings_;
    std::optional<Stopwatch> since_; // the first refusal
    int attempts_ = 1, failed_in_queue_ = 0;
    long long waited_ = 0;
    bool said_ = false, warned_ = false, has_strong_lock_ = false;
    bool overlapping_ = false; // what was in the way last were short transactions
    std::string last_facts_;
    Signals signals_;
};

} // namespace migrate
