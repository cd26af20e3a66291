// The order of migrations.  A name such as "20240115_001_add_phone" or "v42" sorts by its leading
// number groups as numbers (9 before 10), then by the rest; timestamps of different precision
// (20250625, 20230518191501, 2017-08-31-230457) sort by time.  A leading "v" or "V" is no part of the number.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

// The leading number groups of a name: digits separated by '_', '.' or '-', after an optional v/V.
// Leading zeros are dropped; a group may have any number of digits.
std::vector<std::string> number_groups(std::string_view name);

// Total order of names; equal only for equal names.
std::strong_ordering compare_names(std::string_view left, std::string_view right);

// Both have number groups, and the same ones ("007_x" and "7_y").
bool same_numbers(std::string_view left, std::string_view right);

// The target is the name itself, or its leading number groups written in any form ("v42", "42",
// "0042" for "v42_add_phone").  All the groups, not a prefix of them.
bool abbreviates(std::string_view target, std::string_view name);

// Text whose byte order (COLLATE "C") is compare_names' order.
std::string sort_key(std::string_view name);

} // namespace migrate
