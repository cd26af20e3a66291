// Parse trees of a backfill: the user's statement with something added.  For pg/ only; all of it is C and
// runs inside call().
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/backfill/key.h"
#include "pg/compat.h"

namespace migrate::pg::backfill {

// The statement as the grammar gives it, seen the same way whether it is an UPDATE or a DELETE.
struct Written
{
    RawStmt *tree;
    bool is_update;
    RangeVar *target;
    Oid table;       // that it was bound to
    List *tables;    // FROM or USING
    Node *where;     // may be null
    Node *remaining; // may be null: the WHERE
};

// Parses; raises 42601 or 0A000 if it is not one UPDATE or DELETE.
Written parse_statement(const char *text);

// Parses a condition.
Node *parse_condition(const char *text);

// Makes the statement name this table alone, under the name the statement knows it by.
void bind_to(Written *written, Oid table);

// Which rows: parameters are numbered from 1, lower bound first.
enum class Rows
{
    all,
    from_start, // up to a key
    between,    // after one key up to another; or blocks
    exactly,    // one key
    listed      // tid = ANY ($1)
};
int parameters_of(Rows rows, const KeyShape *key);
Oid parameter_type(Rows rows, const KeyShape *key, int parameter); // from 0

// key: null for blocks.
RawStmt *changing_tree(const Written &written, const KeyShape *key, Rows rows, bool watch_key);

enum class Asked
{
    rows,     // tid and key
    locked,   // the same, locked, those that others hold left out
    held,     // the same, locked; an error if others hold one
    left,     // count, first and last tid of what the condition says is left
    left_rows // tid and key of those
};
// named: whose columns tell a row; null: its tid alone.
RawStmt *asking_tree(const Written &written, const KeyShape *key, const KeyShape *named, Rows rows,
                     Asked asked, bool whole_row_lock, int limit);

// The new value of the n-th column assigned, for listed rows; null if there are not so many.
RawStmt *value_tree(const Written &written, int n, const char **column);

} // namespace migrate::pg::backfill
