// What a table lacks to become a partition at once: the server would build its parent's indexes on it and prove its
// parent's foreign keys, with everybody locked out.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/online/online.h"
#include "pg/names_to_come.h"

namespace migrate {

// Facts::attach_preparations; what they make is named beside `names`, which grow.
// REQUIRES: a transaction.
std::optional<std::vector<online::Part>> attach_preparations(const Action &action,
                                                             pg::NamesToCome &names);

} // namespace migrate
