// Every rule's function, one file each.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/finding.h"

namespace migrate::rules {

void unknown_rule(const Study &study, Findings &findings);
void unused_allow(const Study &study, Findings &findings);

} // namespace migrate::rules
