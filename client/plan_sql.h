// A plan as a script for psql: the way out where the extension cannot be installed.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "planned.h"

#include <optional>
#include <string>
#include <vector>

namespace migrate::client {

// What really runs: statements of one transactional step between BEGIN and COMMIT, others on their own, each
// under the name of its migration.  Steps done already are comments.  Session state is cleared between
// migrations.  With a role, everything runs as it.
std::string plan_as_sql(const std::vector<PlannedStatement> &plan,
                        const std::optional<std::string> &role);

} // namespace migrate::client
