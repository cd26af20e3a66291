// SPDX-License-Identifier: PostgreSQL
#include "core/json.h"

#include <fmt/format.h>

namespace migrate {

std::string json_string(std::string_view text)
{
    std::string json = "\"";
    for (const char c : text) {
        switch (c) {
        case '"':
            json += "\\\"";
            break;
        case '\\':
            json += "\\\\";
            break;
        case '\n':
            json += "\\n";
            break;
        case '\r':
            json += "\\r";
            break;
        case '\t':
            json += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20)
                json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
            else
                json += c;
        }
    }
    return json + "\"";
}

std::string json_string_or_null(const std::optional<std::string> &text)
{
    return text ? json_string(*text) : "null";
}

std::string json_array(const std::vector<std::string> &values)
{
    return fmt::format("[{}]", fmt::join(values, ","));
}

std::string json_strings(const std::vector<std::string> &texts)
{
    std::vector<std::string> values;
    for (const std::string &text : texts)
        values.push_back(json_string(text));
    return json_array(values);
}

JsonObject &JsonObject::add(std::string_view key, std::string_view json_value)
{
    if (!members_.empty())
        members_ += ",";
    members_ += json_string(key) + ":";
    members_ += json_value;
    return *this;
}

JsonObject &JsonObject::add_string(std::string_view key, std::string_view text)
{
    return add(key, json_string(text));
}

} // namespace migrate
