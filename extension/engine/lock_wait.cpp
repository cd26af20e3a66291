// SPDX-License-Identifier: PostgreSQL
#include "engine/lock_wait.h"

#include <algorithm>
#include <iterator>
#include <random>

#include "core/text.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/settings.h"
#include "pg/waitpoint.h"
#include "pg/worker.h"

namespace migrate {

namespace {

constexpr int poll_milliseconds = 5;
constexpr int look_again_milliseconds = 1000; // others may have come, ages and states have changed

std::string name_of_wanted(const std::vector<pg::WantedLock> &wanted)
{
    if (wanted.empty())
        return "its locks";
    const auto strongest = std::max_element(
        wanted.begin(), wanted.end(),
        [](const pg::WantedLock &a, const pg::WantedLock &b) { return a.mode < b.mode; });
    if (!pg::is_on_object(*strongest))
        return pg::describe(*strongest);
    return std::string(name_of(strongest->mode)) + " lock on " + pg::describe(*strongest);
}

// Adds the time that it lives, also if an error ends it.
class Counted
{
public:
    explicit Counted(long long &sum) : sum_(sum) {}
    ~Counted() { sum_ += watch_.microseconds(); }
    Counted(const Counted &) = delete;
    Counted &operator=(const Counted &) = delete;

private:
    long long &sum_;
    const Stopwatch watch_;
};

// 0 to 1.
double jitter()
{
    std::random_device source;
    return static_cast<double>(source()) / static_cast<double>(std::random_device::max());
}

} // namespace

std::string LockWait::facts()
{
    std::string now;
    context_.in_transaction([&] { now = blockers_of(context_.run); });
    if (!now.empty())
        last_facts_ = now;
    return last_facts_;
}

LockWait::Sight LockWait::look(const std::vector<pg::WantedLock> &wanted) const
{
    Sight sight;
    std::vector<pg::WantedLock> held_by_others;
    for (const pg::WantedLock &lock : wanted) {
        const std::vector<Holder> holders = pg::holders_of(lock);
        const std::size_t slow_before = sight.slow.size();
        std::copy_if(holders.begin(), holders.end(), std::back_inserter(sight.slow),
                     [&](const Holder &holder) { return is_slow(holder, settings_); });
        if (sight.slow.size() > slow_before)
            sight.held.push_back(lock);
        else if (!holders.empty())
            held_by_others.push_back(lock);
    }
    sight.held.insert(sight.held.end(), held_by_others.begin(), held_by_others.end());
    if (!sight.held.empty())
        sight.found = sight.slow.empty() ? Approach::queue : Approach::stand_by;
    return sight;
}

// Until they have ended.  Their locks may pass to others meanwhile, so it is looked again after a while.
void LockWait::stand_by(const std::vector<Holder> &slow)
{
    const Stopwatch watch;
    const int longest =
        warned_ ? look_again_milliseconds
                : std::clamp(patience() - since_->milliseconds(), 1, look_again_milliseconds);
    std::vector<Holder> left = slow;
    context_.in_transaction([&] {
        while (!left.empty() && watch.milliseconds() < longest) {
            pg::check_for_interrupts();
            pg::sleep_for(poll_milliseconds);
            std::erase_if(left, [](const Holder &holder) { return pg::has_ended(holder); });
        }
    });
}

// Whoever waits here is in no queue that the server's look for deadlocks could see.
void LockWait::require_no_deadlock(const std::vector<Holder> &holders)
{
    for (const Holder &holder : holders)
        if (holder.pid != 0 && pg::waits_for_me(holder.pid))
            throw Error(
                sqlstate::deadlock_detected, "deadlock detected",
                "Process " + std::to_string(holder.pid) + " holds a lock that migration \"" +
                    migration_ + "\" needs, and waits for this session.\n" + facts(),
                "End its transaction, or run the migration outside of a transaction block.");
}

void LockWait::signal(const Holder &holder, Measure action)
{
    const std::string about = facts();
    context_.in_transaction([&] {
        if (!pg::has_ended(holder))
            signals_.send(holder.pid, action, settings_, context_.request.current_role, about);
    });
}

void LockWait::act_on(const std::vector<Holder> &holders)
{
    for (const Holder &holder : holders) {
        const Measure action = measure_against(holder, settings_);
        if (action != Measure::none && holder.kind == Holder::Kind::autovacuum)
            pg::cancel_autovacuum(holder.pid);
        else if (action != Measure::none)
            signal(holder, action);
    }
}

void LockWait::say_once(const LockRefused &refused)
{
    if (said_ || since_->milliseconds() < look_again_milliseconds)
        return;
    said_ = true;
    std::string text;
    const std::string about = facts();
    context_.in_transaction([&] { text = name_of_wanted(refused.wanted); });
    pg::log("migration \"" + migration_ + "\" waits for " + text + ": " + about);
}

// In a transaction that stops others already, every moment counts.
int LockWait::patience() const
{
    return has_strong_lock_ ? std::min(settings_.queue_milliseconds(), settings_.patience)
                            : settings_.patience;
}

void LockWait::require_patience(const LockRefused &refused)
{
    if (since_->milliseconds() < patience() || warned_)
        return;
    const std::string about = facts();
    std::string text;
    context_.in_transaction([&] { text = name_of_wanted(refused.wanted); });
    const std::string limit = format_duration(patience() * 1000LL);
    if (then_ == Impatient::warns) {
        warned_ = true;
        pg::warning("migration \"" + migration_ + "\" has waited for " + text + " for " + limit,
                    about, "It goes on waiting, and nobody waits behind it.");
        return;
    }
    std::string hint = "End what is in the way, or set migrate.on_blocker; the next "
                       "migrate.apply() goes on with this step.";
    if (about.find("Prepared transaction") != std::string::npos)
        hint = "Finish it with COMMIT PREPARED or ROLLBACK PREPARED; the next migrate.apply() goes "
               "on with this step.";
    else if (has_strong_lock_)
        hint =
            "The transaction block holds a lock that stops others already, so it does not wait.  "
            "Call it as a statement of its own, outside of BEGIN.";
    else if (overlapping_)
        hint = "Short transactions overlap all the time and last longer than "
               "migrate.queue_limit: raise that.";
    throw Error(sqlstate::lock_not_available, "could not obtain " + text + " within " + limit,
                about, hint);
}

void LockWait::until_clear(const LockRefused &refused)
{
    const Counted counted(waited_);
    if (!since_) {
        since_.emplace();
        settings_ = pg::lock_settings();
        has_strong_lock_ = context_.where == Where::inside && is_strong(pg::strongest_held().mode);
    }
    pg::announce_wait(refused.wanted, context_.hold());
    context_.in_transaction([] { pg::waitpoint(pg::Waitpoint::lock_refused); });
    bool stood_by = false;
    for (;;) {
        Sight sight;
        context_.in_transaction([&] { sight = look(refused.wanted); });
        if (!sight.held.empty()) // of hundreds that are wanted, those that matter
            pg::announce_wait(sight.held, context_.hold());
        overlapping_ = sight.found == Approach::queue;
        require_patience(refused);
        if (sight.found != Approach::stand_by)
            break;
        if (context_.where == Where::inside)
            require_no_deadlock(sight.slow);
        act_on(sight.slow);
        stand_by(sight.slow);
        say_once(refused);
        stood_by = true;
    }
    failed_in_queue_ += refused.queued;
    if (refused.queued || !stood_by)
        pause();
    attempts_++;
}

// Those who waited behind us get their turn; the oftener we come, the longer.
void LockWait::pause()
{
    const int milliseconds = pause_after(failed_in_queue_, settings_, jitter());
    context_.in_transaction([&] {
        pg::check_for_interrupts();
        pg::sleep_for(milliseconds);
        pg::check_for_interrupts();
    });
}

void LockWait::end()
{
    pg::announce_wait({}, context_.hold());
}

} // namespace migrate
