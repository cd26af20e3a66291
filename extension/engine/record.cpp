// SPDX-License-Identifier: PostgreSQL
#include "engine/record.h"

#include "core/error.h"
#include "core/text.h"
#include "core/version.h"
#include "engine/call.h"
#include "engine/guard.h"
#include "engine/ledger.h"
#include "engine/planning.h"
#include "engine/run.h"
#include "engine/selection.h"
#include "pg/caller.h"
#include "pg/locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/settings.h"

namespace migrate {

namespace {

void require_writable()
{
    require_same_version();
    if (pg::in_recovery() || pg::is_read_only())
        throw Error(
            sqlstate::read_only_transaction, "cannot change the record in a read-only transaction",
            pg::in_recovery() ? "This server is a standby." : "",
            pg::in_recovery() ? "Do it on the primary." : "Do it in a transaction that may write.");
}

// What changes the record must not cross a run.
void require_quiet()
{
    require_writable();
    require_outside_of_run();
    if (!pg::try_lock(pg::RunnerLock::runner, pg::Hold::transaction))
        throw Error(sqlstate::lock_not_available, "a run of migrations is in progress",
                    "Process " + std::to_string(pg::holder(pg::RunnerLock::runner)) +
                        " holds the lock.",
                    "Try again when it has ended.");
    ledger::seal();
}

void record_applied(const Migration &m, const std::string &event, const Request &who)
{
    ledger::Event e;
    e.event = event;
    e.migration_id = m.id;
    e.migration = m.name;
    const std::int64_t order = ledger::record_event(e, who);
    pg::ledger(
        "UPDATE migrate.migrations SET applied_at = clock_timestamp(), applied_by = $2,"
        " applied_run = NULL, applied_order = $3::bigint, applied_checksum = migrate.checksum(up),"
        " duration = NULL, unfinished_run = NULL WHERE id = $1::bigint",
        {std::to_string(m.id), who.current_role, std::to_string(order)});
}

bool database_is_empty()
{
    return pg::query(
               "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
               " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'"
               " AND n.nspname NOT LIKE 'pg!_%' ESCAPE '!' AND NOT EXISTS (SELECT FROM pg_depend d"
               " WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') "
               "LIMIT 1")
        .empty();
}

enum class Access
{
    granted,
    revoked
};

// The event is what a dump carries over: see restore_row() in engine/guard.h.
void change_access(const std::string &role, Access access)
{
    require_writable();
    if (pg::query("SELECT 1 FROM pg_database d WHERE d.datname = current_database()"
                  " AND pg_has_role(d.datdba, 'USAGE')")
            .empty())
        throw Error(sqlstate::insufficient_privilege,
                    "permission denied to say who may run migrations",
                    "Only the owner of the database may.", "Ask the owner of the database.");
    if (!set_access(role, access == Access::granted))
        throw Error(sqlstate::undefined_object, "role \"" + role + "\" does not exist");
    ledger::seal();
    Request who;
    describe_caller(who);
    ledger::Event e;
    e.event = access == Access::granted ? "granted" : "revoked";
    e.detail = role;
    ledger::record_event(e, who);
}

} // namespace

std::vector<std::string> baseline(const std::string &target)
{
    require_quiet();
    const std::vector<Migration> migrations = ledger::migrations();
    const Migration &last = find_migration(migrations, target);
    if (database_is_empty()) {
        pg::notice("this database has no tables: nothing is marked, and migrate.apply() will run "
                   "everything");
        return {};
    }
    Request who;
    describe_caller(who);
    std::vector<std::string> names;
    for (const Migration &m : migrations) {
        if (m.applied || compare_names(m.name, last.name) > 0)
            continue;
        if (has_finished_steps(m)) {
            pg::warning("migration \"" + m.name + "\" ran in part, and is left as it is", "",
                        "Finish it with migrate.apply(), take it back with migrate.rollback(), or "
                        "record it with migrate.mark().");
            continue;
        }
        record_applied(m, "baselined", who);
        names.push_back(m.name);
    }
    if (names.empty())
        pg::notice("nothing to do: everything up to \"" + last.name + "\" is applied already");
    return names;
}

void mark(const std::string &name, const std::string &state)
{
    require_quiet();
    if (state != "applied" && state != "pending")
        throw Error(sqlstate::invalid_parameter_value,
                    "invalid state of a migration: \"" + state + "\"", "",
                    "Use 'applied' or 'pending'.");
    const std::vector<Migration> migrations = ledger::migrations();
    const Migration &m = find_migration(migrations, name);
    const bool applied = state == "applied";
    if (m.unfinished_run == 0 && m.applied == applied)
        throw Error(sqlstate::prerequisite_state,
                    "migration \"" + m.name + "\" is " + state + " already");
    Request who;
    describe_caller(who);
    if (applied)
        return record_applied(m, "marked applied", who);
    ledger::Event e;
    e.event = "marked pending";
    e.migration_id = m.id;
    e.migration = m.name;
    ledger::record_event(e, who);
    pg::ledger(
        "UPDATE migrate.migrations SET applied_at = NULL, applied_by = NULL, applied_run = NULL,"
        " applied_order = NULL, applied_checksum = NULL, duration = NULL, out_of_order = false,"
        " unfinished_run = NULL WHERE id = $1::bigint",
        {std::to_string(m.id)});
}

void repair_step(const std::string &name, const std::string &decision)
{
    require_quiet();
    if (decision != "done" && decision != "retry")
        throw Error(sqlstate::invalid_parameter_value, "invalid decision: \"" + decision + "\"", "",
                    "Use 'done' if the statement was carried out, 'retry' to run it again.");
    const std::vector<Migration> migrations = ledger::migrations();
    const Migration &m = find_migration(migrations, name);
    for (const ledger::StoredStep &step : ledger::stored_steps(m.unfinished_run, m.id)) {
        if (step.state != "in doubt" && step.state != "started")
            continue;
        Request who;
        describe_caller(who);
        ledger::record_step_state(step.run, step.step, decision == "done" ? "done" : "planned");
        ledger::Event e;
        e.event = "repaired";
        e.migration_id = m.id;
        e.migration = m.name;
        e.run = step.run;
        e.detail = "step " + std::to_string(step.step) + ": " + decision;
        ledger::record_event(e, who);
        return;
    }
    throw Error(sqlstate::prerequisite_state, "no step of migration \"" + m.name + "\" is in doubt",
                "", "Look at migrate.steps.");
}

void grant_access(const std::string &role)
{
    change_access(role, Access::granted);
}

void revoke_access(const std::string &role)
{
    change_access(role, Access::revoked);
}

} // namespace migrate
