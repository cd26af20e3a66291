// What an earlier run left of a migration: which steps it finished, which it stopped in, and what takes back a
// statement of which it did a part.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/planning.h"

namespace migrate {

// Puts what an earlier run left into the plan; returns the number of the last statement that it did.  `complete`:
// the plan is the stored one, and nothing is left to plan.
// Throws: MG001 if a finished step's text has changed.
int take_up(const Task &task, const Script &script, TaskPlan &plan, bool &complete);

} // namespace migrate
