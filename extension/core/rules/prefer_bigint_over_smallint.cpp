// The same, at 32,767.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

namespace migrate::rules {

void prefer_bigint_over_smallint(const Study &study, Findings &findings)
{
    add_narrow_integers("prefer-bigint-over-smallint", study, "smallint", "32767", findings);
}

} // namespace migrate::rules
