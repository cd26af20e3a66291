// How many rows a statement will write and what it costs, as the planner thinks.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>

#include "core/action.h"
#include "pg/foretell.h"

namespace migrate::pg {

// Rows that INSERT, UPDATE, DELETE or MERGE in a WITH clause writes.
struct PlannedChange
{
    migrate::ActionKind kind;
    ObjectId relation;
    double rows;
};

// Plain, so that it can be filled where no destructor may run.
struct PlannedQuery
{
    double rows; // that it writes, or an index of some rows gets
    double cost; // of finding them, in the planner's units
    PlannedChange changes[8];
    int changes_count;
};

// Of an INSERT, UPDATE, DELETE, MERGE, CREATE TABLE AS, SELECT, of what EXPLAIN ANALYZE runs of these, and of the rows that a partial index takes in: plans
// it, in a subtransaction that is rolled back.  Nothing if it cannot be planned now: what it names is not there yet, or
// not free; or if planning could run functions of users.
//
// Unlike foretell(), which is asked first, this takes the locks on users' relations that planning needs; see
// attempt_with_free_locks().
// REQUIRES: a transaction.
std::optional<PlannedQuery> planned_query(const std::string &statement, const Foretold &foretold);

} // namespace migrate::pg
