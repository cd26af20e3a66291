// How the ledger's values are written and read: for the files that hold its SQL.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <string>

#include "pg/query.h"

namespace migrate::ledger {

inline std::int64_t number(const pg::Value &value)
{
    return value ? std::stoll(*value) : 0;
}

inline bool yes(const pg::Value &value)
{
    return value && *value == "t";
}

inline std::string text(std::int64_t value)
{
    return std::to_string(value);
}

inline pg::Value or_null(const std::string &value)
{
    return value.empty() ? pg::Value() : pg::Value(value);
}

} // namespace migrate::ledger
