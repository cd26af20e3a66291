// SPDX-License-Identifier: PostgreSQL
#include "help.h"

namespace migrate::client::help {

const char *const summary =
    "Runs schema migrations with the PostgreSQL extension \"migrate\": plain SQL files go in, the "
    "server runs them.";

const char *const program = R"(
A first migration:
  pg_migrate new add_phone_to_users       writes migrations/…_add_phone_to_users.sql
  pg_migrate up --dry-run                 shows what would run, and how
  pg_migrate up                           runs what is pending
  pg_migrate status
  pg_migrate down                         takes the last one back

Where a VERSION is asked for, a migration's name or its leading numbers do: v42 for v42_add_phone.
pg_migrate COMMAND --help explains each command.

Exit codes:
  0  done                                 4  an applied migration's text changed
  1  failed                               5  another run, or a lock, was in the way for too long
  2  wrong usage                          6  cannot connect
  3  migrations are pending (--check)     7  interrupted; the same command goes on from there

Environment: DATABASE_URL, and all that libpq reads (PGHOST, PGSERVICE, PGPASSFILE, …); NO_COLOR.
)";

namespace {

constexpr Text up{"Upload the folder's files and run what is pending in it", R"(
Only migrations that the folder holds are run.  What else is pending in the database is listed.
If the connection drops, the run goes on in the server, and pg_migrate waits for it again.

  pg_migrate up                           everything that is pending
  pg_migrate up v42                       up to and with v42
  pg_migrate up --dry-run                 the plan only
  pg_migrate up --wait 30                 give up (exit 5) if another run takes longer than 30 s
  pg_migrate up --set lock_patience=1min  give up (exit 5) if a step's locks take longer than 1 min
  pg_migrate up --create-extension        on a database that has never seen migrate
)"};

constexpr Text down{"Take migrations back", R"(
The folder, if there is one, is uploaded first, so that a corrected down section is what runs.

  pg_migrate down                         the last one (an unfinished one counts as the last)
  pg_migrate down -n 3                    the last three
  pg_migrate down v42                     exactly v42; refused if later ones are applied
  pg_migrate down v42 --cascade           v42 and what was applied after it
  pg_migrate down --to v42                everything after v42; v42 stays
  pg_migrate down --run 17                what run 17 applied ("undo the last deploy")
  pg_migrate down --all --yes             everything, without asking
)"};

constexpr Text go_to{"Make a version the last one applied, going up or down", R"(
  pg_migrate goto v42
)"};

constexpr Text redo{"Take the last migration back and apply it again", R"(
A file that was edited after it was applied is refused here: use down, then up.

  pg_migrate redo
  pg_migrate redo -n 2
)"};

constexpr Text status{"Show every migration and how it stands", R"(
  pg_migrate status
  pg_migrate status --check               exit 3 if anything is pending, unfinished or changed
  pg_migrate status --json | jq '.migrations[] | select(.state == "pending") | .name'
)"};

constexpr Text log{"Show what happened, newest last", R"(
  pg_migrate log -n 10
  pg_migrate log --run 17                 its steps: how long they waited for locks, and held them
)"};

constexpr Text plan{"Show what up or down would run, its locks and its dangers", R"(
For each statement: what it is run as so that nobody is blocked, what it locks and for how long, what
it reads or writes of which size, and what is dangerous about it.  The folder's files are planned as
they are now; nothing is stored.

  pg_migrate plan
  pg_migrate plan v42
  pg_migrate plan --down                  what down would run
  pg_migrate plan --set online=off        as written
  pg_migrate plan --sql > deploy.sql      for psql -f, where the extension cannot be installed
)"};

constexpr Text lint{"Show what is dangerous in SQL files, as this database makes it", R"(
Any SQL files.  Each is looked at by itself, with the tables and sizes of the database; nothing is run.
Exits with 1 if there is an error.  "-- migrate:allow RULE reason" before a statement accepts one.
Migrations that build on each other: plan looks at all that are pending, each after those before it.

  pg_migrate lint migrations/*.sql
  pg_migrate lint --style deploy.sql
  pg_migrate lint --json *.sql | jq '.files[].findings[].rule'
)"};

constexpr Text check{"Answer the checklist before a deployment for what is pending", R"(
Old code, indexes, data changes, the way back, locks, what is half-done, dangers: a line each.  Exits with
1 if one of them failed.  Nothing is run or stored.

  pg_migrate check
  pg_migrate check v42
)"};

constexpr Text mark{"Record a migration as applied or pending without running it", R"(
  pg_migrate mark v42 applied             its changes were made by hand
  pg_migrate mark v42 pending
)"};

constexpr Text baseline{"Mark everything up to a version as applied, for a database that has it",
                        R"(
In an empty database it does nothing, so that up builds everything there.

  pg_migrate baseline v17
)"};

constexpr Text repair{"Accept a changed text of an applied migration, or settle a step in doubt",
                      R"(
  pg_migrate repair v42                   accept the text of the folder's file
  pg_migrate repair v42 --file other.sql
  pg_migrate repair v42 done              the step in doubt did happen
  pg_migrate repair v42 retry             it did not
)"};

constexpr Text wait{"Wait for a run to end and show its report", R"(
  pg_migrate wait 17                      exits as the command that began the run would have
)"};

constexpr Text backfill{"Show unfinished backfills, watch, pause, resume or cancel one", R"(
  pg_migrate backfill                     what is unfinished, and how far it is
  pg_migrate backfill --watch             a live bar with the time left, until it is done
  pg_migrate backfill 17 --pause
  pg_migrate backfill 17 --resume
)"};

constexpr Text create{"Write a new migration file with a template and print its path", R"~(
  pg_migrate new add_phone_to_users
  $EDITOR "$(pg_migrate new 'add phone to users')"
)~"};

constexpr Text upload{"Register the folder's files in the database without running them", R"(
  pg_migrate upload                       then, in psql: SELECT migrate.apply();
)"};

} // namespace

const Text &of(Command command)
{
    switch (command) {
    case Command::up:
        return up;
    case Command::down:
        return down;
    case Command::go_to:
        return go_to;
    case Command::redo:
        return redo;
    case Command::status:
        return status;
    case Command::log:
        return log;
    case Command::plan:
        return plan;
    case Command::lint:
        return lint;
    case Command::check:
        return check;
    case Command::mark:
        return mark;
    case Command::baseline:
        return baseline;
    case Command::repair:
        return repair;
    case Command::wait:
        return wait;
    case Command::backfill:
        return backfill;
    case Command::create:
        return create;
    case Command::upload:
        return upload;
    }
    return up;
}

} // namespace migrate::client::help
