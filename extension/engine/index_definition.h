// Indexes as the files that build them ask for them: definitions that can be compared, and what came up since a note
// was taken.  REQUIRES, everywhere: a transaction.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/script.h"
#include "pg/query.h"

namespace migrate {

// What CREATE INDEX says after the table's name, with uniqueness and tablespace; empty if it is gone.
std::string definition_of(const std::string &index);

// "schema.name", quoted, of a relation's oid.
std::string qualified_name(const std::string &relation);

// The definition that the statement would make, tried on an empty table of the same shape which is gone
// again afterwards.  Empty if that cannot be told.
std::string definition_wanted(const Statement &statement, const std::string &table);

// The name that the statement gives, unquoted.
std::string index_name(const Statement &statement);

// Indexes of the noted table that are not in the note: oid, valid, name, table, relkind.
std::vector<pg::Row> new_indexes(const std::string &before);

} // namespace migrate
