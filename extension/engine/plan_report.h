// What would run, how, under which locks and for how long: EXPLAIN for migrations.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"

namespace migrate {

struct PlanRow
{
    std::string migration, mode, statement, note;
    int step = 0, line = 0; // step 0: about the migration as a whole
    std::string runs;       // what is run instead of the statement; empty if it is run as written
    std::string locks;      // "users ACCESS EXCLUSIVE (blocks reads, writes, DDL)", strongest first
    std::string work;       // "scans users (12 MB, 100000 rows)"
    std::string hold;       // how long its strongest lock that blocks others is held
    std::string findings;   // "error: ... (rule)", one a line
    std::string effects;    // the same as JSON
};

// What apply ("up") or rollback ("down") would run: a row for each statement as it is run, then one about the
// migration.
std::vector<PlanRow> plan(const std::optional<std::string> &target, const std::string &direction,
                          const std::optional<std::vector<std::string>> &only);

// Findings for any SQL text, as for a pending migration.
Findings lint_script(const std::string &script, bool style);

} // namespace migrate
