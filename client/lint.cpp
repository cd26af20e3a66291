// lint and check: what the server thinks of SQL before it runs.
// SPDX-License-Identifier: PostgreSQL
#include "commands.h"
#include "core/json.h"
#include "lint_text.h"
#include "trial.h"

#include <algorithm>

namespace migrate::client {
namespace {

LintedFile linted(Session &session, const std::string &path);
FoundFinding finding_of(const Rows &rows, int i);
CheckedPoint point_of(const Rows &rows, int i);

} // namespace

ExitCode run_lint(Session &session)
{
    Output &output = session.output();
    std::vector<LintedFile> files;
    for (const std::string &path : session.options().files)
        files.push_back(linted(session, path));
    std::vector<std::string> json;
    std::size_t errors = 0;
    for (const LintedFile &file : files) {
        json.push_back(json_of(file));
        output.result(render(file, output.colors()));
        if (file.failure)
            output.failure(*file.failure, file.location);
        errors += errors_in(file);
    }
    output.document(JsonObject().add("files", json_array(json)).text());
    output.result(summary_of(files));
    return errors > 0 ? ExitCode::failed : ExitCode::done;
}

ExitCode run_check(Session &session)
{
    const Options &options = session.options();
    const std::vector<std::string> names = names_of(session.files());
    Trial trial(session);
    trial.begin();
    const Rows rows = session.connection().query("SELECT c.*, pg_catalog.row_to_json(c) AS json"
                                                 " FROM migrate.check($1, $2::pg_catalog.text[]) c",
                                                 {options.target, array_literal(names)});
    std::vector<std::string> json;
    std::vector<CheckedPoint> points;
    for (int i = 0; i < rows.count(); i++) {
        json.push_back(rows.text(i, "json"));
        points.push_back(point_of(rows, i));
    }
    Output &output = session.output();
    output.document(JsonObject().add("points", json_array(json)).text());
    output.result(render(points, output.colors()));
    const bool failed = std::any_of(points.begin(), points.end(), [](const CheckedPoint &point) {
        return point.result == "failed";
    });
    return failed ? ExitCode::failed : ExitCode::done;
}

namespace {

// What has no line: a setting, or an option of a directive.
bool is_about_the_text(const Error &error)
{
    return error.sqlstate == "42602" || error.sqlstate == "0A000" ||
           error.sqlstate == sqlstate::invalid_parameter_value;
}

// A text that the server cannot read is a finding about its file, and not the end: the others are looked at.
LintedFile linted(Session &session, const std::string &path)
{
    LintedFile file;
    file.path = path;
    File script = read_file(path);
    script.path = path;
    script.name = "script"; // as migrate.lint() calls it in the context of errors
    try {
        const Rows rows = session.connection().query(
            "SELECT l.*, pg_catalog.row_to_json(l) AS json FROM migrate.lint($1, $2) l",
            {script.content, session.options().style ? "true" : "false"});
        for (int i = 0; i < rows.count(); i++)
            file.findings.push_back(finding_of(rows, i));
    } catch (const Failure &failure) {
        file.location = locate(failure.error, {script});
        if (!file.location && is_about_the_text(failure.error))
            file.location = Location{path, 0, {}, std::nullopt};
        if (!file.location)
            throw;
        file.failure = failure;
        file.failure->error.context.clear();
    }
    return file;
}

FoundFinding finding_of(const Rows &rows, int i)
{
    FoundFinding finding;
    finding.rule = rows.text(i, "rule");
    finding.severity = rows.text(i, "severity");
    finding.line = static_cast<int>(rows.number(i, "line"));
    finding.message = rows.text(i, "message");
    finding.why = rows.text(i, "why");
    finding.safe = rows.text(i, "safe");
    finding.json = rows.text(i, "json");
    return finding;
}

CheckedPoint point_of(const Rows &rows, int i)
{
    return {rows.text(i, "point"), rows.text(i, "result"), rows.text(i, "evidence")};
}

} // namespace
} // namespace migrate::client
