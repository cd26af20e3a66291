// SPDX-License-Identifier: PostgreSQL
#include "state.h"

#include "core/text.h"
#include "core/version.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace migrate::client {

std::vector<Standing> standings(Session &session)
{
    const Rows rows = session.connection().query(
        "SELECT s.name, s.state FROM migrate.status s"
        " ORDER BY CASE s.state WHEN 'pending' THEN 2 WHEN 'applied' THEN 1 ELSE 0 END,"
        " CASE s.state WHEN 'pending' THEN NULL ELSE s.applied_at END DESC,"
        " CASE s.state WHEN 'pending' THEN NULL ELSE migrate.sort_key(s.name) END COLLATE \"C\" "
        "DESC,"
        " migrate.sort_key(s.name) COLLATE \"C\"");
    std::vector<Standing> all;
    for (int i = 0; i < rows.count(); i++)
        all.push_back({rows.text(i, "name"), rows.text(i, "state")});
    return all;
}

const Standing *find_standing(const std::vector<Standing> &all, std::string_view target)
{
    const auto exact =
        std::find_if(all.begin(), all.end(), [&](const Standing &s) { return s.name == target; });
    if (exact != all.end())
        return &*exact;
    const auto meant = [&](const Standing &s) { return abbreviates(target, s.name); };
    const auto first = std::find_if(all.begin(), all.end(), meant);
    if (first == all.end() || std::find_if(std::next(first), all.end(), meant) != all.end())
        return nullptr;
    return &*first;
}

std::vector<std::string> applied_names(const std::vector<Standing> &all)
{
    std::vector<std::string> names;
    for (const Standing &s : all)
        if (s.state != "pending")
            names.push_back(s.name);
    return names;
}

void confirm(Session &session, std::string_view question)
{
    if (session.options().yes)
        return;
    if (!isatty(STDIN_FILENO) || !session.output().live())
        throw client_failure(ExitCode::usage, "there is no terminal to ask for a confirmation on",
                             fmt::format("The question is: {}", question),
                             "Give --yes to go ahead.");
    session.output().clear_status_line();
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    answer = lower_ascii(trim(answer));
    if (answer != "y" && answer != "yes")
        throw client_failure(ExitCode::failed, "not confirmed, so nothing was changed");
}

} // namespace migrate::client
