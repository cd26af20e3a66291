// SPDX-License-Identifier: PostgreSQL
#include "engine/outlook.h"

#include "engine/call.h"
#include "engine/findings.h"
#include "engine/ledger.h"
#include "engine/run.h"
#include "engine/selection.h"
#include "engine/trust.h"
#include "pg/settings.h"

namespace migrate {

namespace {

Outlook outlook_of(const Task &task, const Script &script, Prospect &prospect)
{
    Outlook outlook;
    outlook.task = task;
    outlook.before = prospect;
    outlook.plan = plan_task(task, script, Where::worker, prospect);
    outlook.findings = findings_of(outlook.plan);
    return outlook;
}

// After what the statements before it will have done, under the search_path that they leave.
Study study_part(Outlook &outlook, const NumberedStatement &part)
{
    std::vector<NumberedStatement> statements;
    for (const StudiedStatement &s : outlook.plan.study.statements)
        if (s.number < part.number &&
            (s.number > outlook.seen || s.statement.role == Role::session_setting))
            statements.push_back({s.number, s.statement});
    statements.push_back(part);
    outlook.seen = part.number;
    Study of_part = study(statements, outlook.before);
    of_part.statements.erase(of_part.statements.begin(), of_part.statements.end() - 1);
    return of_part;
}

} // namespace

void look_ahead(const Request &request, const std::function<void(Outlook &)> &show)
{
    Prospect prospect;
    for (const Task &task : select_tasks(request, ledger::migrations())) {
        if (task.direction == Direction::down)
            require_down(task.migration);
        const Script script = load_script(task);
        pg::with_own_settings({script.settings.begin(), script.settings.end()}, [&] {
            as_planning_role(request, task, [&] {
                Outlook outlook = outlook_of(task, script, prospect);
                show(outlook);
            });
        });
    }
}

void with_statement_as_run(
    Outlook &outlook, const PlannedStep &planned, const NumberedStatement &statement,
    const std::function<void(const Study &study, const StudiedStatement &as_run)> &f)
{
    if (planned.step.online) {
        const Study of_part = study_part(outlook, statement);
        f(of_part, of_part.statements.front());
        return;
    }
    const Study &whole = outlook.plan.study;
    f(whole, whole.statements[static_cast<std::size_t>(statement.number) - 1]);
}

} // namespace migrate
