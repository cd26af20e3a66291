// What is asked of relations only as long as nobody has to be waited for.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>

#include "pg/foretell.h"
#include "pg/transaction.h"

namespace migrate::pg {

// Runs f, which analyses or plans a foretold statement, in a subtransaction that is rolled back: if all the locks that
// are foretold for it, ROW EXCLUSIVE at most, are free at once.  They are held just as long as f runs, and f itself
// waits for none.  Returns the error of f, or 55P03 if it would have had to wait.
// REQUIRES: a transaction.
std::optional<Error> attempt_with_free_locks(const Foretold &foretold, const Body &f);

} // namespace migrate::pg
