// up, down, goto, redo, wait: the commands that run migrations.
// SPDX-License-Identifier: PostgreSQL
#include "call.h"
#include "commands.h"
#include "core/json.h"
#include "state.h"

#include "core/version.h"

#include <fmt/format.h>

#include <algorithm>

namespace migrate::client {
namespace {

// Migrations that the database has and the folder has not.
struct Strangers
{
    std::vector<std::string> pending; // not run
    std::vector<std::string> applied;
};

// The parts of a down command that depend on its form.
struct TakingBack
{
    std::string function;
    std::optional<std::string> value;
    std::vector<std::string> names; // what the question names, as far as it is known
};

void upload_if_possible(Session &session);
void upload_for_redo(Session &session);
Strangers strangers(Session &session);
void note_strangers(Session &session, const Strangers &found);
Call apply_call(Session &session);
TakingBack taking_back(Session &session);
TakingBack taking_back_after(const std::vector<Standing> &all, const std::string &kept);
std::vector<std::string> names_of_run(Session &session, long long run,
                                      const std::vector<std::string> &applied);
std::optional<std::string> wait_value(const Options &options);
std::optional<std::string> out_of_order_value(const Options &options);
ExitCode show_report(Session &session, const std::vector<StepDone> &steps,
                     const Strangers &found = {});

} // namespace

ExitCode run_up(Session &session)
{
    const Options &options = session.options();
    session.files(); // a folder that cannot be read is told before anything is done
    if (options.dry_run)
        return show_plan(session, Direction::up, options.target, names_of(session.files()));
    if (options.create_extension)
        session.create_extension();
    if (session.files().empty())
        session.output().note(
            fmt::format("pg_migrate: there are no *.sql files in \"{}\"", options.directory));
    else
        session.note_changes(session.upload());
    const Strangers found = strangers(session);
    note_strangers(session, found);
    return show_report(session, run_to_end(session, apply_call(session)), found);
}

ExitCode run_down(Session &session)
{
    const Options &options = session.options();
    if (!options.dry_run)
        upload_if_possible(session);
    const TakingBack back = taking_back(session);
    if (back.names.empty() && !options.run)
        return show_report(session, {});
    if (options.dry_run)
        return show_plan(session, Direction::down,
                         back.names.empty() ? std::nullopt : std::optional(back.names.back()),
                         back.names);
    confirm(session, fmt::format("Take back {} on {}?",
                                 back.names.empty() ? fmt::format("run {}", *options.run)
                                                    : listed(back.names),
                                 session.connection().place()));
    const Call call{
        back.function + ", role => $1, wait => $2::pg_catalog.interval,"
                        " settings => $4::pg_catalog.jsonb)",
        {options.role, wait_value(options), back.value, settings_json(options.settings)}};
    return show_report(session, run_to_end(session, call));
}

ExitCode run_goto(Session &session)
{
    const Options &options = session.options();
    session.files();
    session.note_changes(session.upload());
    const auto all = standings(session);
    const Standing *target = find_standing(all, *options.target);
    std::vector<std::string> later;
    for (const std::string &name : applied_names(all))
        if (target && compare_names(name, target->name) > 0)
            later.push_back(name);
    const Strangers found = strangers(session);
    if (target && later.empty()) { // the way up: as up does it, with the folder's migrations only
        note_strangers(session, found);
        return show_report(session, run_to_end(session, apply_call(session)), found);
    }
    if (!later.empty())
        confirm(session,
                fmt::format("Take back {} on {}?", listed(later), session.connection().place()));
    const Call call{
        "migrate.goto($1, role => $2, wait => $3::pg_catalog.interval, out_of_order => $4,"
        " settings => $5::pg_catalog.jsonb)",
        {options.target, options.role, wait_value(options), out_of_order_value(options),
         settings_json(options.settings)},
        Call::Repeat::safe};
    return show_report(session, run_to_end(session, call));
}

ExitCode run_redo(Session &session)
{
    const Options &options = session.options();
    const int count = options.count.value_or(1);
    upload_for_redo(session);
    auto names = applied_names(standings(session));
    names.resize(std::min(names.size(), static_cast<std::size_t>(count)));
    confirm(session, fmt::format("Take back {} on {} and apply again?", listed(names),
                                 session.connection().place()));
    const Call call{
        "migrate.redo($1::pg_catalog.int4, role => $2, wait => $3::pg_catalog.interval,"
        " settings => $4::pg_catalog.jsonb)",
        {std::to_string(count), options.role, wait_value(options), settings_json(options.settings)},
        Call::Repeat::unsafe};
    return show_report(session, run_to_end(session, call));
}

ExitCode run_wait(Session &session)
{
    const long long run = *session.options().run;
    const Call call{"migrate.wait($1)", {std::to_string(run)}, Call::Repeat::safe, run};
    return show_report(session, run_to_end(session, call));
}

namespace {

// A down section may have changed since it was uploaded.  But a folder that cannot be sent, because of
// some other file, must not keep anybody from taking a migration back.
void upload_if_possible(Session &session)
{
    if (!session.has_folder())
        return;
    try {
        if (!session.files().empty())
            session.note_changes(session.upload());
    } catch (const Failure &failure) {
        const Failure told = session.explained(failure);
        if (told.origin != failure.origin)
            throw told; // no extension: nothing else will work
        session.output().note(
            fmt::format("pg_migrate: the folder is not uploaded, what the database "
                        "holds is run: {}",
                        failure.error.message));
    }
}

// Most often a file was edited, and is not to be run as it was before.
void upload_for_redo(Session &session)
{
    if (!session.has_folder() || session.files().empty())
        return;
    try {
        session.note_changes(session.upload());
    } catch (Failure &failure) {
        if (failure.code == ExitCode::history_conflict)
            failure.error.hint = "To run the new text use pg_migrate down, then pg_migrate up.";
        throw;
    }
}

Strangers strangers(Session &session)
{
    const Rows rows = session.connection().query(
        "SELECT s.name, s.state FROM migrate.status s"
        " WHERE NOT (s.name OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[]))",
        {array_literal(names_of(session.files()))});
    Strangers found;
    for (int i = 0; i < rows.count(); i++) {
        const bool applied = rows.text(i, "state") == "applied";
        (applied ? found.applied : found.pending).push_back(rows.text(i, "name"));
    }
    return found;
}

void note_strangers(Session &session, const Strangers &found)
{
    const std::string &folder = session.options().directory;
    if (!found.pending.empty())
        session.output().note(fmt::format("not run, because \"{}\" has no file for {}: {}", folder,
                                          found.pending.size() == 1 ? "it" : "them",
                                          listed(found.pending)));
    if (!found.applied.empty())
        session.output().note(fmt::format("applied, but without a file in \"{}\": {}", folder,
                                          listed(found.applied)));
}

Call apply_call(Session &session)
{
    const Options &options = session.options();
    const auto &files = session.files();
    return {"migrate.apply($1, $2::pg_catalog.text[], $3, $4::pg_catalog.interval, $5,"
            " settings => $6::pg_catalog.jsonb)",
            {options.target, array_literal(names_of(files)), options.role, wait_value(options),
             out_of_order_value(options), settings_json(options.settings)},
            Call::Repeat::safe};
}

// $1 and $2 are role and wait; $3 is the form's own.
TakingBack taking_back(Session &session)
{
    const Options &options = session.options();
    const auto all = standings(session);
    auto applied = applied_names(all);
    if (options.run)
        return {"migrate.rollback(run => $3::pg_catalog.int8", std::to_string(*options.run),
                names_of_run(session, *options.run, applied)};
    if (options.keep)
        return taking_back_after(all, *options.keep);
    if (options.target) {
        const std::string function = fmt::format("migrate.rollback(target => $3, cascade => {}",
                                                 options.cascade ? "true" : "false");
        const Standing *target = find_standing(all, *options.target);
        std::vector<std::string> names = {target ? target->name : *options.target};
        const auto at = std::find(applied.begin(), applied.end(), names.front());
        if (options.cascade && at != applied.end())
            names = {applied.begin(), std::next(at)};
        return {function, *options.target, names};
    }
    std::size_t count = static_cast<std::size_t>(options.count.value_or(1));
    if (options.all)
        count = applied.size();
    applied.resize(std::min(applied.size(), count));
    return {"migrate.rollback(steps => $3::pg_catalog.int4", std::to_string(count), applied};
}

// goto would also go up, so the one that stays has to be applied.
TakingBack taking_back_after(const std::vector<Standing> &all, const std::string &kept)
{
    const Standing *stays = find_standing(all, kept);
    if (!stays || stays->state != "applied")
        throw client_failure(
            ExitCode::failed, fmt::format("migration \"{}\" is not applied", kept),
            "down --to takes back what was applied after a migration, which stays.",
            "pg_migrate status shows what is applied; to go up use pg_migrate goto.");
    TakingBack back{"migrate.goto($3", stays->name, {}};
    for (const std::string &name : applied_names(all))
        if (compare_names(name, stays->name) > 0)
            back.names.push_back(name);
    return back;
}

std::vector<std::string> names_of_run(Session &session, long long run,
                                      const std::vector<std::string> &applied)
{
    const Rows rows = session.connection().query(
        "SELECT s.migration FROM migrate.steps s"
        " WHERE s.run OPERATOR(pg_catalog.=) $1::pg_catalog.int8"
        " AND s.direction OPERATOR(pg_catalog.=) 'up' GROUP BY s.migration"
        " ORDER BY pg_catalog.max(s.step) DESC",
        {std::to_string(run)});
    std::vector<std::string> names;
    for (int i = 0; i < rows.count(); i++)
        if (std::find(applied.begin(), applied.end(), rows.text(i, "migration")) != applied.end())
            names.push_back(rows.text(i, "migration"));
    return names;
}

std::optional<std::string> wait_value(const Options &options)
{
    if (!options.wait)
        return std::nullopt;
    return interval_of(*options.wait);
}

std::optional<std::string> out_of_order_value(const Options &options)
{
    if (!options.strict)
        return std::nullopt;
    return "refuse";
}

ExitCode show_report(Session &session, const std::vector<StepDone> &steps, const Strangers &found)
{
    std::vector<std::string> rows;
    for (const StepDone &step : steps)
        rows.push_back(step.json);
    Output &output = session.output();
    output.document(JsonObject()
                        .add_string("database", session.connection().place())
                        .add("run", steps.empty() ? "null" : std::to_string(steps.back().run))
                        .add("steps", json_array(rows))
                        .add("pending_without_file", json_strings(found.pending))
                        .add("applied_without_file", json_strings(found.applied))
                        .add("notices", output.notices_json())
                        .text());
    output.result(summary(steps) + "\n");
    return ExitCode::done;
}

} // namespace
} // namespace migrate::client
