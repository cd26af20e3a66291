// A statement's online way: the steps that the plan has instead of it, and what becomes of them when rows are
// in the way or they are taken back.  What to do is decided in core/online.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/error.h"
#include "core/online/online.h"
#include "core/plan.h"
#include "core/study.h"
#include "pg/names_to_come.h"

namespace migrate {

// The steps instead of the statement; none if it is run as written.
// REQUIRES: a transaction.
std::vector<Step> online_steps(const std::string &migration, const StudiedStatement &statement,
                               online::Mode mode, pg::NamesToCome &names);

// One statement of a stored step of it.
NumberedStatement online_statement(const std::string &migration, const std::string &text,
                                   const NumberedStatement &written);

// The mode for a statement: its own directive's, its section's, or migrate.online.
online::Mode online_mode_of(const Statement &statement, const std::string &of_section);

// The error with the rows that are the reason for it: how many, the first of them, and the SELECT that lists
// them.  Other errors are left as they are.
// REQUIRES: a transaction, as the role of the script.
Error with_bad_rows(Error error, const OnlinePart &part);

} // namespace migrate
