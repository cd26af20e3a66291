// How the migrations stand, as far as a command needs it to know what to ask and to tell.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "session.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

struct Standing
{
    std::string name;
    std::string state; // pending, running, applied, failed, interrupted
};

// From migrate.status: those that are not pending, last one applied first, an unfinished one before all;
// then the pending ones in their order.
std::vector<Standing> standings(Session &session);

// The one that a target means, which may be shortened to its numbers; nothing if there is none, or
// more than one.
const Standing *find_standing(const std::vector<Standing> &all, std::string_view target);

// Names of those that are applied or unfinished, in the order of `all`.
std::vector<std::string> applied_names(const std::vector<Standing> &all);

// For commands that take something back or write the record by hand: asks on a terminal.  Without one
// --yes has to be given.
// Throws: Failure with ExitCode::usage, or ExitCode::failed if the answer is no.
void confirm(Session &session, std::string_view question);

} // namespace migrate::client
