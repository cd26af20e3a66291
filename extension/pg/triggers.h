// Trigger calls as the guards see them.  For the entry files.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <string>

#include "pg/compat.h"
#include "pg/dropped.h"

namespace migrate::pg {

// BEFORE INSERT FOR EACH ROW on a ledger table: the table's owner passes; for anybody else `check` is asked
// first, and who restores a migration is noted in it.
using InsertedValue = std::function<std::string(const char *column)>; // empty for null
Datum guarded_insert(
    FunctionCallInfo fcinfo,
    const std::function<void(const std::string &table, const InsertedValue &)> &check);

// What the command of an event trigger drops.
Dropped dropped_by(FunctionCallInfo fcinfo);

} // namespace migrate::pg
