// Telling the database which migrations there are: add, upload, remove, and repair of their texts.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/submission.h"

namespace migrate {

// Registers them, all or none.  Returns for each: added, changed, unchanged, renamed.
// A changed text is accepted while nothing of the migration ran; the unfinished rest may change; of an
// applied one the down and verify scripts may, and up in white space and comments only.
// Throws: MG001 with a diff for another `up` of an applied migration, 22023 for a bad name, 42710 for the
// same name twice.
std::vector<std::pair<std::string, std::string>> submit(const std::vector<Submission> &submissions,
                                                        bool whole_folder);

// Registers a folder's files.
std::vector<std::pair<std::string, std::string>> upload(const std::vector<std::string> &paths,
                                                        const std::vector<std::string> &contents);

// Throws: 42704, 55000 unless it is pending.
void remove(const std::string &name);

// Accepts other texts without running them.  A text with section directives gives all its sections.
void repair_text(const std::string &name, const std::optional<std::string> &up,
                 const std::optional<std::string> &down);

} // namespace migrate
