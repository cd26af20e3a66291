// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

TEST(Identifier, IsQuotedWhereNeeded)
{
    EXPECT_EQ(quote_identifier("user_id"), "user_id");
    EXPECT_EQ(quote_identifier("_1"), "_1");
    for (const char *name : {"user", "order", "select", "all", "xmlconcat", "zone"})
        EXPECT_EQ(quote_identifier(name),
                  std::string(name) == "zone" ? "zone" : "\"" + std::string(name) + "\"");
    EXPECT_EQ(quote_identifier("Order"), "\"Order\"");
    EXPECT_EQ(quote_identifier("1a"), "\"1a\"");
    EXPECT_EQ(quote_identifier("a b"), "\"a b\"");
    EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(quote_identifier(""), "\"\"");
    EXPECT_EQ(quote_identifier("gr\xc3\xb6\xc3\x9f"
                               "e"),
              "\"gr\xc3\xb6\xc3\x9f"
              "e\"");
    EXPECT_EQ(quote_identifiers({"a", "B", ""}), "a, \"B\", (...)");
    EXPECT_EQ(quote_literal("it's"), "'it''s'");
}

TEST(Identifier, LastPart)
{
    EXPECT_EQ(bare_name("orders"), "orders");
    EXPECT_EQ(bare_name("app.orders"), "orders");
    EXPECT_EQ(bare_name("app.\"Order\""), "Order");
    EXPECT_EQ(bare_name("\"a.b\".\"c\"\"d.e\""), "c\"d.e");
    EXPECT_EQ(bare_name(""), "");
}

} // namespace
} // namespace migrate
