// What a table lacks to become a partition at once: the server would build its parent's indexes on it and prove its
// parent's foreign keys, with everybody locked out.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <vector>

#include "core/online/online.h"

namespace migrate {

// REQUIRES: a transaction.
std::vector<online::Part> attach_preparations(const Action &action);

} // namespace migrate
