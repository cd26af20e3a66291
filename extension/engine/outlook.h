// What would be run, migration by migration, seen before any of it is: plan() shows it, check() judges it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"
#include "engine/planning.h"

namespace migrate {

// One migration, planned as a run of its own would carry it out.
struct Outlook
{
    Task task;
    TaskPlan plan; // long work is apart from strong locks
    Findings findings;
    Prospect before; // what the parts of statements that are run online have seen so far
    int seen = 0;    // statements up to this one are in it
};

// What apply (Operation::apply) or rollback would run, in order, seen and shown as the role that would run it; see
// as_planning_role().  Changes nothing.  Throws: what selecting and planning throw.
void look_ahead(const Request &request, const std::function<void(Outlook &)> &show);

// Calls f with the statement as it is run, and the study that it stands in: the script's, or one of the part
// alone.
// REQUIRES: called for the statements of a migration in their order, once each.
void with_statement_as_run(
    Outlook &outlook, const PlannedStep &planned, const NumberedStatement &statement,
    const std::function<void(const Study &study, const StudiedStatement &as_run)> &f);

} // namespace migrate
