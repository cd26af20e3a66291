// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/trouble.h"

namespace migrate::backfill {

Trouble trouble_of(const Error &e)
{
    const std::string kind = e.sqlstate.substr(0, 2);
    if (e.sqlstate == sqlstate::lock_not_available)
        return Trouble::locked;
    if (kind == "40")
        return Trouble::again;
    // Data, constraints, triggers that raise, domains and checks of views and policies.
    static constexpr const char *const of_rows[] = {"21", "22", "23", "27", "38", "39", "44", "P0"};
    for (const char *one : of_rows)
        if (kind == one)
            return Trouble::row;
    const bool policy = e.sqlstate == sqlstate::insufficient_privilege &&
                        e.message.find("row-level security") != std::string::npos;
    return policy ? Trouble::row : Trouble::fatal;
}

std::string key_text(const std::vector<std::string> &columns, const std::vector<std::string> &key)
{
    std::string names, values;
    for (const std::string &column : columns)
        names += (names.empty() ? "" : ", ") + column;
    for (const std::string &value : key)
        values += (values.empty() ? "" : ", ") + value;
    return "(" + names + ")=(" + values + ")";
}

Error error_of_row(Error error, const std::string &relation,
                   const std::vector<std::string> &columns, const std::vector<std::string> &key,
                   const std::string &column)
{
    if (error.column.empty())
        error.column = column;
    const std::string where = "The row is " + key_text(columns, key) + " of table " + relation +
                              (error.column.empty() ? "" : ", column \"" + error.column + "\"") +
                              ".";
    error.detail += (error.detail.empty() ? "" : "  ") + where;
    return error;
}

Error claim_lost(std::int64_t run)
{
    return Error(sqlstate::run_interrupted,
                 "another process has taken over backfill " + std::to_string(run), "",
                 "Look at migrate.progress.");
}

void require_share(const Report &totals, const Options &options)
{
    constexpr std::int64_t always_let_pass = 10;
    constexpr double default_share = 0.01;
    const bool asked = options.max_skipped >= 0;
    const double share = asked ? options.max_skipped : default_share;
    const double most = share * static_cast<double>(totals.rows + totals.skipped);
    if (static_cast<double>(totals.skipped) <= most ||
        (!asked && totals.skipped <= always_let_pass))
        return;
    throw Error(sqlstate::prerequisite_state,
                "too many rows could not be changed: " + std::to_string(totals.skipped) + " of " +
                    std::to_string(totals.rows + totals.skipped),
                "They are in migrate.skipped, each with its error.",
                "Correct the statement or the rows, then call it again; max_skipped is the share "
                "that is let pass.");
}

Error placed_in(Error error, const std::string &statement)
{
    if (error.position > 0) {
        error.internal_query = statement;
        error.internal_position = error.position;
        error.position = 0;
    }
    return error;
}

} // namespace migrate::backfill
