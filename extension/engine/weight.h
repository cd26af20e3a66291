// How much work a statement is: rows, bytes and seconds, as far as catalogs and planner can tell.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/study.h"
#include "pg/foretell.h"

namespace migrate {

// Fills in the numbers of a statement whose actions and effects are known, and puts the effects in order.
// `text` is what it runs: its own, or of EXECUTE what was prepared.
// REQUIRES: a transaction.
void weigh(StudiedStatement &studied, const std::string &text, const pg::Foretold &foretold);

} // namespace migrate
