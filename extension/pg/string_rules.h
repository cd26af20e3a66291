// How the grammar reads backslashes in strings while a script is looked at, and that it does not warn of them:
// the warning is for whoever runs the statement.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/compat.h"

extern "C" {
#include "parser/parser.h"
}

namespace migrate::pg {

// While it lives.  Without an argument strings are read as the session says.
class StringRules
{
public:
    explicit StringRules(bool standard = standard_conforming_strings)
        : standard_(standard_conforming_strings), warn_(escape_string_warning)
    {
        standard_conforming_strings = standard;
        escape_string_warning = false;
    }
    ~StringRules()
    {
        standard_conforming_strings = standard_;
        escape_string_warning = warn_;
    }
    StringRules(const StringRules &) = delete;
    StringRules &operator=(const StringRules &) = delete;

private:
    const bool standard_, warn_;
};

} // namespace migrate::pg
