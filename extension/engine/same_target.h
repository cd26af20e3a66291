// Parts of a statement that is run online name their relations with a schema, as the plan found them.  What the statement
// as written means is decided when it runs, by the search_path of that moment.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/plan.h"

namespace migrate {

// Before a part is run, in the session that its statement would have.  Throws: 55000 if the statement as written would
// change another relation now: the script made one of that name, or set the search_path in code.
// REQUIRES: a transaction, `step.online`.
void require_same_target(const Step &step);

} // namespace migrate
