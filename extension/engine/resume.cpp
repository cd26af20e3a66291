// SPDX-License-Identifier: PostgreSQL
#include "engine/resume.h"

#include <algorithm>
#include <set>

#include "core/diff.h"
#include "core/error.h"
#include "engine/online.h"
#include "pg/parser.h"
#include "pg/query.h"

namespace migrate {

namespace {

// The statement as the script has it.
const std::string &written_text(const ledger::StoredStep &step, std::size_t i)
{
    return step.online ? step.online->written : step.statements[i];
}

Error changed_after_start(const Migration &m, const ledger::StoredStep &step,
                          const std::string &now)
{
    std::string before;
    for (std::size_t i = 0; i < step.statements.size(); i++)
        if (i == 0 || !step.online) // the parts of one statement are one text
            before += written_text(step, i) + ";\n";
    return Error(sqlstate::history_conflict,
                 "the text of migration \"" + m.name + "\" changed in a part that has run already",
                 "Step " + std::to_string(step.step) + " of run " + std::to_string(step.run) +
                     " ran the other text:\n" + line_diff(before, now),
                 "Restore the finished part, or take the migration back with migrate.rollback().");
}

// How far finished steps go.
struct Finished
{
    int last = 0;    // statements up to here are done
    int partial = 0; // of this one, which is behind them, only some parts are
};

// The statements that finished steps ran, checked against the text of now.
Finished check_finished(const Task &task, const std::vector<ledger::StoredStep> &stored,
                        const std::vector<NumberedStatement> &now)
{
    Finished finished;
    for (const ledger::StoredStep &step : stored) {
        if (!step.finished())
            continue;
        std::string text;
        bool same = true;
        for (std::size_t i = 0; i < step.statements.size(); i++) {
            const std::size_t at = static_cast<std::size_t>(step.numbers[i]) - 1;
            const bool there = at < now.size();
            if (there && (i == 0 || !step.online))
                text += now[at].statement.text + ";\n";
            same = same && there && now[at].statement.text == written_text(step, i);
            const bool whole = !step.online || step.online->part == step.online->parts;
            if (whole)
                finished.last = std::max(finished.last, step.numbers[i]);
            else
                finished.partial = std::max(finished.partial, step.numbers[i]);
        }
        if (!same)
            throw changed_after_start(task.migration, step, text);
    }
    if (finished.partial <= finished.last)
        finished.partial = 0;
    return finished;
}

// One stored step as it stands, with the statements of now; nothing if their text is another.
std::optional<PlannedStep> stored_step(const std::string &migration, const ledger::StoredStep &old,
                                       const std::vector<NumberedStatement> &now)
{
    PlannedStep planned;
    planned.step.mode = old.mode;
    planned.step.begin_options = old.begin_options;
    planned.step.online = old.online;
    for (std::size_t i = 0; i < old.statements.size(); i++) {
        const std::size_t at = static_cast<std::size_t>(old.numbers[i]) - 1;
        if (at >= now.size() || now[at].statement.text != written_text(old, i))
            return std::nullopt;
        planned.step.statements.push_back(
            old.online ? online_statement(migration, old.statements[i], now[at]) : now[at]);
    }
    planned.state = old.finished() ? "carried" : old.state == "failed" ? "planned" : old.state;
    planned.note = old.note;
    return planned;
}

// The plan as it was stored, if the text of every step is still the same.
std::optional<std::vector<PlannedStep>> stored_plan(const std::string &migration,
                                                    const std::vector<ledger::StoredStep> &stored,
                                                    const std::vector<NumberedStatement> &now)
{
    std::vector<PlannedStep> steps;
    std::set<int> covered;
    for (const ledger::StoredStep &old : stored) {
        std::optional<PlannedStep> planned = stored_step(migration, old, now);
        if (!planned)
            return std::nullopt;
        covered.insert(old.numbers.begin(), old.numbers.end());
        steps.push_back(std::move(*planned));
    }
    const auto controls = std::count_if(now.begin(), now.end(), [](const NumberedStatement &s) {
        return s.statement.role == Role::begin || s.statement.role == Role::commit;
    });
    if (covered.size() + static_cast<std::size_t>(controls) != now.size())
        return std::nullopt;
    return steps;
}

// Of a statement that was run in part online and is not going to be finished: what takes its parts back, last
// first.
std::vector<std::string> undo_of_parts(const std::vector<ledger::StoredStep> &stored)
{
    std::set<int> finished;
    for (const ledger::StoredStep &step : stored)
        if (step.online && step.finished() && step.online->part == step.online->parts)
            finished.insert(step.numbers.front());
    std::vector<std::string> undo;
    for (auto step = stored.rbegin(); step != stored.rend(); ++step) {
        if (!step->online || step->state == "planned" || finished.contains(step->numbers.front()))
            continue;
        // What it took over from the parts before it, an index for its constraint, goes with it.
        if (step->finished() && !step->online->undoable)
            break;
        undo.insert(undo.end(), step->online->undo.begin(), step->online->undo.end());
    }
    return undo;
}

std::vector<std::pair<Statement, std::string>>
half_done(const std::string &name, const std::vector<ledger::StoredStep> &stored)
{
    std::vector<std::pair<Statement, std::string>> begun;
    for (const ledger::StoredStep &step : stored)
        if (step.mode == Mode::alone && (step.state == "started" || step.state == "failed"))
            for (const Section &section : pg::cut(name, step.statements.front()).sections)
                for (const Statement &statement : section.statements)
                    begun.emplace_back(statement, step.note);
    return begun;
}

// The steps that an earlier run finished, and those of a statement that it finished in part.
std::vector<PlannedStep> kept_steps(const std::string &migration,
                                    const std::vector<ledger::StoredStep> &stored,
                                    const Finished &finished,
                                    const std::vector<NumberedStatement> &now)
{
    std::vector<PlannedStep> kept;
    for (const ledger::StoredStep &old : stored) {
        const bool begun = old.online && old.numbers.front() == finished.partial;
        if (!old.finished() && !begun)
            continue;
        if (std::optional<PlannedStep> step = stored_step(migration, old, now))
            kept.push_back(std::move(*step));
    }
    return kept;
}

// Statements whose kind the catalogs settled are stored as they were settled.
void settle_alone(std::vector<PlannedStep> &steps)
{
    for (PlannedStep &planned : steps)
        if (planned.step.mode == Mode::transaction)
            for (NumberedStatement &s : planned.step.statements)
                s.statement.alone = Alone::no;
}

} // namespace

int take_up(const Task &task, const Script &script, TaskPlan &plan, bool &complete)
{
    std::vector<ledger::StoredStep> stored;
    complete = false;
    if (task.migration.unfinished_run != 0)
        stored = ledger::stored_steps(task.migration.unfinished_run, task.migration.id);
    if (!stored.empty() && stored.front().direction != task.direction) {
        plan.partial_undo = true; // a way up that did not end is taken back
        plan.half_done = half_done(task.migration.name, stored);
        plan.undo = undo_of_parts(stored);
        return 0;
    }
    if (stored.empty())
        return 0;
    const std::vector<NumberedStatement> now =
        statements_in_order(script, section_of(task.direction));
    const Finished finished = check_finished(task, stored, now);
    const int last = std::max(finished.last, finished.partial);
    plan.resumed = true;
    for (const NumberedStatement &s : now)
        if (s.number <= last && s.statement.role == Role::session_setting)
            plan.finished_settings.push_back(s);
    std::optional<std::vector<PlannedStep>> same = stored_plan(task.migration.name, stored, now);
    complete = same.has_value();
    if (same)
        settle_alone(*same);
    plan.steps = same ? std::move(*same) : kept_steps(task.migration.name, stored, finished, now);
    return last;
}

bool has_finished_steps(const Migration &migration)
{
    if (migration.applied)
        return true;
    if (migration.unfinished_run == 0)
        return false;
    const std::vector<ledger::StoredStep> steps =
        ledger::stored_steps(migration.unfinished_run, migration.id);
    return std::any_of(steps.begin(), steps.end(), [](const ledger::StoredStep &s) {
        return s.finished() || s.state == "started" || s.state == "in doubt" ||
               s.direction == Direction::down;
    });
}

bool needs_down(const Migration &migration)
{
    if (!has_finished_steps(migration))
        return false;
    if (migration.applied)
        return true;
    const std::vector<ledger::StoredStep> steps =
        ledger::stored_steps(migration.unfinished_run, migration.id);
    return std::any_of(steps.begin(), steps.end(), [](const ledger::StoredStep &s) {
        const bool touched = s.state != "planned";
        const bool complete = s.online && s.finished() && s.online->part == s.online->parts;
        return s.direction == Direction::down ||
               (touched && (!s.online || complete || !s.online->undoable));
    });
}

void require_down(const Migration &migration)
{
    if (migration.has_down || !needs_down(migration))
        return;
    const std::int64_t run = migration.applied ? migration.applied_run : migration.unfinished_run;
    const std::vector<pg::Row> rows = pg::ledger(
        "SELECT 'Before run ' || id || ' the log position was ' || coalesce(lsn, 'unknown') ||"
        " ' and the time ' || started_at || coalesce('; its restore point is \"' || restore_point "
        "||"
        " '\"', '') || '.' FROM migrate.runs WHERE id = $1::bigint",
        {std::to_string(run)});
    throw Error(
        sqlstate::prerequisite_state, "migration \"" + migration.name + "\" has no down script",
        rows.empty() ? "" : rows[0][0].value_or(""),
        "Give it one with migrate.repair('" + migration.name +
            "', down => ...), or, if it was undone by hand or by recovery, record that with "
            "migrate.mark('" +
            migration.name + "', 'pending').");
}

} // namespace migrate
