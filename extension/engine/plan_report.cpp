// SPDX-License-Identifier: PostgreSQL
#include "engine/plan_report.h"

#include "core/compatibility.h"
#include "core/error.h"
#include "core/json.h"
#include "engine/backfill/step.h"
#include "engine/call.h"
#include "engine/index_partitioned.h"
#include "engine/outlook.h"
#include "engine/run.h"
#include "pg/parser.h"
#include "pg/settings.h"

namespace migrate {

namespace {

std::string with_unit(std::uint64_t bytes)
{
    static constexpr const char *units[] = {"bytes", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 10 * 1024 && unit + 1 < std::size(units)) {
        bytes = (bytes + 512) / 1024;
        unit++;
    }
    return std::to_string(bytes) + " " + units[unit];
}

std::string rounded(double rows)
{
    return std::to_string(static_cast<long long>(rows + 0.5));
}

bool is_told(const Effect &effect)
{
    return effect.relation.kind != RelationKind::index &&
           effect.relation.kind != RelationKind::partitioned_index;
}

std::string locks_text(const StudiedStatement &s)
{
    constexpr int shown = 4;
    std::string text;
    int count = 0;
    for (const Effect &effect : s.effects) {
        if (!is_told(effect) || !is_strong(effect.lock))
            continue;
        if (++count <= shown)
            text += (text.empty() ? "" : ", ") + effect.relation.name + " " +
                    std::string(name_of(effect.lock)) + " (blocks " + blocked_by(effect.lock) + ")";
    }
    if (count > shown)
        text += ", and " + std::to_string(count - shown) + " more";
    return text;
}

std::string what_it_does(const Effect &effect)
{
    return effect.rewrites ? "rewrites" : effect.builds ? "builds an index on" : "scans";
}

std::string work_text(const StudiedStatement &s)
{
    std::string text;
    for (const Effect &effect : s.effects)
        if (effect.rewrites || effect.builds || effect.scans)
            text += (text.empty() ? "" : ", ") + what_it_does(effect) + " " + effect.relation.name +
                    " (" + with_unit(effect.relation.bytes) + ", " + rounded(effect.relation.rows) +
                    " rows)";
    for (const Action &action : s.actions)
        if (action.rows > 1)
            text += (text.empty() ? "" : ", ") + std::string("writes about ") +
                    rounded(action.rows) + " rows of " + action.relation.name;
    return text;
}

// Of a lock that blocks others; empty if there is none.
std::string hold_text(const StudiedStatement &s)
{
    if (s.effects.empty() || !is_strong(strongest_lock(s)))
        return {};
    return std::string(name_of(span_of(s.seconds)));
}

// What cannot be said in one statement.
std::vector<std::string> statements_run(const StudiedStatement &s)
{
    if (s.actions.empty() || s.actions.front().kind != ActionKind::create_index)
        return {};
    const Action &action = s.actions.front();
    const bool leaf_by_leaf = action.concurrently && !action.only && !action.already_so &&
                              action.relation.kind == RelationKind::partitioned_table;
    return leaf_by_leaf ? statements_of_partitioned_index(s.statement, action.relation.id)
                        : std::vector<std::string>();
}

std::string effects_json(const Study &study, const StudiedStatement &s)
{
    std::vector<std::string> effects;
    for (const Effect &effect : s.effects) {
        JsonObject object;
        object.add_string("relation", effect.relation.name)
            .add_string("kind", name_of(effect.relation.kind))
            .add_string("lock", name_of(effect.lock))
            .add_string("blocks", blocked_by(effect.lock))
            .add("rewrite", effect.rewrites ? "true" : "false")
            .add("scan", effect.scans ? "true" : "false")
            .add("index_build", effect.builds ? "true" : "false")
            .add("rows", rounded(effect.relation.rows))
            .add("bytes", std::to_string(effect.relation.bytes));
        effects.push_back(object.text());
    }
    const Reversal back = reversal_of(s);
    const Compatibility old = compatibility_of(study, s);
    JsonObject object;
    if (const std::vector<std::string> texts = statements_run(s); !texts.empty())
        object.add("statements", json_strings(texts));
    return object.add("relations", json_array(effects))
        .add_string("duration", name_of(span_of(s.seconds)))
        .add("transactional", s.group >= 0 ? "true" : "false")
        .add("opaque", s.opaque ? "true" : "false")
        .add_string("way_back", name_of(back.way))
        .add_string("way_back_reason", back.reason)
        .add_string("old_code", name_of(old.verdict))
        .add_string("old_code_reason", old.reason)
        .text();
}

std::string note_of(const Task &task, const PlannedStep &planned)
{
    if (planned.state == "carried")
        return "done already";
    if (planned.state == "started" || planned.state == "in doubt")
        return "was interrupted";
    if (task.out_of_order)
        return "out of order";
    const Statement &statement = planned.step.statements.front().statement;
    return statement.alone == Alone::backfill ||
                   (statement.alone == Alone::backfill_maybe && planned.step.mode == Mode::alone)
               ? backfill::describe_step(statement)
               : "";
}

std::string findings_text(const Findings &findings, int number)
{
    std::string text;
    for (const Finding &finding : findings)
        if (finding.number == number)
            text += (text.empty() ? "" : "\n") + std::string(name_of(finding.severity)) + ": " +
                    finding.message + " (" + finding.rule + ")";
    return text;
}

void describe(PlanRow &row, const Study &study, const StudiedStatement &s)
{
    row.locks = locks_text(s);
    row.work = work_text(s);
    row.hold = hold_text(s);
    row.effects = effects_json(study, s);
}

PlanRow row_of(Outlook &outlook, const PlannedStep &planned, const NumberedStatement &s)
{
    PlanRow row;
    const auto at = static_cast<std::size_t>(s.number) - 1;
    const bool first = !planned.step.online || planned.step.online->part == 1;
    row.migration = outlook.task.migration.name;
    row.mode = name_of(planned.step.mode);
    if (!planned.step.begin_options.empty())
        row.mode += " " + planned.step.begin_options;
    row.line = s.statement.line;
    row.note = note_of(outlook.task, planned);
    row.statement = outlook.plan.study.statements[at].statement.text;
    if (planned.step.online)
        row.runs = s.statement.text;
    with_statement_as_run(
        outlook, planned, s,
        [&](const Study &study, const StudiedStatement &as_run) { describe(row, study, as_run); });
    if (outlook.plan.separated && row.note.empty() && planned.step.mode == Mode::transaction)
        row.note = "not in one transaction: it works long and stops others";
    if (s.statement.copy)
        row.statement += ";\n" + s.statement.copy->text + "\\.";
    if (first)
        row.findings = findings_text(outlook.findings, s.number);
    return row;
}

// The migration's class, whether old code still works, and the way back.
PlanRow summary_of(const Outlook &outlook)
{
    PlanRow row;
    row.migration = outlook.task.migration.name;
    row.mode = outlook.plan.steps.empty() ? "nothing" : "summary";
    if (outlook.plan.steps.empty()) {
        row.note = "no statements";
        return row;
    }
    const Study &study = outlook.plan.study;
    const Compatibility old = compatibility_of(study);
    const Reversal back = reversal_of(study);
    const bool written =
        outlook.task.migration.has_down || outlook.task.direction == Direction::down;
    row.note = std::string(name_of(class_of(study))) + "; code of the previous release " +
               std::string(name_of(old.verdict)) +
               (old.reason.empty() ? "" : " (" + old.reason + ")") +
               "; way back: " + (written ? "the down script" : "none written") +
               (back.way == WayBack::lost ? ", but " + back.reason : "");
    row.findings = findings_text(outlook.findings, 0);
    row.effects = JsonObject()
                      .add_string("class", name_of(class_of(study)))
                      .add_string("old_code", name_of(old.verdict))
                      .add_string("old_code_reason", old.reason)
                      .add("down", written ? "true" : "false")
                      .add_string("way_back", name_of(back.way))
                      .add_string("way_back_reason", back.reason)
                      .text();
    return row;
}

void add_rows(Outlook &outlook, std::vector<PlanRow> &rows)
{
    int number = 0;
    for (const PlannedStep &planned : outlook.plan.steps) {
        number++;
        for (const NumberedStatement &s : planned.step.statements) {
            rows.push_back(row_of(outlook, planned, s));
            rows.back().step = number;
        }
    }
    rows.push_back(summary_of(outlook));
}

} // namespace

std::vector<PlanRow> plan(const std::optional<std::string> &target, const std::string &direction,
                          const std::optional<std::vector<std::string>> &only)
{
    require_same_version();
    Request request;
    describe_caller(request);
    request.target = target;
    request.only = only;
    if (direction == "down")
        request.operation = target ? Operation::rollback_target : Operation::rollback_steps;
    else if (direction != "up")
        throw Error(sqlstate::invalid_parameter_value, "invalid direction: \"" + direction + "\"",
                    "", "Use 'up' or 'down'.");
    request.cascade = true;
    std::vector<PlanRow> rows;
    look_ahead(request, [&](Outlook &outlook) { add_rows(outlook, rows); });
    return rows;
}

Findings lint_script(const std::string &script, bool style)
{
    require_same_version();
    Script cut = pg::cut("script", script);
    backfill::mark_asked("script", cut);
    Task task;
    task.migration.name = "script";
    Findings findings;
    pg::with_own_settings({cut.settings.begin(), cut.settings.end()}, [&] {
        Prospect prospect; // the way down finds what the way up made
        for (const Direction direction : {Direction::up, Direction::down}) {
            task.direction = direction;
            for (const Section &section : cut.sections)
                if (section.kind == DirectiveKind::down && !section.blank)
                    task.migration.has_down = true;
            TaskPlan plan = plan_task(task, cut, Where::worker, prospect);
            plan.study.options.style = style;
            const Findings found = lint(plan.study);
            findings.insert(findings.end(), found.begin(), found.end());
        }
    });
    return findings;
}

} // namespace migrate
