// SPDX-License-Identifier: PostgreSQL
#include "engine/alone_watch.h"

#include "core/text.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/watcher.h"

namespace migrate {

namespace {

struct Blocker
{
    int pid = 0;
    Measure action = Measure::none;
};

std::vector<Blocker> blockers_to_act_on(const pg::AloneStep &step)
{
    std::vector<Blocker> found;
    for (const pg::Row &row :
         pg::ledger("SELECT DISTINCT b.pid, (extract(epoch FROM b.transaction_age) * "
                    "1000)::bigint, b.state"
                    " FROM migrate.blocking() b WHERE b.run = $1::bigint AND b.pid IS NOT NULL"
                    " AND b.mode_held IS NOT NULL",
                    {std::to_string(step.run)})) {
        Holder holder;
        holder.pid = std::stoi(*row[0]);
        holder.age = row[1] ? std::stoll(*row[1]) : 0;
        const std::string state = row[2].value_or("");
        holder.idle = state.starts_with("idle in transaction");
        if (!holder.idle && state != "active" && state != "fastpath function call")
            holder.kind = Holder::Kind::walsender; // no client's: the server's own business
        const Measure action = measure_against(holder, step.settings);
        if (action != Measure::none)
            found.push_back({holder.pid, action});
    }
    return found;
}

} // namespace

bool AloneWatch::look()
{
    const pg::AloneStep step = pg::published_alone_step();
    const int pid = step.run == 0 ? 0 : pg::process_of(step.run);
    if (step.run != run_ || step.step != step_) {
        run_ = step.run;
        step_ = step.step;
        warned_ = false;
        blocked_since_.reset();
    }
    if (pid == 0 || !step.runs || !pg::is_blocked(pid)) {
        blocked_since_.reset();
        return pid != 0;
    }
    if (!blocked_since_)
        blocked_since_.emplace();
    if (!warned_ && blocked_since_->milliseconds() >= step.settings.patience) {
        warned_ = true;
        pg::warning("step " + std::to_string(step.step) + " of run " + std::to_string(step.run) +
                        " has waited for others for " +
                        format_duration(blocked_since_->microseconds()),
                    blockers_of(step.run), "It goes on waiting.");
    }
    if (step.settings.on_blocker != OnBlocker::wait)
        for (const Blocker &blocker : blockers_to_act_on(step))
            signals_.send(blocker.pid, blocker.action, step.settings, step.role,
                          blockers_of(step.run));
    return true;
}

} // namespace migrate
