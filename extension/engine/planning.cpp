// SPDX-License-Identifier: PostgreSQL
#include "engine/planning.h"

#include <algorithm>
#include <set>

#include "core/diff.h"
#include "core/procedure.h"
#include "core/text.h"
#include "engine/backfill/step.h"
#include "engine/long_work.h"
#include "engine/online.h"
#include "engine/resume.h"
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
    const std::vector<NumberedStatement> written = statements_in_order(script, kind);
    std::vector<std::vector<Step>> online;
    plan.study = study(written, prospect, [&](const StudiedStatement &studied) {
        const Alone alone = studied.statement.alone;
        const bool possible = !complete && where == Where::worker &&
                              (alone == Alone::no || alone == Alone::reindex_maybe);
        online.push_back(possible ? online_steps(name, studied,
                                                 online_mode_of(studied.statement,
                                                                written[online.size()].online),
                                                 prospect.names)
                                  : std::vector<Step>{});
    });
    plan.study.options.is_up = task.direction == Direction::up;
    plan.study.options.has_down = task.migration.has_down;
    if (!complete) {
        PlanFacts facts = plan_facts(where);
        facts.online = [&](const NumberedStatement &s) {
            return online[static_cast<std::size_t>(s.number) - 1];
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

} // namespace migrate
