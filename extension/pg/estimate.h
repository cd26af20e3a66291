// How many rows a statement will write, as the planner thinks.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>

#include "pg/foretell.h"

namespace migrate::pg {

// Of an INSERT, UPDATE, DELETE, MERGE, CREATE TABLE AS: plans it, in a subtransaction that is rolled back.  Nothing
// if it cannot be planned now: what it names is not there yet, or not free; or if planning could run functions of
// users.
//
// Unlike foretell(), which is asked first, this takes the locks on users' relations that planning needs, ROW
// EXCLUSIVE at most: only if they are free at once, and just as long as planning takes.  Nothing is waited for.
// REQUIRES: a transaction.
std::optional<double> estimated_rows(const std::string &statement, const Foretold &foretold);

} // namespace migrate::pg
