// Names as SQL writes them, for the statements that we suggest.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

// As the server's quote_identifier(): in quotes if it has to be.
std::string quote_identifier(std::string_view name);

// "a, b", each quoted where needed; an empty name stands for an expression.
std::string quote_identifiers(const std::vector<std::string> &names);

std::string quote_literal(std::string_view text);

// The last part of a name that is already quoted and perhaps qualified, unquoted: 'app."Order"' is Order.
std::string bare_name(std::string_view qualified);
// Where that part begins; 0 if there is no other.
std::size_t begin_of_last_part(std::string_view qualified);

} // namespace migrate
