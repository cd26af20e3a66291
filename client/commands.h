// The commands.  Each reads the session's options, talks to the server and prints; it returns the exit
// code or throws a Failure.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "session.h"

namespace migrate::client {

ExitCode run_command(Session &session);

// apply.cpp
ExitCode run_up(Session &session);
ExitCode run_down(Session &session);
ExitCode run_goto(Session &session);
ExitCode run_redo(Session &session);
ExitCode run_wait(Session &session);

// backfill.cpp
ExitCode run_backfill(Session &session);

// lint.cpp
ExitCode run_lint(Session &session);
ExitCode run_check(Session &session);

// inspect.cpp, plan.cpp
ExitCode run_status(Session &session);
ExitCode run_log(Session &session);
ExitCode run_plan(Session &session);

// record.cpp
ExitCode run_mark(Session &session);
ExitCode run_baseline(Session &session);
ExitCode run_repair(Session &session);

// files.cpp
ExitCode run_new(Session &session);
ExitCode run_upload(Session &session);

// The plan of going up to the target or down to it, with the folder's files as they are; in a
// transaction that is rolled back at the end, so that nothing is stored.  With names, only those
// migrations.
enum class Direction
{
    up,
    down
};
ExitCode show_plan(Session &session, Direction direction, const std::optional<std::string> &target,
                   const std::optional<std::vector<std::string>> &names);

} // namespace migrate::client
