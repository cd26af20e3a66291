// SPDX-License-Identifier: PostgreSQL
#include "engine/planning.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/diff.h"
#include "core/procedure.h"
#include "core/text.h"
#include "engine/backfill/step.h"
#include "engine/long_work.h"
#include "engine/online.h"
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
    for (auto step = stored.rbegin(); step != stored.rend(); ++step)
        if (step->online && step->state != "planned" && !finished.contains(step->numbers.front()))
            undo.insert(undo.end(), step->online->undo.begin(), step->online->undo.end());
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

Script load_script(const Task &task)
{
    const std::optional<std::string> text = ledger::script_text(task.migration.id, task.direction);
    if (!text)
        return {};
    Script script = pg::cut(task.migration.name, *text, section_of(task.direction));
    backfill::mark_asked(task.migration.name, script);
    return script;
}

namespace {

// What an earlier run left; the number of the last statement that it did.
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

// What planning asks the server, for a migration that is run step by step, or as one transaction.
PlanFacts plan_facts(Where where)
{
    PlanFacts facts;
    facts.stands_alone = [where](const Statement &statement,
                                 const std::vector<const Statement *> &earlier) {
        return !(where == Where::inside && statement.alone == Alone::backfill_maybe) &&
               stands_alone(statement, earlier);
    };
    facts.new_enum_accepts_added_values = pg::added_enum_values_usable();
    return facts;
}

// The section's own mode, by the statement's number.
std::map<int, std::string> online_of_sections(const Script &script, DirectiveKind kind)
{
    std::map<int, std::string> modes;
    int number = 0;
    std::vector<const Section *> sections;
    for (const Section &section : script.sections)
        if (section.kind == kind)
            sections.push_back(&section);
    if (kind == DirectiveKind::down)
        std::reverse(sections.begin(), sections.end());
    for (const Section *section : sections)
        for (std::size_t i = 0; i < section->statements.size(); i++)
            modes[++number] = section->online;
    return modes;
}

} // namespace

void check_script(const Task &task, const Script &script)
{
    TaskPlan plan;
    bool complete = false;
    const int last = take_up(task, script, plan, complete);
    if (!complete)
        plan_script(task.migration.name, script, section_of(task.direction),
                    plan_facts(Where::worker), last);
}

TaskPlan plan_task(const Task &task, const Script &script, Where where, Prospect &prospect)
{
    TaskPlan plan;
    bool complete = false;
    const DirectiveKind kind = section_of(task.direction);
    const std::string &name = task.migration.name;
    const int last = take_up(task, script, plan, complete);
    // What a way down finds of a way up that did not end cannot be told.
    prospect.is_open = prospect.is_open || plan.partial_undo;
    plan.study = study(statements_in_order(script, kind), prospect);
    plan.study.options.is_up = task.direction == Direction::up;
    plan.study.options.has_down = task.migration.has_down;
    if (!complete) {
        PlanFacts facts = plan_facts(where);
        const std::map<int, std::string> modes = online_of_sections(script, kind);
        if (where == Where::worker)
            facts.online = [&](const NumberedStatement &s) {
                const auto at = static_cast<std::size_t>(s.number) - 1;
                return s.statement.alone == Alone::no || s.statement.alone == Alone::reindex_maybe
                           ? online_steps(name, plan.study.statements[at],
                                          online_mode_of(s.statement, modes.at(s.number)),
                                          prospect.names)
                           : std::vector<Step>{};
            };
        for (Step &step : plan_script(name, script, kind, facts, last))
            plan.steps.push_back({std::move(step), "planned", ""});
    }
    plan.separated = where == Where::worker && separate_long_work(plan);
    std::vector<Step> steps;
    for (const PlannedStep &planned : plan.steps)
        steps.push_back(planned.step);
    note_steps(plan.study, steps);
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
