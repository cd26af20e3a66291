// SPDX-License-Identifier: PostgreSQL
#include "plan_sql.h"

#include "core/text.h"
#include "display.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace migrate::client {
namespace {

bool transactional(const PlannedStatement &planned)
{
    return planned.mode.starts_with("transaction");
}
// With the options of the script's own BEGIN, which follow the word.
std::string begin_of(const PlannedStatement &planned)
{
    return "BEGIN" + planned.mode.substr(std::string_view("transaction").size()) + ";\n";
}
bool same_step(const PlannedStatement &a, const PlannedStatement &b);
std::string quoted_identifier(std::string_view name);
std::string terminated(const std::string &statement);
std::string step_sql(const std::vector<PlannedStatement> &plan, std::size_t begin, std::size_t end);

} // namespace

std::string plan_as_sql(const std::vector<PlannedStatement> &whole_plan,
                        const std::optional<std::string> &role)
{
    std::vector<PlannedStatement> plan;
    std::copy_if(whole_plan.begin(), whole_plan.end(), std::back_inserter(plan),
                 [](const PlannedStatement &row) { return row.mode != "summary"; });
    const std::string as_role =
        role ? fmt::format("SET ROLE {};\n", quoted_identifier(*role)) : std::string();
    std::string sql = "-- Written by pg_migrate plan --sql; run it with psql -f.\n"
                      "\\set ON_ERROR_STOP on\n" +
                      as_role;
    for (std::size_t begin = 0; begin < plan.size();) {
        std::size_t end = begin + 1;
        while (end < plan.size() && same_step(plan[begin], plan[end]))
            end++;
        const bool new_migration = begin == 0 || plan[begin].migration != plan[begin - 1].migration;
        if (new_migration && begin > 0)
            sql += "\nDISCARD ALL;\n" + as_role;
        if (new_migration)
            sql += fmt::format("\n-- {}\n", one_line(plan[begin].migration));
        sql += step_sql(plan, begin, end);
        begin = end;
    }
    return sql;
}

namespace {

bool same_step(const PlannedStatement &a, const PlannedStatement &b)
{
    return a.migration == b.migration && a.step == b.step;
}

std::string quoted_identifier(std::string_view name)
{
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

// COPY data follows its statement, which has its semicolon then, and ends with "\.".
std::string terminated(const std::string &statement)
{
    const std::string_view text = trim(statement);
    if (text.ends_with("\n\\."))
        return std::string(text) + "\n";
    if (text.ends_with(";"))
        return std::string(text) + "\n";
    const std::size_t last_line = text.rfind('\n') + 1; // a comment would swallow the semicolon
    const bool comment = text.find("--", last_line == std::string_view::npos + 1 ? 0 : last_line) !=
                         std::string_view::npos;
    return std::string(text) + (comment ? "\n;\n" : ";\n");
}

std::string step_comment(const std::vector<PlannedStatement> &plan, std::size_t begin,
                         std::size_t end)
{
    std::string sql;
    for (std::size_t i = begin; i < end; i++)
        sql += fmt::format("-- done already: {}\n", abbreviate(plan[i].text_run(), 100));
    return sql;
}

std::string step_sql(const std::vector<PlannedStatement> &plan, std::size_t begin, std::size_t end)
{
    if (plan[begin].note == "done already") // by a run that stopped after it
        return step_comment(plan, begin, end);
    const bool in_transaction = transactional(plan[begin]);
    std::string sql = in_transaction ? begin_of(plan[begin]) : "";
    for (std::size_t i = begin; i < end; i++) {
        if (!plan[i].note.empty())
            sql += fmt::format("-- {}\n", one_line(plan[i].note));
        const std::string &text =
            plan[i].statements.empty() ? plan[i].text_run() : plan[i].statements;
        if (!trim(text).empty()) // a migration may have nothing to run
            sql += terminated(text);
    }
    return sql + (in_transaction ? "COMMIT;\n" : "");
}

} // namespace
} // namespace migrate::client
