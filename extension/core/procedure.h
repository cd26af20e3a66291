// What a procedural body does to transactions.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string_view>

namespace migrate {

// COMMIT or ROLLBACK stands as a statement in the body: the word, perhaps WORK or AND CHAIN, then a
// semicolon.  "ON COMMIT DROP" and "ROLLBACK TO" are none.
bool body_commits(std::string_view body);

// The body calls a procedure, which may commit in its turn.
bool body_calls(std::string_view body);

} // namespace migrate
