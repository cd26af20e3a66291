// plan, and the --dry-run of others.
// SPDX-License-Identifier: PostgreSQL
#include "commands.h"
#include "core/json.h"
#include "plan_sql.h"
#include "plan_text.h"
#include "trial.h"

namespace migrate::client {
namespace {

Rows planned(Session &session, Direction direction, const std::optional<std::string> &target,
             const std::optional<std::vector<std::string>> &names);
std::vector<PlannedStatement> statements_of(const Rows &rows);
void print_plan(Output &output, const Rows &rows);

} // namespace

ExitCode run_plan(Session &session)
{
    const Options &options = session.options();
    if (options.down)
        return show_plan(session, Direction::down, options.target, std::nullopt);
    return show_plan(session, Direction::up, options.target, names_of(session.files()));
}

ExitCode show_plan(Session &session, Direction direction, const std::optional<std::string> &target,
                   const std::optional<std::vector<std::string>> &names)
{
    if (session.has_folder())
        session.files(); // what cannot be read is told before connecting
    Trial trial(session);
    trial.begin();
    const Rows rows = planned(session, direction, target, names);
    if (session.options().sql)
        session.output().result(plan_as_sql(statements_of(rows), session.options().role));
    else
        print_plan(session.output(), rows);
    return ExitCode::done;
}

namespace {

// Upwards the names choose what is planned; downwards they choose among what stands above the target.
Rows planned(Session &session, Direction direction, const std::optional<std::string> &target,
             const std::optional<std::vector<std::string>> &names)
{
    const bool up = direction == Direction::up;
    const auto list = names ? std::optional(array_literal(*names)) : std::nullopt;
    return session.connection().query(
        "SELECT p.*, p.effects OPERATOR(pg_catalog.->>) 'class' AS class,"
        " p.effects OPERATOR(pg_catalog.->>) 'old_code' AS old_code,"
        " p.effects OPERATOR(pg_catalog.->>) 'old_code_reason' AS old_code_reason,"
        " p.effects OPERATOR(pg_catalog.->>) 'down' AS down,"
        " p.effects OPERATOR(pg_catalog.->>) 'way_back' AS way_back,"
        " p.effects OPERATOR(pg_catalog.->>) 'way_back_reason' AS way_back_reason,"
        " (SELECT pg_catalog.string_agg(s.text, E';\\n' ORDER BY s.n)"
        " FROM pg_catalog.jsonb_array_elements_text(p.effects OPERATOR(pg_catalog.->) 'statements')"
        " WITH ORDINALITY AS s (text, n)) AS statements,"
        " pg_catalog.row_to_json(p) AS json"
        " FROM migrate.plan($1, $2, $3::pg_catalog.text[]) p"
        " WHERE $4::pg_catalog.text[] IS NULL"
        " OR p.migration OPERATOR(pg_catalog.=) ANY ($4::pg_catalog.text[])",
        {target, up ? "up" : "down", up ? list : std::nullopt, up ? std::nullopt : list});
}

std::string with_reason(std::string text, const std::string &reason)
{
    return reason.empty() ? text : text + ": " + reason;
}

std::string way_back_of(const Rows &rows, int i)
{
    const bool written = rows.text(i, "down") == "true";
    const std::string way = rows.text(i, "way_back"), reason = rows.text(i, "way_back_reason");
    if (way == "data is lost")
        return (written ? "a down script, but " : "none; ") + reason;
    if (written)
        return "a down script";
    return way == "not needed" ? "not needed" : with_reason("no down script", reason);
}

std::vector<PlannedStatement> statements_of(const Rows &rows)
{
    std::vector<PlannedStatement> plan;
    for (int i = 0; i < rows.count(); i++) {
        PlannedStatement row;
        row.migration = rows.text(i, "migration");
        row.step = static_cast<int>(rows.number(i, "step"));
        row.mode = rows.text(i, "mode");
        row.line = static_cast<int>(rows.number(i, "line"));
        row.statement = rows.text(i, "statement");
        row.note = rows.text(i, "note");
        row.runs = rows.text(i, "runs");
        row.statements = rows.text(i, "statements");
        row.locks = rows.text(i, "locks");
        row.work = rows.text(i, "work");
        row.hold = rows.text(i, "hold");
        row.findings = rows.text(i, "findings");
        if (row.mode == "summary") {
            row.migration_class = rows.text(i, "class");
            row.old_code = with_reason(rows.text(i, "old_code"), rows.text(i, "old_code_reason"));
            row.way_back = way_back_of(rows, i);
        }
        plan.push_back(std::move(row));
    }
    return plan;
}

void print_plan(Output &output, const Rows &rows)
{
    std::vector<std::string> json;
    for (int i = 0; i < rows.count(); i++)
        json.push_back(rows.text(i, "json"));
    output.document(JsonObject().add("steps", json_array(json)).text());
    output.result(rows.count() == 0
                      ? "nothing to do\n"
                      : plan_as_text(statements_of(rows), output.colors(), output.width()));
}

} // namespace
} // namespace migrate::client
