// SPDX-License-Identifier: PostgreSQL
#include "core/lock_policy.h"

#include <algorithm>

namespace migrate {

namespace {

constexpr int longest_pause = 250;

// Half the time after which the server looks for a deadlock, which may find the other side guilty.
int below_deadlock_timeout(int milliseconds, int deadlock_timeout)
{
    return std::max(1, std::min(milliseconds, deadlock_timeout / 2));
}

} // namespace

int LockSettings::queue_milliseconds() const
{
    return below_deadlock_timeout(queue_limit, deadlock_timeout);
}

int LockSettings::row_wait_milliseconds() const
{
    return below_deadlock_timeout(row_wait_limit, deadlock_timeout);
}

// A session whose client is silent for half of that time gives no sign that it ends soon.  One that is
// between two statements of a short transaction is no reason to stay away: there is always one.
bool is_slow(const Holder &holder, const LockSettings &settings)
{
    return holder.kind != Holder::Kind::session || holder.age >= settings.blocker_age ||
           (holder.idle && 2 * holder.silent >= settings.blocker_age);
}

Approach approach(const std::vector<Holder> &holders, const LockSettings &settings)
{
    if (holders.empty())
        return Approach::come_back;
    const bool slow = std::any_of(holders.begin(), holders.end(),
                                  [&](const Holder &h) { return is_slow(h, settings); });
    return slow ? Approach::stand_by : Approach::queue;
}

Measure measure_against(const Holder &holder, const LockSettings &settings)
{
    switch (holder.kind) {
    case Holder::Kind::autovacuum:
        return Measure::cancel; // as the server does for whoever queues long enough
    case Holder::Kind::wraparound:
    case Holder::Kind::walsender:
    case Holder::Kind::prepared:
        return Measure::none;
    case Holder::Kind::session:
        break;
    }
    if (settings.on_blocker == OnBlocker::wait || holder.age < settings.on_blocker_after)
        return Measure::none;
    if (settings.on_blocker == OnBlocker::terminate)
        return Measure::terminate;
    return holder.idle ? Measure::none : Measure::cancel; // there is no statement to cancel
}

int pause_after(int failed_attempts, const LockSettings &settings, double random)
{
    const int doubled = std::min(std::max(failed_attempts - 1, 0), 10);
    const long long whole = std::min<long long>(
        longest_pause, static_cast<long long>(std::max(settings.queue_limit, 1)) << doubled);
    return std::max(1, static_cast<int>(static_cast<double>(whole) * (0.5 + random / 2)));
}

} // namespace migrate
