// What the author of a script accepts: "-- migrate:allow RULE reason" before a statement takes that rule's
// findings of that statement out, and of no other.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/finding.h"

namespace migrate {

// The rules that the directives before a statement allow, in lower case, in their order.
std::vector<std::string> allowed_rules(const StudiedStatement &statement);

// A finding about the script as a whole is allowed before any of its statements.
bool is_allowed(const Study &study, const Finding &finding);

} // namespace migrate
