// Those in the way of a run: who they are, and what is done about them.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "core/lock_policy.h"

namespace migrate {

// As sentences for a DETAIL; see migrate.blockers.  REQUIRES: a transaction.
std::string blockers_of(std::int64_t run);

// Signals to sessions, by the rules of pg_cancel_backend() and pg_terminate_backend() for `role`, and never
// to a protected one.  Says what it did in a WARNING, with the facts; what it may not do it says once.
class Signals
{
public:
    // REQUIRES: a transaction.
    void send(int pid, Measure action, const LockSettings &settings, const std::string &role,
              const std::string &facts);

private:
    std::set<int> not_allowed_;
};

} // namespace migrate
