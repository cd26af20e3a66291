// Long work is not done in one transaction with a lock that stops others: they would wait for all of it, and
// a step that cannot get its locks would do the work again.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/planning.h"

namespace migrate {

// Cuts the steps that are still to be done where a statement takes long and another takes a lock that stops
// reads or writes, each as it was studied.  Steps that the script wants whole, or whose
// statements need one transaction, stay.  True if it cut one.
bool separate_long_work(TaskPlan &plan);

} // namespace migrate
