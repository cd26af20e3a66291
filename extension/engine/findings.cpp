// SPDX-License-Identifier: PostgreSQL
#include "engine/findings.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "pg/execute.h"
#include "pg/report.h"
#include "pg/settings.h"

namespace migrate {

namespace {

std::string place_of(const Finding &finding)
{
    return finding.line > 0 ? "line " + std::to_string(finding.line) + ": " : std::string();
}

Error stopped_by(const Task &task, const Findings &findings)
{
    std::string list;
    int errors = 0;
    const Finding *first = nullptr;
    for (const Finding &finding : findings) {
        if (finding.severity != Severity::error)
            continue;
        errors++;
        if (!first && finding.line > 0)
            first = &finding;
        list += (list.empty() ? "" : "\n") + place_of(finding) + finding.message + " (" +
                finding.rule + ").  " + finding.why +
                (finding.safe.empty() ? "" : "\nSafe: " + finding.safe);
    }
    Error error(sqlstate::prerequisite_state,
                "migration \"" + task.migration.name + "\" has " + std::to_string(errors) +
                    (errors == 1 ? " dangerous statement" : " dangerous statements"),
                list,
                "Nothing was run.  Accept a danger with \"-- migrate:allow RULE reason\" before "
                "its statement, or set migrate.lint = warning.");
    if (first)
        error.context = pg::context_of({task.migration.name, first->number}, first->line);
    return error;
}

} // namespace

Findings findings_of(const TaskPlan &plan)
{
    std::set<int> done;
    for (const PlannedStep &planned : plan.steps)
        for (const NumberedStatement &s : planned.step.statements)
            if (planned.state == "carried")
                done.insert(s.number);
    Findings findings = lint(plan.study);
    std::erase_if(findings, [&](const Finding &finding) { return done.contains(finding.number); });
    return findings;
}

void stop_for_findings(const Task &task, const TaskPlan &plan)
{
    const pg::LintLevel level = pg::lint_level();
    if (level == pg::LintLevel::off)
        return;
    const Findings findings = findings_of(plan);
    // Who takes something back is in need, and has accepted the same danger on the way up.
    const bool stops = level == pg::LintLevel::error && task.direction == Direction::up &&
                       std::any_of(findings.begin(), findings.end(), [](const Finding &finding) {
                           return finding.severity == Severity::error;
                       });
    if (stops)
        throw stopped_by(task, findings);
    for (const Finding &finding : findings)
        if (finding.severity != Severity::info)
            pg::warning(task.migration.name + ": " + place_of(finding) + finding.message,
                        finding.why, finding.safe);
}

} // namespace migrate
