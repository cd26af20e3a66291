// Walks an index to find where a batch ends.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/backfill/key.h"

namespace migrate::pg::backfill {

// What the walk came to; values are in the memory context that was current.
struct Walked
{
    int64 entries;
    Datum values[most_columns]; // of the last one, if there are as many as wanted
};

// The key that many entries after `after` (null: from the beginning), and not beyond `limit` (null: none).
// Entries of dead rows count: it is the work that is bounded.  `entries` is smaller than wanted if the index
// ends before.  C: runs inside call().
void walk_forward(Oid table, const KeyShape &shape, const Datum *after, const Datum *limit,
                  int64 wanted, Walked *walked);

// The last key; entries is 0 if there is none.
void walk_to_last(Oid table, const KeyShape &shape, Walked *walked);

} // namespace migrate::pg::backfill
