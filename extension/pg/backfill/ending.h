// Whether a row that is done still matches the WHERE clause.  For pg/ only; C, inside call().
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/backfill/statement.h"
#include "pg/compat.h"

extern "C" {
#include "utils/rel.h"
}

namespace migrate::pg::backfill {

// Fills ending and where_should_end.  Triggers are not looked at.
void judge_ending(const Query *query, Relation target, Facts *facts);

} // namespace migrate::pg::backfill
