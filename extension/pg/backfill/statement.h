// What a statement that is to be run in batches is, as the server's analysis sees it.  PG-free; what is
// refused, and why, is decided in engine/backfill.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pg/catalog.h"

namespace migrate::pg::backfill {

// What becomes of the WHERE clause once a row is done.
enum class Ending
{
    stops,      // it does not match any more
    repeatable, // it may match, and doing the row again changes nothing
    unknown
};

struct Facts
{
    bool is_update = false;
    ObjectId target = 0;
    std::string relation; // qualified and quoted
    char kind = 'r', persistence = 'p';
    bool only = false;        // not what inherits from it
    bool whole_row = false;   // its rows are used as values
    bool of_catalogs = false; // of the system, or of ourselves
    bool has_rules = false;
    bool row_security = false; // the role sees only some rows
    bool has_cte = false, has_returning = false, of_cursor = false;
    std::vector<std::string> assigned; // columns
    bool reads_target = false;
    // In a subselect that does not depend on the row: each batch would get an answer of its own.
    bool has_limit = false, has_aggregate = false, has_window = false;
    bool reads_others = false; // FROM, USING, subselects
    bool is_volatile = false, is_mutable = false;
    Ending ending = Ending::unknown;
    bool where_should_end = false; // the statement is meant to make its WHERE clause false
    bool has_where = false;
    std::string tokens; // equal for statements that differ in white space and comments only
};

// REQUIRES: a transaction.  Throws: what the server says of the statement.
Facts analyse(const std::string &statement);

// Raises what the current role lacks of rights on the table named, whose parts are asked for theirs by the batches.
void check_rights(const std::string &statement);

// The statement's table as its name is read now; 0 if there is none.
ObjectId target_of(const std::string &statement);

// Equal for statements that differ in white space, comments and the case of key words only.
std::string tokens_of(const std::string &statement);

// True if the statement names a temporary table of this session, which no other process would see.
bool names_temporary_table(const std::string &statement);

// The columns of the key are among those assigned.
std::vector<std::string> both(const std::vector<std::string> &a, const std::vector<std::string> &b);

} // namespace migrate::pg::backfill
