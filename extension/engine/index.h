// CREATE INDEX CONCURRENTLY as a step: INVALID leftovers, failures, partitioned tables.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <string>

#include "core/plan.h"

namespace migrate {

// What is run outside of this file's knowledge: a statement of our own at top level, in a transaction of
// its own; and some of our own queries in a transaction, which may be run again from its beginning.
struct AloneRunner
{
    std::string migration;
    std::function<void(const std::string &sql)> top_level;
    std::function<void(const std::function<void()> &work)> transaction;
};

// The indexes that are on the statement's table, so that new ones can be told later: "table: index,
// index".  Empty if the table is not there.  REQUIRES: a transaction.
std::string indexes_now(const Statement &statement);

// Builds the index; `before` is indexes_now() from before the first attempt.  Drops what an interrupted
// attempt left INVALID, and an INVALID one of the same name and definition; leaves nothing behind when
// it fails.  REQUIRES: no transaction.
// Throws: 55000 for an INVALID index of the same name and another definition.
void build_index(const NumberedStatement &statement, const std::string &before,
                 const AloneRunner &runner);

// True if an earlier attempt has built the index: valid, and the same definition.
// REQUIRES: a transaction.
bool index_was_built(const NumberedStatement &statement, const std::string &before);

// Drops indexes that came up INVALID since; for REINDEX CONCURRENTLY.  REQUIRES: no transaction.
void drop_invalid_since(const Statement &statement, const std::string &before,
                        const AloneRunner &runner);

} // namespace migrate
