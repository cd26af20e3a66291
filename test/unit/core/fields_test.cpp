// What travels between a caller and its worker arrives as it was sent, whatever bytes it has.
// SPDX-License-Identifier: PostgreSQL
#include "core/fields.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

using Fields = std::vector<Field>;

void expect_round_trip(const Fields &fields)
{
    EXPECT_EQ(decode_fields(encode_fields(fields)), fields) << encode_fields(fields);
}

TEST(Fields, NoneIsNothing)
{
    EXPECT_EQ(encode_fields({}), "");
    EXPECT_EQ(decode_fields(""), Fields{});
}

TEST(Fields, EmptyIsNotMissing)
{
    EXPECT_EQ(encode_fields({""}), "0:");
    EXPECT_EQ(encode_fields({std::nullopt}), "-");
    expect_round_trip({""});
    expect_round_trip({std::nullopt});
    expect_round_trip({"", std::nullopt, "", std::nullopt, std::nullopt, ""});
}

TEST(Fields, TextsThatLookLikeTheFormat)
{
    expect_round_trip({"-", "--", "-1:", ":", "0:", "3:abc", "12", "12:"});
    expect_round_trip({std::nullopt, "-", std::nullopt, "1:", "9"});
}

TEST(Fields, EveryByte)
{
    std::string bytes;
    for (int i = 0; i < 256; i++)
        bytes += static_cast<char>(i);
    expect_round_trip({bytes, bytes + bytes, std::string(1, '\0'), std::string("a\0b", 3)});
}

TEST(Fields, ManyAndLong)
{
    Fields fields;
    for (std::size_t i = 0; i < 1000; i++)
        fields.push_back(i % 7 == 0 ? Field() : Field(std::string(i, 'x')));
    fields.emplace_back(std::string(1'000'000, '9'));
    expect_round_trip(fields);
}

TEST(Fields, Nested)
{
    const Fields inner = {"a", std::nullopt, "b:c"};
    const Fields outer = {encode_fields(inner), "", encode_fields({})};
    const Fields arrived = decode_fields(encode_fields(outer));
    ASSERT_EQ(arrived.size(), 3U);
    EXPECT_EQ(decode_fields(*arrived[0]), inner);
}

} // namespace
} // namespace migrate
