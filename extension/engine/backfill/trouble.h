// What an error in a batch means.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/error.h"
#include "engine/backfill/job.h"

namespace migrate::backfill {

enum class Trouble
{
    locked, // somebody holds what the batch needs
    again,  // it may go well the next time
    row,    // a row cannot be changed so
    fatal   // no batch would go well, or the run is to end
};
Trouble trouble_of(const Error &error);

// The error of a row, with its key and column.
Error error_of_row(Error error, const std::string &relation,
                   const std::vector<std::string> &columns, const std::vector<std::string> &key,
                   const std::string &column);

// "(id)=(5)"
std::string key_text(const std::vector<std::string> &columns, const std::vector<std::string> &key);

// A process of an earlier leader finds that another one has taken over.
Error claim_lost(std::int64_t run);

// Throws: 55000 if more rows were put aside than the options let pass.
void require_share(const Report &totals, const Options &options);

// An error position is one in the statement, not in the call that passed it.
Error placed_in(Error error, const std::string &statement);

} // namespace migrate::backfill
