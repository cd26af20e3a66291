// The little JSON that the client writes itself.  Rows come as JSON from the server; what is left is
// the object around them and errors, which must be written without a server.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

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

} // namespace migrate::client
