// plan, and the --dry-run of others.
// SPDX-License-Identifier: PostgreSQL
#include "commands.h"
#include "core/json.h"
#include "plan_sql.h"

#include "core/text.h"

#include <fmt/format.h>

namespace migrate::client {
namespace {

// One transaction that always ends with ROLLBACK: what is uploaded for the plan is not kept.
class Trial
{
public:
    explicit Trial(Connection &connection) : connection_(connection) { connection_.query("BEGIN"); }
    ~Trial();
    Trial(const Trial &) = delete;
    Trial &operator=(const Trial &) = delete;

private:
    Connection &connection_;
};

bool upload_for_trial(Session &session);
void set_for_trial(Session &session);
Rows planned(Session &session, Direction direction, const std::optional<std::string> &target,
             const std::optional<std::vector<std::string>> &names);
void print_plan(Output &output, const Rows &rows);
void print_sql(const Rows &rows, Session &session);

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
    Connection &connection = session.connection();
    std::optional<Trial> trial(std::in_place, connection);
    if (session.has_folder() && !session.files().empty() && !upload_for_trial(session)) {
        trial.reset();
        trial.emplace(connection);
    }
    set_for_trial(session);
    const Rows rows = planned(session, direction, target, names);
    if (session.options().sql)
        print_sql(rows, session);
    else
        print_plan(session.output(), rows);
    return ExitCode::done;
}

namespace {

Trial::~Trial()
{
    try {
        connection_.query("ROLLBACK");
    } catch (...) { // without a connection there is nothing to roll back
    }
}

// False on a server that cannot take the files; what it has already can still be planned.
bool upload_for_trial(Session &session)
{
    try {
        if (session.options().create_extension)
            session.create_extension();
        session.upload();
        return true;
    } catch (const Failure &failure) {
        if (failure.error.sqlstate != sqlstate::read_only_transaction)
            throw;
        session.output().note(
            "pg_migrate: the server is read-only, so this is the plan for what was "
            "uploaded before");
        return false;
    }
}

// Settings decide about steps, too.  They end with the transaction.
void set_for_trial(Session &session)
{
    if (session.options().settings.empty())
        return;
    session.connection().query(
        "SELECT migrate.version()"); // until the library is loaded any name is good
    for (const std::string &setting : session.options().settings) {
        const auto [name, value] = name_and_value_of(setting);
        const bool prefixed = name.starts_with("migrate.");
        session.connection().query("SELECT pg_catalog.set_config($1, $2, true)",
                                   {prefixed ? name : "migrate." + name, value});
    }
}

// Upwards the names choose what is planned; downwards they choose among what stands above the target.
Rows planned(Session &session, Direction direction, const std::optional<std::string> &target,
             const std::optional<std::vector<std::string>> &names)
{
    const bool up = direction == Direction::up;
    const auto list = names ? std::optional(array_literal(*names)) : std::nullopt;
    return session.connection().query(
        "SELECT p.*, pg_catalog.row_to_json(p) AS json"
        " FROM migrate.plan($1, $2, $3::pg_catalog.text[]) p"
        " WHERE $4::pg_catalog.text[] IS NULL"
        " OR p.migration OPERATOR(pg_catalog.=) ANY ($4::pg_catalog.text[])",
        {target, up ? "up" : "down", up ? list : std::nullopt, up ? std::nullopt : list});
}

void print_plan(Output &output, const Rows &rows)
{
    std::vector<std::string> json;
    std::vector<std::vector<Cell>> cells;
    std::string before;
    for (int i = 0; i < rows.count(); i++) {
        json.push_back(rows.text(i, "json"));
        const std::string migration = rows.text(i, "migration");
        cells.push_back({{migration == before ? "" : migration, Color::bold},
                         {rows.text(i, "step"), Color::plain},
                         {rows.text(i, "mode"), Color::plain},
                         {rows.text(i, "line"), Color::plain},
                         {abbreviate(rows.text(i, "statement"), 90), Color::plain},
                         {rows.text(i, "note"), Color::dim}});
        before = migration;
    }
    output.document(JsonObject().add("steps", json_array(json)).text());
    output.result(rows.count() == 0
                      ? "nothing to do\n"
                      : table({"migration", "step", "mode", "line", "statement", "note"}, cells,
                              output.colors()));
}

void print_sql(const Rows &rows, Session &session)
{
    std::vector<PlannedStatement> plan;
    for (int i = 0; i < rows.count(); i++)
        plan.push_back({rows.text(i, "migration"), static_cast<int>(rows.number(i, "step")),
                        rows.text(i, "mode"), static_cast<int>(rows.number(i, "line")),
                        rows.text(i, "statement"), rows.text(i, "note")});
    session.output().result(plan_as_sql(plan, session.options().role));
}

} // namespace
} // namespace migrate::client
