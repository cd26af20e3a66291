// Which migrations a request means, and in what order.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <vector>

#include "engine/model.h"

namespace migrate {

// What the request comes to now; empty if everything is as asked for.  Changes nothing.
// Throws: 42704 for a name nobody knows, 55000 for what cannot be done in this state, with the way out.
std::vector<Task> select_tasks(const Request &request, const std::vector<Migration> &migrations);

// The migration that a name or a shortened one means.
const Migration &find_migration(const std::vector<Migration> &migrations, const std::string &name);

// Why there is nothing to do, for the NOTICE.
std::string nothing_to_do(const Request &request, const std::vector<Migration> &migrations);

} // namespace migrate
