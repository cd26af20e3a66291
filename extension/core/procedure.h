// What a procedural body does to transactions.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string_view>

namespace migrate {

// COMMIT or ROLLBACK stands as a statement in the body, or in a body within it (DO $$ ... $$): the word,
// perhaps WORK or AND CHAIN, then a semicolon.  "ON COMMIT DROP" and "ROLLBACK TO" are none, nor is what
// stands in comments and strings.  A whole CREATE PROCEDURE will do as well.
bool body_commits(std::string_view body);

// The body calls a procedure, which may commit in its turn.
bool body_calls(std::string_view body);

} // namespace migrate
