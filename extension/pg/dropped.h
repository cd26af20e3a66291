// What a DROP command names.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

namespace migrate::pg {

struct Dropped
{
    std::vector<std::string> extensions, schemas;
    std::vector<std::string> owners; // DROP OWNED BY
};

} // namespace migrate::pg
