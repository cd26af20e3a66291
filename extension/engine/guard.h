// What keeps the history: who may write it, and what may drop it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

#include "pg/dropped.h"

namespace migrate {

// Somebody other than the engine inserts into this table of the ledger.  That is a dump being restored,
// which can only be while the engine has not written here.  Throws: 42501.
void require_restore(const std::string &table);

// Throws: 55000 if the command would drop the extension, there is history, and migrate.allow_drop is off.
void require_drop_allowed(const pg::Dropped &dropped);

} // namespace migrate
