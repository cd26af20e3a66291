// The SQL that does the same without the danger, written from what an action names.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/rules/facts.h"

namespace migrate::rules {

std::string alter_table(const Relation &relation, std::string_view command);

// The text of the statement with CONCURRENTLY behind the first INDEX, TABLE, ... of `words`.
std::string with_concurrently(const StudiedStatement &statement,
                              std::initializer_list<std::string_view> words);

// The name of a constraint, or the one that the server would give it: "orders_user_id_fkey".
std::string constraint_name(const Action &action, std::string_view suffix);

// "FOREIGN KEY (user_id) REFERENCES users (id)", "CHECK (...)": as written, or from its parts.
std::string constraint_definition(const Action &action);

// ADD ... NOT VALID, then VALIDATE in a transaction of its own.
std::string add_and_validate(const Action &action, std::string_view suffix);

// A unique index built concurrently, then made into the constraint.
std::string index_and_attach(const Action &action, std::string_view type, std::string_view suffix);

// NOT NULL of a column by way of a check that is validated first.
std::string not_null_by_check(const Relation &relation, const std::string &column);

} // namespace migrate::rules
