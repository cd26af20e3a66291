// A row of migrate.plan(), as the two ways of showing plans read it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::client {

// One statement as it is run, or, with step 0, one migration as a whole.
struct PlannedStatement
{
    std::string migration{};
    int step = 0;
    // "transaction", perhaps with BEGIN's options behind it: together with the others of its step;
    // "alone": on its own; of a whole migration "summary", or "nothing" if it has no statements.
    std::string mode{};
    int line = 0;
    std::string statement{}; // as written
    std::string note{};
    std::string runs{};       // what is run instead; empty if it is run as written
    std::string statements{}; // all that is run, where psql could not run that one; else empty
    std::string locks{};      // the rest as the server words it
    std::string work{};
    std::string hold{};
    std::string findings{}; // "severity: message (rule)", one a line
    // Of a whole migration.
    std::string migration_class{}, old_code{}, way_back{};

    bool is_statement() const { return step > 0; }
    const std::string &text_run() const { return runs.empty() ? statement : runs; }
};

} // namespace migrate::client
