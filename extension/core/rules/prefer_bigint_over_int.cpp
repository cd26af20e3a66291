// Two thousand million is less than it seems for a key, and a wider type later writes the table anew.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_bigint_over_int(const Study &study, Findings &findings)
{
    add_narrow_integers("prefer-bigint-over-int", study, "integer", "2147483647", findings);
}

} // namespace migrate::rules
