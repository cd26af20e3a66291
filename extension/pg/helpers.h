// Background workers that a worker starts to share its work with.  They talk to it through queues, as it
// does to its caller; nothing waits for them but dismiss_helpers().  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::pg {

// False if no worker slot is free.  REQUIRES: a transaction.
bool start_helper(const std::string &job);

// How many are at work.  Throws: the error of one that failed; MG002 if one ended without a word.
int helpers_at_work();

// Cancels what they do, and waits until all are gone.
void dismiss_helpers();

} // namespace migrate::pg
