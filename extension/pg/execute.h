// Runs the statements of a migration as a client's would be: parsed, planned and run in a portal.
// PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

#include "core/script.h"

namespace migrate::pg {

// Where a statement stands, for CONTEXT: migration "v42", statement 3, line 17.
struct Place
{
    std::string migration;
    int statement = 1;
};

// top: as a client's own command; what refuses a transaction block is allowed there, if the
// transaction is no block.  nested: inside somebody's function call.
enum class Level
{
    top,
    nested
};

// Runs one statement; notices and errors carry the place, and an error position is given in the
// statement's own text.  Results are thrown away.
// REQUIRES: a transaction.
void execute(const Statement &statement, const Place &place, Level level);

// A statement of the engine's own making, at top level: DROP INDEX CONCURRENTLY and its like.
void execute_own(const std::string &sql, const Place &place, Level level);

// The context line alone.
std::string context_of(const Place &place, int line);

} // namespace migrate::pg
