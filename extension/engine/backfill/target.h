// The tables that a statement changes, and the keys by which they may be cut.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/backfill/job.h"
#include "pg/backfill/statement.h"

namespace migrate::backfill {

struct KeyIndex
{
    std::string name; // quoted and qualified
    std::string
        order; // columns with their types, collations and operator classes: what the bounds depend on
};

struct KeyChoice : KeyIndex
{
    pg::ObjectId index = 0;
    std::vector<std::string> columns;
};

struct Leaf
{
    pg::ObjectId table = 0;
    std::string name;                  // quoted and qualified
    std::int64_t rows = 0, blocks = 0; // rows are estimated
    std::vector<KeyChoice> keys;       // the best first
};

// What of all of them bears on how they may be cut.
struct Triggers
{
    bool before_row = false, any_row = false, statement = false, transition = false;
};

// What else may have another outcome in batches, though not for a row by itself.
struct Constraints
{
    bool deferrable = false; // checked at the end of the whole transaction, if that is asked for
    bool unique_assigned =
        false; // rows may be in each other's way, and the order of changes decides
    bool refers_to_itself = false;
    bool cascades = false; // a deletion changes other tables, which later batches may read
    // Some table has so many indexes, none of an assigned column, that it pays to look for room on each page.
    bool spares_indexes = false;
};

struct Target
{
    std::vector<Leaf> leaves;
    Triggers triggers;
    Constraints constraints;
    bool partitioned = false;
    bool foreign = false;      // some of it is on another server
    bool row_security = false; // of one of the tables that hold the rows
    bool accessible = true;    // the role may read and change each part by itself
    bool other_rows = false;   // one of them has other columns, or in another order
    bool statement_trigger_on_parent = false;
    std::vector<std::string> partition_columns; // of all levels

    // The rows are not, or not all, in the table named itself.
    bool has_parts() const { return partitioned || leaves.size() > 1; }
};

// The unique indexes of a table by which it can be cut, the best first.
std::vector<KeyChoice> keys_of_table(pg::ObjectId table);
// KeyIndex::order of an index as it is now; empty if it is no valid unique index of all rows of the table.
std::string order_of_index(pg::ObjectId index, pg::ObjectId table);

Target look_at(const pg::backfill::Facts &facts);

// How the tables are cut, each with its key; index 0: by blocks.
struct Method
{
    std::vector<KeyChoice> keys; // a leaf each
    bool by_blocks = false;
    bool watch_key = false;
    bool in_shares = false; // by blocks: of each page's rows a few at a time
    std::string text;       // "keys (id) of index ...", "blocks"
};

// Throws: 0A000 with the reason for what cannot be run in batches, unless allow_unsafe lets it pass.
Method choose_method(const pg::backfill::Facts &facts, const Target &target,
                     const Options &options);

// True if batches provably have the outcome of the statement as written.
// Throws: as choose_method().
bool is_the_same(const pg::backfill::Facts &facts, const Target &target, const Options &options);

} // namespace migrate::backfill
