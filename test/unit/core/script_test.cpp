// The text of one kind of section, kept at the lines where it stands in its file.
// SPDX-License-Identifier: PostgreSQL
#include "core/script.h"

#include "core/text.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

// A script whose sections begin at each line that starts with "-- migrate:", as the parser makes it.
Script sections_of(const std::string &file)
{
    Script script;
    for (std::size_t at = 0; at < file.size();) {
        const std::size_t end = std::min(file.find("-- migrate:", at + 1), file.size());
        const std::string text = file.substr(at, end - at);
        Section section;
        section.begin = at;
        section.end = end;
        section.line = line_at(file, at);
        section.header = text.starts_with("-- migrate:") ? text.find('\n') + 1 : 0;
        section.blank = trim(text.substr(section.header)).empty();
        section.kind =
            text.starts_with("-- migrate:down") ? DirectiveKind::down : DirectiveKind::up;
        script.sections.push_back(section);
        at = end;
    }
    return script;
}

std::optional<std::string> text_of(const std::string &file, DirectiveKind kind)
{
    return section_text(file, sections_of(file), kind);
}

TEST(SectionText, WithoutSections)
{
    EXPECT_EQ(text_of("", DirectiveKind::up), std::nullopt);
    EXPECT_EQ(text_of("SELECT 1;\n", DirectiveKind::up), "SELECT 1;\n");
    EXPECT_EQ(text_of("SELECT 1;\n", DirectiveKind::down), std::nullopt);
    EXPECT_EQ(text_of("SELECT 1;\n", DirectiveKind::verify), std::nullopt);
}

TEST(SectionText, KeepsTheDirective)
{
    EXPECT_EQ(text_of("-- migrate:up transaction:never\nVACUUM;\n", DirectiveKind::up),
              "-- migrate:up transaction:never\nVACUUM;\n");
}

TEST(SectionText, EveryLineStaysWhereItWas)
{
    const std::string file = "-- migrate:up\nCREATE TABLE a ();\n\n-- migrate:down\nDROP TABLE a;\n"
                             "-- migrate:up\nCREATE TABLE b ();\n-- migrate:down\nDROP TABLE b;";
    for (const DirectiveKind kind : {DirectiveKind::up, DirectiveKind::down}) {
        const std::optional<std::string> text = text_of(file, kind);
        ASSERT_TRUE(text);
        for (const std::string statement :
             {"CREATE TABLE a", "CREATE TABLE b", "DROP TABLE a", "DROP TABLE b"}) {
            const bool wanted = statement.starts_with("DROP") == (kind == DirectiveKind::down);
            ASSERT_EQ(text->find(statement) != std::string::npos, wanted) << statement;
            if (wanted) {
                EXPECT_EQ(line_at(*text, text->find(statement)),
                          line_at(file, file.find(statement)));
            }
        }
    }
    EXPECT_EQ(text_of(file, DirectiveKind::down),
              "\n\n\n-- migrate:down\nDROP TABLE a;\n\n\n-- migrate:down\nDROP TABLE b;");
}

TEST(SectionText, WhatFollowsLeavesNoTrace)
{
    EXPECT_EQ(text_of("-- migrate:up\nA;\n-- migrate:down\nB;\n\n\n", DirectiveKind::up),
              "-- migrate:up\nA;\n");
}

TEST(SectionText, ChangesInOneKindLeaveTheOther)
{
    const std::string before = "-- migrate:up\nA;\n-- migrate:down\nB;\n";
    const std::string after = "-- migrate:up\nA;\n-- migrate:down\nB;\nC;\n";
    EXPECT_EQ(text_of(before, DirectiveKind::up), text_of(after, DirectiveKind::up));
}

TEST(SectionText, BlankIsNone)
{
    EXPECT_EQ(text_of("-- migrate:up\nA;\n-- migrate:down\n  \n\t\n", DirectiveKind::down),
              std::nullopt);
    EXPECT_EQ(
        text_of("-- migrate:up\nA;\n-- migrate:down\n-- nothing to do\n", DirectiveKind::down),
        "\n\n-- migrate:down\n-- nothing to do\n");
}

TEST(SectionText, BlankOnesAreLeftOut)
{
    EXPECT_EQ(
        text_of("-- migrate:up\nA;\n-- migrate:down\n\n-- migrate:down\nB;\n", DirectiveKind::down),
        "\n\n\n\n-- migrate:down\nB;\n");
}

TEST(SectionText, Multibyte)
{
    const std::string file = "-- migrate:up\nSELECT 'ä€😀';\n-- migrate:down\nSELECT 'ö';\n";
    EXPECT_EQ(text_of(file, DirectiveKind::down), "\n\n-- migrate:down\nSELECT 'ö';\n");
}

} // namespace
} // namespace migrate
