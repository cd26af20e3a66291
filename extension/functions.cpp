// The SQL functions: each reads its arguments, makes one call, and returns what came of it.
// SPDX-License-Identifier: PostgreSQL
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/text.h"
#include "core/version.h"
#include "engine/backfill/call.h"
#include "engine/call.h"
#include "engine/checklist.h"
#include "engine/plan_report.h"
#include "engine/record.h"
#include "engine/registry.h"
#include "pg/arguments.h"
#include "pg/boundary.h"
#include "pg/settings.h"

using namespace migrate;

namespace {

void add_row(pg::ResultSet &result, const ReportRow &row)
{
    if (row.step == 0)
        result.add({std::to_string(row.run), {}, {}, {}, {}, {}, {}});
    else
        result.add({std::to_string(row.run), row.migration, std::to_string(row.step), row.statement,
                    row.mode, pg::interval_text(row.duration), pg::interval_text(row.lock_wait)});
}

// The arguments that the running functions share, by place.
Request request_of(Operation operation, const pg::Arguments &arguments, int role, int wait,
                   int detach)
{
    Request request;
    request.operation = operation;
    request.role = arguments.text(role).value_or("");
    request.wait_milliseconds = arguments.milliseconds(wait);
    request.detach = arguments.flag(detach);
    return request;
}

// Any setting of ours can be given for one call: the argument of the last place.
Datum report(FunctionCallInfo fcinfo, int settings, const std::function<Request()> &request_of_call)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    const auto given = arguments.pairs(settings);
    pg::with_own_settings(given, [&] {
        Request request = request_of_call();
        request.call_settings = given;
        carry_out(request, [&](const ReportRow &row) { add_row(result, row); });
    });
    return result.done();
}

bool refuses(const pg::Arguments &arguments, int place)
{
    const std::optional<std::string> value = arguments.text(place);
    if (!value)
        return pg::settings().refuse_out_of_order;
    if (*value != "warn" && *value != "refuse")
        throw Error(sqlstate::invalid_parameter_value,
                    "invalid value for out_of_order: \"" + *value + "\"", "",
                    "Use 'warn' or 'refuse'.");
    return *value == "refuse";
}

// What a backfill did; until it is done, only its number.
Datum backfill_report(FunctionCallInfo fcinfo, const backfill::Call &call)
{
    pg::ResultSet result(fcinfo);
    backfill::carry_out(call, [&](const backfill::Report &report) {
        const std::string run = std::to_string(report.run);
        if (report.kind == backfill::Report::Kind::done)
            result.add({run, "done", std::to_string(report.rows), std::to_string(report.skipped),
                        std::to_string(report.batches), pg::interval_text(report.duration)});
        else if (call.detach)
            result.add({run, "running", {}, {}, {}, {}});
    });
    return result.done();
}

std::optional<std::string> or_null(const std::string &text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

// As in a file, nothing but white space is no script.
std::optional<std::string> normalized(const std::optional<std::string> &text)
{
    if (!text || trim(*text).empty())
        return std::nullopt;
    return normalize_text(*text);
}

} // namespace

MIGRATE_FUNCTION(migrate_version)
{
    return pg::text_datum(library_version);
}

MIGRATE_FUNCTION(migrate_sort_key)
{
    return pg::text_datum(sort_key(*pg::Arguments(fcinfo).text(0)));
}

MIGRATE_FUNCTION(migrate_add)
{
    const pg::Arguments arguments(fcinfo);
    if (!arguments.text(0) || !arguments.text(1))
        throw Error(sqlstate::invalid_parameter_value, "name and up must not be null");
    Submission submission = read_file(*arguments.text(0) + ".sql", *arguments.text(1));
    submission.name = *arguments.text(0);
    if (arguments.text(2))
        submission.down = normalized(arguments.text(2));
    if (arguments.text(3))
        submission.verify = normalized(arguments.text(3));
    for (const std::string &name : arguments.texts(4).value_or(std::vector<std::string>{}))
        submission.requires_names.push_back(name);
    return pg::text_datum(submit({submission}, false)[0].second);
}

MIGRATE_FUNCTION(migrate_upload)
{
    const pg::Arguments arguments(fcinfo);
    const std::vector<std::string> paths = *arguments.texts(0), contents = *arguments.texts(1);
    if (paths.size() != contents.size())
        throw Error(sqlstate::invalid_parameter_value, "paths and contents differ in length",
                    "There are " + std::to_string(paths.size()) + " paths and " +
                        std::to_string(contents.size()) + " contents.");
    pg::ResultSet result(fcinfo);
    for (const auto &[name, what] : upload(paths, contents))
        result.add({name, what});
    return result.done();
}

MIGRATE_FUNCTION(migrate_remove)
{
    migrate::remove(*pg::Arguments(fcinfo).text(0));
    PG_RETURN_VOID();
}

MIGRATE_FUNCTION(migrate_apply)
{
    return report(fcinfo, 6, [&] {
        const pg::Arguments arguments(fcinfo);
        Request request = request_of(Operation::apply, arguments, 2, 3, 5);
        request.target = arguments.text(0);
        request.only = arguments.texts(1);
        request.refuse_out_of_order = refuses(arguments, 4);
        return request;
    });
}

MIGRATE_FUNCTION(migrate_rollback_steps)
{
    return report(fcinfo, 4, [&] {
        const pg::Arguments arguments(fcinfo);
        Request request = request_of(Operation::rollback_steps, arguments, 1, 2, 3);
        request.steps = arguments.integer(0).value_or(1);
        return request;
    });
}

MIGRATE_FUNCTION(migrate_rollback_target)
{
    return report(fcinfo, 5, [&] {
        const pg::Arguments arguments(fcinfo);
        Request request = request_of(Operation::rollback_target, arguments, 2, 3, 4);
        request.target = arguments.required_text(0, "target");
        request.cascade = arguments.flag(1);
        return request;
    });
}

MIGRATE_FUNCTION(migrate_rollback_run)
{
    return report(fcinfo, 4, [&] {
        const pg::Arguments arguments(fcinfo);
        Request request = request_of(Operation::rollback_run, arguments, 1, 2, 3);
        request.run = arguments.big_integer(0).value_or(0);
        return request;
    });
}

MIGRATE_FUNCTION(migrate_goto)
{
    return report(fcinfo, 5, [&] {
        const pg::Arguments arguments(fcinfo);
        Request request = request_of(Operation::go_to, arguments, 1, 2, 4);
        request.target = arguments.required_text(0, "target");
        request.refuse_out_of_order = refuses(arguments, 3);
        return request;
    });
}

MIGRATE_FUNCTION(migrate_redo)
{
    return report(fcinfo, 4, [&] {
        const pg::Arguments arguments(fcinfo);
        Request request = request_of(Operation::redo, arguments, 1, 2, 3);
        request.steps = arguments.integer(0).value_or(1);
        return request;
    });
}

MIGRATE_FUNCTION(migrate_plan)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    for (const PlanRow &row :
         plan(arguments.text(0), arguments.text(1).value_or("up"), arguments.texts(2)))
        result.add({row.migration,
                    row.step > 0 ? std::optional(std::to_string(row.step)) : std::nullopt, row.mode,
                    row.line > 0 ? std::optional(std::to_string(row.line)) : std::nullopt,
                    row.step > 0 ? std::optional(row.statement) : std::nullopt, or_null(row.runs),
                    or_null(row.locks), or_null(row.work), or_null(row.hold), or_null(row.findings),
                    or_null(row.note), or_null(row.effects)});
    return result.done();
}

MIGRATE_FUNCTION(migrate_lint)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    for (const Finding &finding :
         lint_script(normalize_text(*arguments.text(0)), arguments.flag(1)))
        result.add(
            {finding.rule, std::string(name_of(finding.severity)),
             finding.line > 0 ? std::optional(std::to_string(finding.line)) : std::nullopt,
             finding.number > 0 ? std::optional(std::to_string(finding.number)) : std::nullopt,
             or_null(finding.relation), finding.message, or_null(finding.why),
             or_null(finding.safe)});
    return result.done();
}

MIGRATE_FUNCTION(migrate_check)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    for (const Point &point : check(arguments.text(0), arguments.texts(1)))
        result.add({point.name(), std::string(name_of(point.verdict())), point.evidence()});
    return result.done();
}

MIGRATE_FUNCTION(migrate_wait)
{
    pg::ResultSet result(fcinfo);
    wait_for(*pg::Arguments(fcinfo).big_integer(0),
             [&](const ReportRow &row) { add_row(result, row); });
    return result.done();
}

MIGRATE_FUNCTION(migrate_cancel)
{
    return BoolGetDatum(cancel(*pg::Arguments(fcinfo).big_integer(0)));
}

MIGRATE_FUNCTION(migrate_backfill)
{
    const pg::Arguments arguments(fcinfo);
    backfill::Call call;
    call.options.statement = arguments.required_text(0, "statement");
    call.options.batch = arguments.big_integer(1).value_or(0);
    if (arguments.big_integer(1) && call.options.batch < 1)
        throw Error(sqlstate::invalid_parameter_value, "batch must be at least 1");
    call.options.pause = arguments.milliseconds(2, "pause");
    call.options.workers = arguments.integer(3).value_or(1);
    call.options.target = arguments.milliseconds(4, "target_time");
    call.options.rows_per_second = arguments.number(5).value_or(0);
    call.options.skip_errors =
        arguments.choice(6, "on_error", {"stop", "skip"}).value_or("stop") == "skip";
    call.options.max_skipped = arguments.number(7).value_or(-1);
    call.options.remaining = arguments.text(8);
    call.options.allow_unsafe = arguments.flag(9);
    call.restart = arguments.flag(10);
    call.role = arguments.text(11).value_or("");
    call.detach = arguments.flag(12);
    return backfill_report(fcinfo, call);
}

MIGRATE_FUNCTION(migrate_resume)
{
    const pg::Arguments arguments(fcinfo);
    backfill::Call call;
    call.run = arguments.big_integer(0).value_or(0);
    call.detach = arguments.flag(1);
    return backfill_report(fcinfo, call);
}

MIGRATE_FUNCTION(migrate_pause)
{
    return BoolGetDatum(backfill::pause(*pg::Arguments(fcinfo).big_integer(0)));
}

MIGRATE_FUNCTION(migrate_throttle)
{
    const pg::Arguments arguments(fcinfo);
    if (!arguments.big_integer(0))
        throw Error(sqlstate::invalid_parameter_value, "run must not be null");
    return BoolGetDatum(
        backfill::throttle(*arguments.big_integer(0), arguments.number(1), arguments.integer(2)));
}

MIGRATE_FUNCTION(migrate_baseline)
{
    pg::ResultSet result(fcinfo);
    for (const std::string &name : baseline(*pg::Arguments(fcinfo).text(0)))
        result.add({name});
    return result.done();
}

MIGRATE_FUNCTION(migrate_mark)
{
    const pg::Arguments arguments(fcinfo);
    mark(*arguments.text(0), *arguments.text(1));
    PG_RETURN_VOID();
}

MIGRATE_FUNCTION(migrate_repair)
{
    const pg::Arguments arguments(fcinfo);
    const std::string name = arguments.required_text(0, "name");
    const std::optional<std::string> decision = arguments.text(1), up = arguments.text(2),
                                     down = arguments.text(3);
    if (!decision)
        repair_text(name, up, down);
    else if (!up && !down)
        repair_step(name, *decision);
    else
        throw Error(sqlstate::invalid_parameter_value,
                    "a decision and a new text cannot be given together");
    PG_RETURN_VOID();
}

MIGRATE_FUNCTION(migrate_grant)
{
    grant_access(*pg::Arguments(fcinfo).text(0));
    PG_RETURN_VOID();
}

MIGRATE_FUNCTION(migrate_revoke)
{
    revoke_access(*pg::Arguments(fcinfo).text(0));
    PG_RETURN_VOID();
}
