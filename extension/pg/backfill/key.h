// The columns of a key as the server compares them, and their values as text.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pg/backfill/batches.h"
#include "pg/compat.h"

namespace migrate::pg::backfill {

constexpr int most_columns = INDEX_MAX_KEYS;

struct KeyColumn
{
    AttrNumber attribute; // of the table
    NameData name;
    Oid type; // the column's, domains taken off
    bool is_domain;
    Oid index_collation;
    Oid family, input_type; // of the operator class
    bool descending;
    Oid output, input, io_parameter;
};

// Plain data: lives wherever it is put.
struct KeyShape
{
    Oid index;
    int columns;
    KeyColumn column[most_columns];
};

// REQUIRES: a lock on the index's table; called inside call().
void describe_key(Oid index, KeyShape *shape);
// The index is there, and the columns still have these names: trees know them by name.
bool shape_fits(Oid table, const KeyShape &shape);

// Text to values and back, whatever DateStyle and its like are set to.
// The values are made in the current memory context.
std::vector<Datum> datums_of(const KeyShape &shape, const Key &key);
Key texts_of(const KeyShape &shape, const Datum *values);

// Settings under which a value's text reads back as the same value: enter, and leave again.
int enter_exact_text();
void leave_exact_text(int level);

} // namespace migrate::pg::backfill
