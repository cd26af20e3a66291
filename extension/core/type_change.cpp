// SPDX-License-Identifier: PostgreSQL
#include "core/type_change.h"

#include "core/text.h"

#include <charconv>
#include <string>
#include <vector>

namespace migrate {

namespace {

enum class Family
{
    number,
    text,
    time, // with a date
    clock,
    boolean,
    uuid,
    json,
    binary,
    network,
    none
};

struct Type
{
    Family family = Family::none;
    int rank = 0;                // within the family: a higher one holds all of a lower one
    std::vector<int> modifiers;  // "(10,2)"
    std::string_view dimensions; // "[]"
};

Type read_type(std::string_view name);
TypeChange compare_modifiers(const Type &from, const Type &to);

} // namespace

TypeChange compare_types(std::string_view from, std::string_view to)
{
    if (from == to)
        return TypeChange::wider;
    const Type one = read_type(from), other = read_type(to);
    if (one.family == Family::none || other.family == Family::none)
        return TypeChange::unknown;
    if (one.family != other.family || one.dimensions != other.dimensions)
        return TypeChange::other;
    if (other.rank < one.rank)
        return TypeChange::narrower;
    if (other.rank > one.rank && other.modifiers.empty())
        return TypeChange::wider;
    return compare_modifiers(one, other);
}

namespace {

struct KnownType
{
    std::string_view name;
    Family family;
    int rank;
};

// double precision holds no numeric and no bigint to the last digit, nor they it: the lower rank loses.
constexpr KnownType known_types[] = {
    {"smallint", Family::number, 1},
    {"integer", Family::number, 2},
    {"bigint", Family::number, 3},
    {"real", Family::number, 4},
    {"double precision", Family::number, 5},
    {"numeric", Family::number, 6},
    {"character", Family::text, 1},
    {"character varying", Family::text, 1},
    {"text", Family::text, 2},
    {"citext", Family::text, 2},
    {"date", Family::time, 1},
    {"timestamp without time zone", Family::time, 2},
    {"timestamp with time zone", Family::time, 2},
    {"time without time zone", Family::clock, 1},
    {"time with time zone", Family::clock, 2},
    {"boolean", Family::boolean, 1},
    {"uuid", Family::uuid, 1},
    {"json", Family::json, 1},
    {"jsonb", Family::json, 1},
    {"bytea", Family::binary, 1},
    {"cidr", Family::network, 1},
    {"inet", Family::network, 2},
};

// "character varying(20)[]", "timestamp(3) without time zone"
Type read_type(std::string_view name)
{
    Type type;
    std::string bare(name);
    if (const std::size_t bracket = name.find('['); bracket != name.npos) {
        type.dimensions = "[]";
        bare.erase(bracket);
    }
    const std::size_t open = bare.find('('), close = bare.find(')');
    if (open != bare.npos && close != bare.npos && close > open) {
        const char *at = bare.data() + open + 1, *const end = bare.data() + close;
        for (int number = 0; at < end; at++) {
            at = std::from_chars(at, end, number).ptr;
            type.modifiers.push_back(number);
        }
        bare.erase(open, close - open + 1);
    }
    bare = std::string(trim(bare));
    // Without a limit it is text under another name.
    if (bare == "character varying" && type.modifiers.empty())
        bare = "text";
    for (const KnownType &known : known_types)
        if (known.name == bare) {
            type.family = known.family;
            type.rank = known.rank;
        }
    return type;
}

// A varchar(n), numeric(p, s) or timestamp(p) is narrower if any of its numbers is; numeric(p, s) also if fewer
// digits are left before the point.
TypeChange compare_modifiers(const Type &from, const Type &to)
{
    if (to.modifiers.empty())
        return TypeChange::wider;
    if (from.modifiers.empty())
        return TypeChange::narrower;
    for (std::size_t i = 0; i < from.modifiers.size() && i < to.modifiers.size(); i++)
        if (to.modifiers[i] < from.modifiers[i])
            return TypeChange::narrower;
    const auto before_point = [](const Type &type) {
        return type.modifiers[0] - (type.modifiers.size() > 1 ? type.modifiers[1] : 0);
    };
    return from.family == Family::number && before_point(to) < before_point(from)
               ? TypeChange::narrower
               : TypeChange::wider;
}

} // namespace

} // namespace migrate
