// The little JSON that is written by hand: what a plan says of a statement, and in the client the object around
// rows that come as JSON from the server, and errors.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

// A string literal, quotes included.
std::string json_string(std::string_view text);
std::string json_string_or_null(const std::optional<std::string> &text);

// An array of values that are JSON already.
std::string json_array(const std::vector<std::string> &values);
std::string json_strings(const std::vector<std::string> &texts);

// An object, key by key: JsonObject().add("run", "7").text() is {"run":7}.
class JsonObject
{
public:
    JsonObject &add(std::string_view key, std::string_view json_value);
    JsonObject &add_string(std::string_view key, std::string_view text);
    std::string text() const { return "{" + members_ + "}"; }

private:
    std::string members_;
};

} // namespace migrate
