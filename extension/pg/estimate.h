// How many rows a statement will write and what it costs, as the planner thinks.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>

#include "pg/foretell.h"

namespace migrate::pg {

struct PlannedQuery
{
    double rows; // that it writes, or an index of some rows gets
    double cost; // of finding them, in the planner's units
};

// Of an INSERT, UPDATE, DELETE, MERGE, CREATE TABLE AS, SELECT, and of the rows that a partial index takes in: plans
// it, in a subtransaction that is rolled back.  Nothing if it cannot be planned now: what it names is not there yet, or
// not free; or if planning could run functions of users.
//
// Unlike foretell(), which is asked first, this takes the locks on users' relations that planning needs; see
// attempt_with_free_locks().
// REQUIRES: a transaction.
std::optional<PlannedQuery> planned_query(const std::string &statement, const Foretold &foretold);

} // namespace migrate::pg
