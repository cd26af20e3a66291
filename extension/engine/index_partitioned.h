// An index of a partitioned table: those of its leaves CONCURRENTLY, with the names that they would get anyway; then
// the statement as it is, which finds them and attaches them under a short lock.  So whatever the server takes over
// from before, at any level, and whatever it leaves out, is the same as if it had built all of them.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/plan.h"
#include "engine/index.h"
#include "pg/catalog.h"

namespace migrate {

// `table`: its oid.  What an interrupted attempt has built is taken over.  REQUIRES: no transaction.
void build_partitioned_index(const Statement &statement, const std::string &table,
                             const AloneRunner &runner);

// The same as a list of statements, in which the server chooses the names of the leaves' indexes, as it would for
// the statement itself.  `table`: as above.  REQUIRES: a transaction.
std::vector<std::string> statements_of_partitioned_index(const Statement &statement,
                                                         pg::ObjectId table);

// Indexes that were built on leaves since the note was taken, for this statement, and belong to no other yet.
// REQUIRES: a transaction.
std::vector<std::string> leaf_indexes_since(const Statement &statement, const std::string &before);

} // namespace migrate
