// What a change of a column's type means for values and for code that knows the old type, from the two names as
// format_type() writes them.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string_view>

namespace migrate {

enum class TypeChange
{
    wider,    // all old values fit, and code that knows the old type goes on
    narrower, // some old values may not fit, or lose digits
    other,    // another kind of value: code that knows the old type fails
    unknown   // types that are not known here
};

TypeChange compare_types(std::string_view from, std::string_view to);

} // namespace migrate
