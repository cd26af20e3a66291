// Setting the record straight without running anything.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/model.h"

namespace migrate {

// Marks everything up to the target as applied; returns the names.  In a database without any table of
// its own it does nothing: everything is to be run there.
std::vector<std::string> baseline(const std::string &target);

// state: "applied" or "pending".  Throws: 22023, 55000 if it is so already.
void mark(const std::string &name, const std::string &state);

// Settles a step in doubt: "done" or "retry".  Throws: 22023, 55000 if none is in doubt.
void repair_step(const std::string &name, const std::string &decision);

// Lets a role use the extension, or no longer.  For the database's owner and superusers.
void grant_access(const std::string &role);
void revoke_access(const std::string &role);

} // namespace migrate
