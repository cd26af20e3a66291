// The helpers of a leader.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/backfill/worker.h"

namespace migrate::backfill {

class Crew
{
public:
    Crew(const Job &job, const Assignment &assignment) : job_(job), assignment_(assignment) {}

    // Starts or forgets helpers so that there are as many workers as are wanted, the leader counted.
    void keep_size(int workers);
    bool any_at_work();
    // Stops all of them and waits until they are gone.
    void dismiss();

private:
    Job job_;
    const Assignment &assignment_;
    std::string settings_;
    int size_ = 1; // as was wanted last, the leader counted
};

} // namespace migrate::backfill
