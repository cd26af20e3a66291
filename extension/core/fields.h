// A list of texts as one string of bytes, for what travels between a caller and its worker.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

using Field = std::optional<std::string>;

std::string encode_fields(const std::vector<Field> &fields);

// REQUIRES: made by encode_fields().
std::vector<Field> decode_fields(std::string_view bytes);

} // namespace migrate
