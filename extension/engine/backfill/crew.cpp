// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/crew.h"

#include "pg/helpers.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/settings.h"
#include "pg/transaction.h"

namespace migrate::backfill {

void Crew::keep_size(int workers)
{
    // Those that are too many go by themselves: their number is beyond what is wanted.  One that found
    // nothing to do any more is not missed.
    const bool more = workers > size_;
    if (more && settings_.empty()) // as they are now: a migration may have set its own
        if (const std::optional<Error> error =
                pg::transaction([&] { settings_ = pg::changed_settings(); }))
            throw *error;
    size_ = workers;
    const int at_work = pg::helpers_at_work();
    for (int number = at_work + 1; more && number < workers; number++) {
        Job helper = job_;
        helper.duty = Duty::help;
        helper.run = assignment_.claim.run;
        helper.leader = assignment_.claim.leader;
        helper.worker = number;
        helper.options = assignment_.options;
        helper.session.settings = settings_;
        helper.by_blocks = assignment_.by_blocks;
        helper.watch_key = assignment_.watch_key;
        helper.in_shares = assignment_.in_shares;
        helper.rows_per_unit = assignment_.rows_per_unit;
        helper.locked_role = assignment_.locked_role;
        helper.relation = assignment_.relation;
        bool started = false;
        if (const std::optional<Error> error =
                pg::transaction([&] { started = pg::start_helper(encode(helper)); }))
            throw *error;
        if (started)
            continue;
        pg::notice("fewer workers than asked for work on the backfill",
                   "There are " + std::to_string(pg::helpers_at_work() + 1) + " of " +
                       std::to_string(workers) + ": no background worker is free, and " +
                       "max_worker_processes is " + std::to_string(pg::max_worker_processes()) +
                       ".",
                   "Raise max_worker_processes (needs a restart), or let it go on as it is.");
        break;
    }
}

bool Crew::any_at_work()
{
    return pg::helpers_at_work() > 0;
}

void Crew::dismiss()
{
    pg::dismiss_helpers();
}

} // namespace migrate::backfill
