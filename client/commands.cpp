// SPDX-License-Identifier: PostgreSQL
#include "commands.h"

namespace migrate::client {

ExitCode run_command(Session &session)
{
    switch (session.options().command) {
    case Command::up:
        return run_up(session);
    case Command::down:
        return run_down(session);
    case Command::go_to:
        return run_goto(session);
    case Command::redo:
        return run_redo(session);
    case Command::wait:
        return run_wait(session);
    case Command::backfill:
        return run_backfill(session);
    case Command::status:
        return run_status(session);
    case Command::log:
        return run_log(session);
    case Command::plan:
        return run_plan(session);
    case Command::lint:
        return run_lint(session);
    case Command::check:
        return run_check(session);
    case Command::mark:
        return run_mark(session);
    case Command::baseline:
        return run_baseline(session);
    case Command::repair:
        return run_repair(session);
    case Command::create:
        return run_new(session);
    case Command::upload:
        return run_upload(session);
    }
    return ExitCode::usage;
}

} // namespace migrate::client
