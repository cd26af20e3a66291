// Names of new migration files.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <string_view>

namespace migrate::client {

// "Add phone to users" is add_phone_to_users: lower case, words joined by '_'.
std::string migration_slug(std::string_view words);

} // namespace migrate::client
