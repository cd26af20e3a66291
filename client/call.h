// A call that runs migrations, from sending it to its report: notices and progress as they come,
// Ctrl-C, and a connection that breaks on the way.
//
// When it breaks, the run goes on in the server.  We connect again, find the run (the one at work, or
// the one that progress saw last) and wait for it.  A call that may be repeated is sent again after
// that, which finds nothing left to do; it is also the answer when there is no run to be found.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "session.h"

#include <string>
#include <vector>

namespace migrate::client {

struct Call
{
    enum class Repeat
    {
        safe,
        unsafe
    };

    std::string function; // `migrate.apply(target => $1)`, which returns rows of migrate.report
    Values values;
    Repeat repeat = Repeat::unsafe;
    long long waits_for = 0; // a run, if the function only waits for it
};

// A row of migrate.report.
struct StepDone
{
    long long run = 0;
    std::string migration;
    long long microseconds = 0;
    std::string json;
};

// Throws: Failure.
std::vector<StepDone> run_to_end(Session &session, const Call &call);

// "run 7 done: 3 migrations, 5 steps, 1.2 s", or "no steps to run".
std::string summary(const std::vector<StepDone> &steps);

} // namespace migrate::client
