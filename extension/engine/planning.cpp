// SPDX-License-Identifier: PostgreSQL
#include "engine/planning.h"

#include <algorithm>
#include <set>

#include "core/diff.h"
#include "core/procedure.h"
#include "core/text.h"
#include "engine/backfill/step.h"
#include "pg/catalog.h"
#include "pg/parser.h"
#include "pg/query.h"
#include "pg/settings.h"

namespace migrate {

namespace {

bool created_partitioned(const Statement &of, const std::vector<const Statement *> &earlier)
{
    return std::any_of(earlier.begin(), earlier.end(), [&](const Statement *s) {
        return s->tag == "CREATE TABLE" && !of.relation.empty() &&
               s->text.find(of.relation) != std::string::npos &&
               lower_ascii(s->tokens).find(" partition by ") != std::string::npos;
    });
}

bool is_partitioned(const Statement &statement, const std::vector<const Statement *> &earlier)
{
    const pg::ObjectId id = pg::relation_id(statement.relation);
    if (id == 0) {
        // An index that the script makes is what its table is.
        const auto made = std::find_if(earlier.begin(), earlier.end(), [&](const Statement *s) {
            return s->tag == "CREATE INDEX" && !s->object.empty() &&
                   ("." + statement.relation).ends_with("." + s->object);
        });
        return made != earlier.end() ? is_partitioned(**made, earlier)
                                     : created_partitioned(statement, earlier);
    }
    return !pg::query("SELECT 1 FROM pg_class WHERE oid = $1::oid AND relkind IN ('p', 'I')",
                      {std::to_string(id)})
                .empty();
}

// A procedure commits if its body does, or calls another, or cannot be read.
bool procedure_commits(const Statement &call, const std::vector<const Statement *> &earlier)
{
    const std::vector<pg::Row> rows = pg::query(
        "SELECT p.prosrc, l.lanname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang"
        " WHERE p.prokind = 'p' AND p.proname = (parse_ident($1))[array_upper(parse_ident($1), 1)]",
        {call.object});
    for (const pg::Row &row : rows) {
        if (*row[1] == "sql")
            continue;
        if (*row[1] != "plpgsql" || body_commits(*row[0]) || body_calls(*row[0]))
            return true;
    }
    return std::any_of(earlier.begin(), earlier.end(), [&](const Statement *s) {
        return s->tag == "CREATE PROCEDURE" && s->text.find(call.object) != std::string::npos &&
               (body_commits(s->text) || body_calls(s->text));
    });
}

bool stands_alone(const Statement &statement, const std::vector<const Statement *> &earlier)
{
    switch (statement.alone) {
    case Alone::reindex_maybe:
    case Alone::cluster_maybe:
        return is_partitioned(statement, earlier);
    case Alone::procedure_maybe:
        return procedure_commits(statement, earlier);
    case Alone::backfill_maybe:
        return backfill::runs_in_batches(statement, earlier);
    case Alone::subscription_maybe:
        return !pg::query("SELECT 1 FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
                          " WHERE d.datname = current_database() AND s.subname = $1"
                          " AND s.subslotname IS NOT NULL",
                          {statement.object})
                    .empty();
    default:
        return statement.alone != Alone::no;
    }
}

Error changed_after_start(const Migration &m, const ledger::StoredStep &step,
                          const std::string &now)
{
    std::string before;
    for (const std::string &statement : step.statements)
        before += statement + ";\n";
    return Error(sqlstate::history_conflict,
                 "the text of migration \"" + m.name + "\" changed in a part that has run already",
                 "Step " + std::to_string(step.step) + " of run " + std::to_string(step.run) +
                     " ran the other text:\n" + line_diff(before, now),
                 "Restore the finished part, or take the migration back with migrate.rollback().");
}

// The statements that finished steps ran, checked against the text of now.
int check_finished(const Task &task, const std::vector<ledger::StoredStep> &stored,
                   const std::vector<NumberedStatement> &now)
{
    int last = 0;
    for (const ledger::StoredStep &step : stored) {
        if (!step.finished())
            continue;
        std::string text;
        bool same = true;
        for (std::size_t i = 0; i < step.statements.size(); i++) {
            const std::size_t at = static_cast<std::size_t>(step.numbers[i]) - 1;
            const bool there = at < now.size();
            if (there)
                text += now[at].statement.text + ";\n";
            same = same && there && now[at].statement.text == step.statements[i];
            last = std::max(last, step.numbers[i]);
        }
        if (!same)
            throw changed_after_start(task.migration, step, text);
    }
    return last;
}

// The plan as it was stored, if the text of every step is still the same.
std::optional<std::vector<PlannedStep>> stored_plan(const std::vector<ledger::StoredStep> &stored,
                                                    const std::vector<NumberedStatement> &now)
{
    std::vector<PlannedStep> steps;
    std::size_t covered = 0;
    for (const ledger::StoredStep &old : stored) {
        PlannedStep planned;
        planned.step.mode = old.mode;
        planned.step.begin_options = old.begin_options;
        for (std::size_t i = 0; i < old.statements.size(); i++) {
            const std::size_t at = static_cast<std::size_t>(old.numbers[i]) - 1;
            if (at >= now.size() || now[at].statement.text != old.statements[i])
                return std::nullopt;
            planned.step.statements.push_back(now[at]);
            covered++;
        }
        planned.state = old.finished() ? "carried" : old.state == "failed" ? "planned" : old.state;
        planned.note = old.note;
        steps.push_back(std::move(planned));
    }
    const auto controls = std::count_if(now.begin(), now.end(), [](const NumberedStatement &s) {
        return s.statement.role == Role::begin || s.statement.role == Role::commit;
    });
    if (covered + static_cast<std::size_t>(controls) != now.size())
        return std::nullopt;
    return steps;
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

// Statements whose kind the catalogs settled are stored as they were settled.
void settle_alone(std::vector<PlannedStep> &steps)
{
    for (PlannedStep &planned : steps)
        if (planned.step.mode == Mode::transaction)
            for (NumberedStatement &s : planned.step.statements)
                s.statement.alone = Alone::no;
}

} // namespace

PlanFacts plan_facts()
{
    PlanFacts facts;
    facts.stands_alone = stands_alone;
    facts.new_enum_accepts_added_values = pg::added_enum_values_usable();
    return facts;
}

Script load_script(const Task &task)
{
    const std::optional<std::string> text = ledger::script_text(task.migration.id, task.direction);
    if (!text)
        return {};
    Script script = pg::cut(task.migration.name, *text, section_of(task.direction));
    backfill::mark_asked(task.migration.name, script);
    return script;
}

TaskPlan plan_task(const Task &task, const Script &script)
{
    TaskPlan plan;
    const DirectiveKind kind = section_of(task.direction);
    std::vector<ledger::StoredStep> stored;
    if (task.migration.unfinished_run != 0)
        stored = ledger::stored_steps(task.migration.unfinished_run, task.migration.id);
    if (!stored.empty() && stored.front().direction != task.direction) {
        plan.partial_undo = true; // a way up that did not end is taken back
        plan.half_done = half_done(task.migration.name, stored);
        stored.clear();
    }
    int finished = 0;
    if (!stored.empty()) {
        const std::vector<NumberedStatement> now = statements_in_order(script, kind);
        plan.resumed = true;
        finished = check_finished(task, stored, now);
        for (const NumberedStatement &s : now)
            if (s.number <= finished && s.statement.role == Role::session_setting)
                plan.finished_settings.push_back(s);
        if (std::optional<std::vector<PlannedStep>> same = stored_plan(stored, now)) {
            settle_alone(*same);
            plan.steps = std::move(*same);
            return plan;
        }
        for (const ledger::StoredStep &old : stored) {
            if (!old.finished())
                continue;
            PlannedStep carried;
            carried.state = "carried";
            carried.step.mode = old.mode;
            for (const int number : old.numbers)
                carried.step.statements.push_back(now[static_cast<std::size_t>(number) - 1]);
            plan.steps.push_back(std::move(carried));
        }
    }
    for (Step &step : plan_script(task.migration.name, script, kind, plan_facts(), finished))
        plan.steps.push_back({std::move(step), "planned", ""});
    return plan;
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

void require_down(const Migration &migration)
{
    if (migration.has_down || !has_finished_steps(migration))
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
