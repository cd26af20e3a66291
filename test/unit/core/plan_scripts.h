// Scripts put together by hand, for the tests of planning: cutting text needs the server's parser.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/error.h"
#include "core/plan.h"

#include <gtest/gtest.h>

namespace migrate {

inline Statement plain(const std::string &text)
{
    Statement s;
    s.text = s.tokens = text;
    s.tag = text.substr(0, text.find(' '));
    return s;
}

inline Statement role(const std::string &text, Role role, const std::string &extra = "")
{
    Statement s = plain(text);
    s.role = role;
    s.extra = extra;
    return s;
}

inline Statement begin(const std::string &text = "BEGIN")
{
    return role(text, Role::begin);
}
inline Statement commit()
{
    return role("COMMIT", Role::commit);
}

inline Statement alone(const std::string &text, Alone why = Alone::create_index)
{
    Statement s = plain(text);
    s.alone = why;
    return s;
}

inline Statement create_enum(const std::string &type)
{
    Statement s = role("CREATE TYPE " + type + " AS ENUM ()", Role::create_type);
    s.object = type;
    return s;
}

inline Statement add_value(const std::string &type, const std::string &label)
{
    Statement s =
        role("ALTER TYPE " + type + " ADD VALUE '" + label + "'", Role::enum_value, label);
    s.object = type;
    return s;
}

inline Section section(std::vector<Statement> statements,
                       TransactionMode mode = TransactionMode::automatic,
                       DirectiveKind kind = DirectiveKind::up)
{
    Section made;
    made.kind = kind;
    made.transaction = mode;
    made.blank = false;
    made.statements = std::move(statements);
    return made;
}

// The lines of a file that has one statement on each, sections one after the other.
inline Script script(std::vector<Section> sections)
{
    Script made;
    int line = 1;
    for (Section &s : sections) {
        s.line = line++;
        for (Statement &statement : s.statements)
            statement.line = line++;
    }
    made.sections = std::move(sections);
    return made;
}

inline PlanFacts facts(bool maybe_alone = false, bool new_enum_usable = false)
{
    PlanFacts made;
    made.stands_alone = [maybe_alone](const Statement &, const std::vector<const Statement *> &) {
        return maybe_alone;
    };
    made.new_enum_accepts_added_values = new_enum_usable;
    return made;
}

// "[a; b] <VACUUM> {c; d}": groups, statements that stand alone, what the script wants whole.
inline std::string shape(const std::vector<Step> &steps)
{
    std::string text;
    for (const Step &step : steps) {
        const char *signs = step.mode == Mode::alone ? "<>" : step.atomic ? "{}" : "[]";
        text += text.empty() ? "" : " ";
        text += signs[0];
        for (std::size_t i = 0; i < step.statements.size(); i++)
            text += (i > 0 ? "; " : "") + step.statements[i].statement.text;
        text += signs[1];
    }
    return text;
}

inline std::string planned(const Script &s, int after = 0, const PlanFacts &f = facts(),
                           DirectiveKind kind = DirectiveKind::up)
{
    return shape(plan_script("v1", s, kind, f, after));
}

inline std::string planned(std::vector<Statement> statements, int after = 0)
{
    return planned(script({section(std::move(statements))}), after);
}

inline Error refusal(const Script &s, int after = 0, const PlanFacts &f = facts())
{
    try {
        const std::vector<Step> steps = plan_script("v1", s, DirectiveKind::up, f, after);
        ADD_FAILURE() << "accepted: " << shape(steps);
    } catch (const Error &error) {
        return error;
    }
    return Error("", "");
}

inline Error refusal(std::vector<Statement> statements)
{
    return refusal(script({section(std::move(statements))}));
}

} // namespace migrate
