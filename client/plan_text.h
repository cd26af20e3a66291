// A plan as text for people: EXPLAIN for migrations.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "display.h"
#include "planned.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

// Each statement as written, once, and below it the steps that it is run as with their locks and work, and what
// was found in it; behind each migration what it means as a whole.  Texts of SQL are cut to `width` columns; 0: to
// none.
std::string plan_as_text(const std::vector<PlannedStatement> &plan, Colors colors,
                         std::size_t width);

// "error: message (rule)" with its severity in colour.
std::string colored_finding(std::string_view line, Colors colors);

} // namespace migrate::client
