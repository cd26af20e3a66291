// A script studied: for each statement what it does (actions), to which relations and for how long
// (effects), and how the engine will carry it out.  The engine fills it; rules and plans read it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/action.h"
#include "core/effect.h"
#include "core/script.h"

namespace migrate {

// How a statement is run.
enum class Course
{
    as_written,
    online,  // as other statements that block nobody, to the same end
    batches, // as a backfill
};

struct StudiedStatement
{
    int number = 1; // in its script
    Statement statement;
    std::vector<Action> actions;
    std::vector<Effect> effects; // by relation, strongest lock first; what is new is left out
    Course course = Course::as_written;
    bool atomic = false; // in BEGIN ... COMMIT, or a section of transaction:always
    int group = 0;       // statements with the same number run in one transaction; -1: stands alone
    bool opaque = false; // runs code whose locks cannot be told
    bool refused = false;             // will be refused for want of rights
    std::uint64_t work_bytes = 0;     // of existing relations that it goes over
    std::uint64_t relation_bytes = 0; // of existing relations that it changes, partitions included
    double seconds = 0;               // estimated, of all its work
    std::vector<std::string>
        unknown_relations; // named, neither there nor made by the script before
};

struct StudyOptions
{
    std::uint64_t small_table = 1024 * 1024; // bytes up to which work on a table is short
    double max_lock_hold = 0;                // seconds; 0: no limit
    double many_rows = 10000;                // rows above which a data change is a large one
    bool style = false;                      // the group "style" too
    bool is_up = true;                       // a way up; data loss in a way down is what it is for
    bool has_down = false;                   // there is a down script
    int max_identifier = 63;                 // bytes
};

struct Study
{
    StudyOptions options;
    std::vector<StudiedStatement> statements;
};

// The strongest lock on an existing relation; LockMode::none if there is none.
LockMode strongest_lock(const StudiedStatement &statement);

} // namespace migrate
