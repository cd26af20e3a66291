// How a name is cut into numbers, and what follows from that for its order.  compare_names and
// sort_key are two readings of the same Parts and ordinals: whatever one of them takes for a number
// or a time, the other does too.  Nothing here knows where names come from.
// SPDX-License-Identifier: PostgreSQL
#include "core/version.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace migrate {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view separators = "_.-";

// Views into a name.
struct Parts
{
    std::vector<std::string_view> groups;  // without leading zeros
    std::vector<std::string_view> written; // the same with them
    std::string_view rest;                 // what follows the last group; all of it without groups
};

Parts parts_of(std::string_view name);
std::vector<std::string> ordinals(const Parts &parts);
std::strong_ordering compare_numbers(const std::string &left, const std::string &right);
void append_number(std::string &key, const std::string &number);
void append_escaped(std::string &key, std::string_view text);

} // namespace

std::vector<std::string> number_groups(std::string_view name)
{
    const Parts parts = parts_of(name);
    return {parts.groups.begin(), parts.groups.end()};
}

std::strong_ordering compare_names(std::string_view left, std::string_view right)
{
    const Parts a = parts_of(left), b = parts_of(right);
    if (a.groups.empty() != b.groups.empty())
        return a.groups.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
    const std::vector<std::string> x = ordinals(a), y = ordinals(b);
    const auto by_numbers = std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(),
                                                                   y.end(), compare_numbers);
    if (by_numbers != 0)
        return by_numbers;
    if (const auto by_rest = a.rest <=> b.rest; by_rest != 0)
        return by_rest;
    return left <=> right;
}

bool same_numbers(std::string_view left, std::string_view right)
{
    const Parts parts = parts_of(left);
    return !parts.groups.empty() && parts.groups == parts_of(right).groups;
}

bool abbreviates(std::string_view target, std::string_view name)
{
    return target == name || (parts_of(target).rest.empty() && same_numbers(target, name));
}

// The key is
//     number... '!' rest '!' name    with number groups,
//     '~' rest '!' name              without.
// Each number begins with a letter, so '!' puts fewer groups first and '~' puts names without
// groups last.  No number is the beginning of another one, and in the escaped rest no byte is as
// small as '!', so at every place either both keys go on with the same part or they differ.
std::string sort_key(std::string_view name)
{
    const Parts parts = parts_of(name);
    std::string key;
    for (const std::string &number : ordinals(parts))
        append_number(key, number);
    key += parts.groups.empty() ? '~' : '!';
    append_escaped(key, parts.rest);
    key += '!';
    key += name;
    return key;
}

namespace {

bool is_ascii_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Digits that run into a letter are the beginning of a word ("2fa_login"), not a number.  Bytes
// beyond ASCII count as letters: core does not know the encoding, and mostly they are.
bool begins_word(std::string_view text)
{
    return !text.empty() && (is_ascii_alphanumeric(text[0]) || (text[0] & 0x80) != 0);
}

std::string_view without_leading_zeros(std::string_view number)
{
    return number.substr(std::min(number.find_first_not_of('0'), number.size() - 1));
}

Parts parts_of(std::string_view name)
{
    Parts parts{{}, {}, name};
    std::size_t at = name.starts_with('v') || name.starts_with('V') ? 1 : 0;
    while (true) {
        const std::size_t end = std::min(name.find_first_not_of(digits, at), name.size());
        const std::string_view after = name.substr(end);
        if (end == at || begins_word(after))
            return parts;
        parts.written.push_back(name.substr(at, end - at));
        parts.groups.push_back(without_leading_zeros(parts.written.back()));
        parts.rest = after;
        if (after.empty() || separators.find(after[0]) == std::string_view::npos)
            return parts;
        at = end + 1;
    }
}

// A date of eight digits, with or without hours, minutes, seconds and milliseconds.  Years are
// limited so that counters and Unix times are not taken for dates.  What follows the date is not
// checked: people count on by hand, and 20140929103760 stands between ...59 and ...3800.
bool is_time(std::string_view number)
{
    struct Field
    {
        std::size_t begin, length;
        int low, high;
    };
    constexpr Field fields[] = {{0, 4, 1970, 2199}, {4, 2, 1, 12}, {6, 2, 1, 31}};
    constexpr std::size_t lengths[] = {8, 10, 12, 14, 17};
    if (std::find(std::begin(lengths), std::end(lengths), number.size()) == std::end(lengths))
        return false;
    return std::all_of(std::begin(fields), std::end(fields), [=](const Field &field) {
        const std::string_view text = number.substr(field.begin, field.length);
        int value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value >= field.low && value <= field.high;
    });
}

// How many groups a date takes that is written in several, and its time if there is one:
// "2017-08-31-230457" and "2017_08_31_230457" are four.  0 if the name does not begin with one.
// Months and days are not checked, so that years and weeks written alike keep their order.
std::size_t date_groups(const std::vector<std::string_view> &written)
{
    constexpr std::size_t lengths[] = {4, 2, 2, 6};
    std::size_t count = 0;
    while (count < std::size(lengths) && count < written.size() &&
           written[count].size() == lengths[count] &&
           (count == 0 || written[count].data()[-1] != '.'))
        count++;
    return count >= 3 && written[0] >= "1970" && written[0] <= "2199" ? count : 0;
}

// The groups as they are compared.  A time in the first group, or in the first ones, gets the
// precision of the finest one, so that 20250625 stands before 20250625120000 and 2025-06-25-120000.
std::vector<std::string> ordinals(const Parts &parts)
{
    constexpr std::size_t finest_time = 17;
    std::vector<std::string> numbers(parts.groups.begin(), parts.groups.end());
    if (const std::size_t date = date_groups(parts.written); date > 0) {
        std::string time;
        for (std::size_t i = 0; i < date; i++)
            time += parts.written[i];
        numbers.erase(numbers.begin() + 1, numbers.begin() + static_cast<std::ptrdiff_t>(date));
        numbers[0] = time;
        numbers[0].resize(finest_time, '0');
    } else if (!numbers.empty() && is_time(numbers[0])) {
        numbers[0].resize(finest_time, '0');
    }
    return numbers;
}

// Without leading zeros the longer number is the greater one.
std::strong_ordering compare_numbers(const std::string &left, const std::string &right)
{
    const auto by_length = left.size() <=> right.size();
    return by_length != 0 ? by_length : left <=> right;
}

// 'a' and a one-digit length, 'b' and a two-digit length, and so on, then the digits: "a242" is 42.
// Bytes then compare as lengths first, whatever the number of digits.
void append_number(std::string &key, const std::string &number)
{
    const std::string length = std::to_string(number.size());
    key += static_cast<char>('a' + (length.size() - 1));
    key += length;
    key += number;
}

// Keeps the order and leaves no byte up to '!', which ends the text.  Bytes up to '"' are written
// as '"' and a printable one; no server encoding has them as a part of a longer character.
void append_escaped(std::string &key, std::string_view text)
{
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= '"') {
            key += '"';
            key += static_cast<char>('A' + c);
        } else {
            key += c;
        }
    }
}

} // namespace

} // namespace migrate
