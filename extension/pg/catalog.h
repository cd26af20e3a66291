// Names looked up as the session's own statements would: with its search_path.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::pg {

using ObjectId = unsigned;

// The relation that a quoted, perhaps qualified name means now; 0 if there is none.
ObjectId relation_id(const std::string &name);

// Keeps the relation, if it is there, as it is until the transaction ends: ACCESS SHARE, waited for.
void hold_relation(ObjectId relation);

// Version of the SQL objects installed in this database; empty if the extension is not there.
std::string installed_version();

} // namespace migrate::pg
