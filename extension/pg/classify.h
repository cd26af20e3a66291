// What a raw parse tree is to the engine.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/script.h"
#include "pg/compat.h"

namespace migrate::pg {

// Fills role, alone, tag, object, relation, extra and if_exists.
// REQUIRES: called outside of call(); reads `tree` only.
void classify(const RawStmt *tree, Statement &statement);

} // namespace migrate::pg
