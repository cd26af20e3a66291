// What can be told of a run before its first step.
// SPDX-License-Identifier: PostgreSQL
#include "core/error.h"
#include "engine/alone.h"
#include "engine/findings.h"
#include "engine/planning.h"
#include "engine/run.h"
#include "engine/trust.h"
#include "pg/execute.h"
#include "pg/query.h"
#include "pg/session.h"
#include "pg/settings.h"

namespace migrate {

namespace {

// Before anything is recorded; SET ROLE itself has the last word.
void require_role(const Request &request)
{
    if (request.role.empty() || request.role == request.session_role)
        return;
    if (pg::query("SELECT 1 FROM pg_roles WHERE rolname = $1", {request.role}).empty())
        throw Error(sqlstate::undefined_object, "role \"" + request.role + "\" does not exist",
                    "Migrations were to run as this role.",
                    "Correct migrate.role, or the argument role.");
    if (pg::query("SELECT 1 WHERE pg_has_role($1::name, $2::name, 'MEMBER')",
                  {request.session_role, request.role})
            .empty())
        throw Error(sqlstate::insufficient_privilege,
                    "permission denied to run migrations as role \"" + request.role + "\"",
                    "Role \"" + request.session_role + "\" is not a member of it.",
                    "GRANT that role to \"" + request.session_role +
                        "\", or let a member of it run the migrations.");
}

Error refused(const std::string &migration, const NumberedStatement &s, std::string message,
              std::string detail, std::string hint)
{
    Error error(sqlstate::active_transaction, std::move(message), std::move(detail),
                std::move(hint));
    error.context = pg::context_of({migration, s.number}, s.statement.line);
    return error;
}

void require_standing(const Request &request, const Task &task, const PlannedStep &planned,
                      bool in_block)
{
    for (const NumberedStatement &s : planned.step.statements) {
        const std::string &name = task.migration.name;
        if (in_block && planned.step.mode == Mode::alone)
            throw refused(
                name, s,
                s.statement.tag + " of migration \"" + name +
                    "\" cannot run inside a transaction block",
                "The call stands in a transaction block or a function, and nothing was run.",
                "Call it as a statement of its own, outside of BEGIN. \"psql -c 'a; b'\" and "
                "drivers "
                "without autocommit make a block, too.");
        if (in_block && s.statement.role == Role::savepoint)
            throw refused(name, s, "SAVEPOINT cannot run inside the caller's transaction block", "",
                          "Call it as a statement of its own, outside of BEGIN.");
        if (request.caller_keeps_snapshot && waits_for_snapshots(s.statement))
            throw refused(
                name, s,
                s.statement.tag + " of migration \"" + name + "\" would wait for this very call",
                "The calling statement keeps its snapshot: it reads tables, or its transaction is "
                "not READ COMMITTED.",
                "Call it as SELECT * FROM migrate.apply(...) alone, or with detach => true.");
    }
}

// A superuser's session that runs a weaker role's script keeps the role locked; a procedure that commits
// cannot be held so.
void require_lockable(const Request &request, const Task &task, const PlannedStep &planned)
{
    if (task.migration.trusted || !role_is_superuser(request.session_role))
        return;
    for (const NumberedStatement &s : planned.step.statements)
        if (planned.step.mode == Mode::alone &&
            (s.statement.alone == Alone::procedure || s.statement.alone == Alone::procedure_maybe))
            throw Error(sqlstate::insufficient_privilege,
                        "migration \"" + task.migration.name +
                            "\" calls code that commits, and was uploaded by a role that is not a "
                            "superuser",
                        "In the session of superuser \"" + request.session_role +
                            "\" that code could take the session's role.",
                        "Log in as \"" + task.migration.uploaded_by + "\" to run it.");
}

// Under the settings that the migration and the call ask for.
TaskPlan plan_for(const Request &request, const CheckedTask &checked, Where where,
                  Prospect &prospect)
{
    TaskPlan plan;
    std::vector<std::pair<std::string, std::string>> settings(checked.script.settings.begin(),
                                                              checked.script.settings.end());
    settings.insert(settings.end(), request.call_settings.begin(), request.call_settings.end());
    pg::with_own_settings(settings, [&] {
        as_planning_role(request, checked.task,
                         [&] { plan = plan_task(checked.task, checked.script, where, prospect); });
        stop_for_findings(checked.task, plan);
    });
    return plan;
}

} // namespace

std::vector<CheckedTask> check_tasks(const Request &request, const std::vector<Task> &tasks,
                                     bool in_block)
{
    std::vector<CheckedTask> checked;
    Prospect prospect;
    if (!tasks.empty())
        require_role(request);
    for (const Task &task : tasks) {
        if (task.direction == Direction::down)
            require_down(task.migration);
        require_trust(request, task);
        CheckedTask one{task, load_script(task)};
        const TaskPlan plan =
            plan_for(request, one, in_block ? Where::inside : Where::worker, prospect);
        if (in_block && !plan.undo.empty())
            throw Error(sqlstate::active_transaction,
                        "migration \"" + task.migration.name +
                            "\" cannot be taken back inside a transaction block",
                        "A statement of it was run in part, online, and is taken back so.",
                        "Call it as a statement of its own, outside of BEGIN.");
        for (const PlannedStep &planned : plan.steps) {
            if (planned.state == "carried")
                continue;
            require_standing(request, task, planned, in_block);
            require_lockable(request, task, planned);
        }
        checked.push_back(std::move(one));
    }
    return checked;
}

bool is_single_transaction(const Request &request, const std::vector<CheckedTask> &tasks)
{
    if (tasks.size() != 1 || tasks[0].task.migration.unfinished_run != 0)
        return false;
    Prospect prospect;
    TaskPlan plan;
    as_planning_role(request, tasks[0].task, [&] {
        plan = plan_task(tasks[0].task, tasks[0].script, Where::worker, prospect);
    });
    return plan.steps.size() == 1 && plan.steps[0].step.mode == Mode::transaction;
}

} // namespace migrate
