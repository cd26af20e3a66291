// Line diff, for "what changed in this migration": the shortest edit script (Myers 1986,
// "An O(ND) difference algorithm"), printed as unified diff hunks.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace migrate {

// Hunks with `context` unchanged lines around each change: lines "@@ -3,2 +3,3 @@", " same", "-old",
// "+new".  Empty if the texts are the same.  At most `max_lines` lines, then "... N more lines".
// Bounded work: texts that differ in more than some thousands of lines are shown as replaced.
std::string line_diff(std::string_view before, std::string_view after, std::size_t context = 2,
                      std::size_t max_lines = 60);

} // namespace migrate
