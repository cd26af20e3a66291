// SQL of our own, run through SPI: always under a fixed search_path, so that nothing in a caller's
// schema can answer to a name or an operator.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::pg {

using Value = std::optional<std::string>;
using Row = std::vector<Value>;

// A list as the text of a text[] value.
std::string array_text(const std::vector<std::string> &elements);
std::vector<std::string> read_array(std::string_view text);

// Runs one statement as the current role.  Parameters are text; the statement casts them.  The plan is
// kept for the session.  Values come back as text.
std::vector<Row> query(std::string_view sql, const std::vector<Value> &parameters = {});

// Runs one statement whose text is made for the occasion, such as DDL; its plan is not kept.
void command(const std::string &sql);

// A query that holds a script's own expressions: under the session's search_path, as the current role, and
// without writing.  Its plan is not kept.
std::vector<Row> query_as_written(const std::string &sql);

// Runs f as the owner of the ledger: the only way in which the engine writes its tables.  Role, read
// only mode and search_path are the caller's again afterwards.
void as_ledger_owner(const std::function<void()> &f);

// query() as the owner of the ledger.
std::vector<Row> ledger(std::string_view sql, const std::vector<Value> &parameters = {});

} // namespace migrate::pg
