// Studies put together by hand, for the tests of rules: what the server would have told of a script.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/finding.h"
#include "core/rules/rules.h"

#include <gtest/gtest.h>

#include <functional>

namespace migrate {

constexpr std::uint64_t megabyte = 1024 * 1024;

inline Relation relation(const std::string &name, std::uint64_t bytes, double rows)
{
    Relation r;
    r.id = static_cast<std::uint32_t>(std::hash<std::string>{}(name) % 1000000 + 16384);
    r.name = name;
    r.kind = RelationKind::table;
    r.bytes = bytes;
    r.rows = rows;
    return r;
}

// A table that work takes long on, one that it doesn't, an empty one.
inline Relation large(const std::string &name = "orders")
{
    return relation(name, 2000 * megabyte, 2e7);
}
inline Relation small(const std::string &name = "colours")
{
    return relation(name, megabyte / 8, 200);
}
inline Relation empty(const std::string &name = "drafts")
{
    return relation(name, 0, 0);
}

// Made by the script before.
inline Relation fresh(const std::string &name = "invoices")
{
    Relation r = empty(name);
    r.id = 0;
    r.is_new = true;
    return r;
}

inline Relation temporary(const std::string &name = "scratch")
{
    Relation r = large(name);
    r.is_temporary = true;
    return r;
}

// An effect of nothing but a lock.
inline Effect locks(const Relation &relation, LockMode mode)
{
    Effect e;
    e.relation = relation;
    e.lock = mode;
    return e;
}

inline Effect scans(const Relation &relation, LockMode mode, double seconds)
{
    Effect e = locks(relation, mode);
    e.scans = true;
    e.seconds = seconds;
    return e;
}

inline Effect builds(const Relation &relation, LockMode mode, double seconds)
{
    Effect e = locks(relation, mode);
    e.builds = true;
    e.seconds = seconds;
    return e;
}

inline Effect rewrites(const Relation &relation, LockMode mode, double seconds)
{
    Effect e = locks(relation, mode);
    e.rewrites = true;
    e.seconds = seconds;
    return e;
}

inline Action action(ActionKind kind, const Relation &relation = {}, const std::string &name = "")
{
    Action a;
    a.kind = kind;
    a.relation = relation;
    a.name = name;
    return a;
}

inline StudiedStatement statement(const std::string &text, std::vector<Action> actions,
                                  std::vector<Effect> effects = {})
{
    StudiedStatement s;
    s.statement.text = s.statement.tokens = text;
    s.statement.tag = text.substr(0, text.find(' ', text.find(' ') + 1));
    s.actions = std::move(actions);
    s.effects = std::move(effects);
    return s;
}

// With a directive before it.
inline StudiedStatement allowing(const std::string &rule, StudiedStatement s)
{
    s.statement.directives.push_back(*read_directive("-- migrate:allow " + rule + " agreed"));
    return s;
}

inline StudiedStatement online(StudiedStatement s)
{
    s.course = Course::online;
    return s;
}

inline StudiedStatement in_batches(StudiedStatement s)
{
    s.course = Course::batches;
    return s;
}

inline StudiedStatement alone(StudiedStatement s)
{
    s.group = -1;
    return s;
}

inline StudiedStatement in_group(int group, StudiedStatement s)
{
    s.group = group;
    return s;
}

// A script of these statements, numbered from 1, in one transaction unless they say otherwise; with a way back, so
// that no-way-back is quiet.
inline Study study(std::vector<StudiedStatement> statements)
{
    Study s;
    s.options.has_down = true;
    s.statements = std::move(statements);
    int number = 0;
    for (StudiedStatement &one : s.statements) {
        one.number = ++number;
        one.statement.line = number;
    }
    return s;
}

inline Study down(Study s)
{
    s.options.is_up = false;
    return s;
}

inline Study styled(Study s)
{
    s.options.style = true;
    return s;
}

// "error 1, warning 2": what one rule says of the statements.
inline std::string said(const Study &study, std::string_view rule)
{
    std::string all;
    for (const Finding &finding : lint(study))
        if (finding.rule == rule)
            all += (all.empty() ? "" : ", ") + std::string(name_of(finding.severity)) + " " +
                   std::to_string(finding.number);
    return all;
}

// Everything that any rule says above information: "rule: message".
inline std::string alarms(const Study &study)
{
    std::string all;
    for (const Finding &finding : lint(study))
        if (finding.severity != Severity::info)
            all += finding.rule + ": " + finding.message + "\n";
    return all;
}

// All texts of one rule's findings.
inline std::string words(const Study &study, std::string_view rule)
{
    std::string all;
    for (const Finding &finding : lint(study))
        if (finding.rule == rule)
            all += finding.message + "\n" + finding.why + "\n" + finding.safe + "\n";
    return all;
}

inline void expect_words(const Study &study, std::string_view rule,
                         std::initializer_list<std::string_view> wanted)
{
    const std::string all = words(study, rule);
    for (const std::string_view word : wanted)
        EXPECT_NE(all.find(word), std::string::npos) << word << " is not in:\n" << all;
}

} // namespace migrate
