// How large an index is or will be, and how it is made: what building it costs follows from that.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <vector>

#include "core/action.h"
#include "pg/catalog.h"

namespace migrate::pg {

// The indexes of a relation, or the one that it is, as they would be built anew.
// REQUIRES: a transaction.
std::vector<IndexBuild> indexes_built_anew(ObjectId relation);

// The one that an action makes on a relation that has its columns, with an entry for so many rows: by what
// ANALYZE knows of their widths, or by their types.
// REQUIRES: a transaction.
IndexBuild index_to_build(ObjectId relation, const migrate::Action &action, double rows);

} // namespace migrate::pg
