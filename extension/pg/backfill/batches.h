// The statement of a backfill bound to one table and to one way of cutting it: it runs for the rows of a
// range, whose bounds are parameters of plans that are kept for the run.  PG-free.
//
// The range is added to the parse tree, never to the text.  A range of keys is (after, to], in the order of
// a unique index of columns that are never null; a range of blocks is [after, to).
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pg/catalog.h"

namespace migrate::pg::backfill {

// The values of the key's columns as text; of blocks, one number.
using Key = std::vector<std::string>;

struct Range
{
    std::optional<Key> after; // none: from the beginning (of keys; blocks always have one)
    Key to;
};

// How a table is cut, and what is to be watched.
struct Cutting
{
    ObjectId table = 0;
    ObjectId index = 0;     // 0: by blocks
    ObjectId naming = 0;    // by blocks: the index whose columns name a row; 0: its tid does
    bool watch_key = false; // a trigger may change the key: refuse rows that leave their range
};

struct FoundRow
{
    std::string tid;
    Key key; // of the cutting or naming index; its tid without one
};

// What a scan for rows that are left found.
struct Left
{
    std::int64_t rows = 0;
    std::int64_t first_block = 0, last_block = 0;
};

class Batches
{
public:
    // Analyses everything that may be run, without running it.  `remaining` is an expression over the
    // statement's tables; empty: the statement's own WHERE.
    // REQUIRES: a transaction.  Throws: what the server says of the statement.
    Batches(const std::string &statement, const Cutting &cutting, const std::string &remaining);
    ~Batches();
    Batches(const Batches &) = delete;
    Batches &operator=(const Batches &) = delete;

    // Raises what the server would refuse the caller at execution: rights, mostly.
    void check_rights();

    // The same for the condition that is proven at the end.
    void check_remaining();

    // The last key of the table, or its number of blocks; nothing if it is empty.
    std::optional<Key> end();

    struct Step
    {
        Key to;
        std::int64_t units = 0; // entries or blocks gone through
    };
    // The end of a batch of that many units, not beyond `limit`.
    Step advance(const std::optional<Key> &after, const Key &limit, std::int64_t units);

    // Runs the statement for the range; returns the rows changed.
    // Throws: 55000 for a key that left its range (Cutting::watch_key).
    std::int64_t run(const Range &range);

    // Rows of the range that match.
    std::vector<FoundRow> matching(const Range &range);

    // Locks those that nobody holds, as the statement will, and returns them.
    std::vector<FoundRow> lock_free(const Range &range);

    // Runs the statement for these rows, if they still match.
    std::int64_t run_rows(const std::vector<FoundRow> &rows);
    std::int64_t run_key(const Key &key); // wherever the row is by now

    // The row with exactly this key, if it matches.
    std::vector<FoundRow> matching_key(const Key &key);
    // The same, locked: 55P03 at once if another holds it, and nothing if it is not to be changed.
    std::vector<FoundRow> lock_key(const Key &key);

    // Rows that the condition says are not done; one snapshot.
    Left left();
    // Keys (or tids) of the first of them, at most this many.
    std::vector<FoundRow> first_left(int most);

    // The column whose new value cannot be computed for the row; empty if all can.
    std::string failing_column(const FoundRow &row);
    // The transaction that its present version says holds it; empty if it doesn't.
    std::string holder_of(const FoundRow &row);
    // What the row's key is of.
    std::vector<std::string> key_columns();

    // False if an index or a column that the plans were made for is gone or has another name.
    // REQUIRES: a lock on the table.
    bool still_fits() const;

    // Gives the plans back.  Also happens when the process ends.
    void close();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// True if another transaction waits for the one that we are in.
bool others_wait_for_us();

} // namespace migrate::pg::backfill
