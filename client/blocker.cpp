// SPDX-License-Identifier: PostgreSQL
#include "blocker.h"

#include "display.h"

#include "core/text.h"

#include <fmt/format.h>

#include <vector>

namespace migrate::client {
namespace {

std::string subject_of(const Blocker &blocker);
std::vector<std::string> names_of(const Blocker &blocker);
std::string state_of(const Blocker &blocker);
std::string place_of(const Blocker &blocker);
std::string sentence(const Blocker &blocker, const std::vector<std::string> &facts);
std::string age_text(double seconds);

} // namespace

std::string wait_brief(const Blocker &blocker)
{
    const std::string &name = blocker.role.empty() ? blocker.application : blocker.role;
    return one_line(sentence(blocker, {name, state_of(blocker)}));
}

std::string wait_text(const Blocker &blocker)
{
    std::vector<std::string> facts = names_of(blocker);
    facts.push_back(state_of(blocker));
    std::string text = sentence(blocker, facts);
    if (!blocker.query.empty())
        text += ": " + abbreviate(blocker.query, 60);
    return one_line(text);
}

std::string wait_summary(const Blocker &blocker)
{
    std::vector<std::string> facts = names_of(blocker);
    facts.push_back(blocker.state);
    return one_line(sentence(blocker, facts));
}

namespace {

std::string sentence(const Blocker &blocker, const std::vector<std::string> &facts)
{
    std::string known;
    for (const std::string &fact : facts)
        if (!fact.empty())
            known += (known.empty() ? "" : ", ") + fact;
    if (!known.empty())
        known = " (" + known + ")";
    return "waiting for " + subject_of(blocker) + known + place_of(blocker);
}

std::string subject_of(const Blocker &blocker)
{
    if (!blocker.gid.empty())
        return fmt::format("prepared transaction '{}'", blocker.gid);
    return fmt::format("pid {}", blocker.pid);
}

std::vector<std::string> names_of(const Blocker &blocker)
{
    if (blocker.application == blocker.role)
        return {blocker.role};
    return {blocker.role, blocker.application};
}

// A session at work may have begun its transaction long before its statement.
std::string state_of(const Blocker &blocker)
{
    const std::string since = age_text(blocker.state_seconds);
    if (!blocker.gid.empty())
        return fmt::format("prepared {} ago", since);
    if (blocker.state.empty())
        return {};
    const bool idle = blocker.state.starts_with("idle");
    if (!idle && blocker.transaction_seconds >= blocker.state_seconds + 1)
        return fmt::format("{}, in a transaction for {}", blocker.state,
                           age_text(blocker.transaction_seconds));
    return fmt::format("{} for {}", blocker.state, since);
}

// As one says it: what is in schema public goes without it.
std::string place_of(const Blocker &blocker)
{
    std::string place;
    if (!blocker.relation.empty()) {
        const bool in_public = blocker.relation.starts_with("public.");
        place = " on " + blocker.relation.substr(in_public ? 7 : 0);
    }
    if (blocker.others > 0)
        place += fmt::format(", and {} more", blocker.others);
    return place;
}

std::string age_text(double seconds)
{
    const auto whole = static_cast<long long>(seconds);
    return whole < 60 ? fmt::format("{} s", whole) : format_duration(whole * 1'000'000);
}

} // namespace
} // namespace migrate::client
