// What keeps the history: who may write it, and what may drop it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <string>

#include "pg/dropped.h"

namespace migrate {

// Lets a role use the extension, or no longer, as the extension's owner.  False if there is no such role.
bool set_access(const std::string &role, bool allowed);

// Somebody other than the engine inserts into this table of the ledger.  That is a dump being restored,
// which can only be while the engine has not written here.  Throws: 42501.
// An event "granted" or "revoked" takes effect again: the GRANT that pg_dump writes does not, because the
// schema is not the restoring role's.
void restore_row(const std::string &table,
                 const std::function<std::string(const char *column)> &value);

// Throws: 55000 if the command would drop the extension, there is history, and migrate.allow_drop is off.
void require_drop_allowed(const pg::Dropped &dropped);

} // namespace migrate
