// What was begun in this database and not brought to its end: by migrations, or by hand.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/checklist.h"

namespace migrate {

// Adds what lies around.  A warning is what the next apply, or whoever works on it now, will finish; a failure is
// what somebody has to look at.
void find_leftovers(Point &point);

} // namespace migrate
