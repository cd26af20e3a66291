// Each field is its length in decimal digits, a colon, and its bytes; "-" alone is a missing one.
// SPDX-License-Identifier: PostgreSQL
#include "core/fields.h"

#include <charconv>

namespace migrate {

std::string encode_fields(const std::vector<Field> &fields)
{
    std::string bytes;
    for (const Field &field : fields)
        bytes += field ? std::to_string(field->size()) + ":" + *field : "-";
    return bytes;
}

std::vector<Field> decode_fields(std::string_view bytes)
{
    std::vector<Field> fields;
    while (!bytes.empty()) {
        if (bytes.front() == '-') {
            fields.emplace_back();
            bytes.remove_prefix(1);
            continue;
        }
        std::size_t size = 0;
        const std::size_t colon = bytes.find(':');
        std::from_chars(bytes.data(), bytes.data() + colon, size);
        fields.emplace_back(std::string(bytes.substr(colon + 1, size)));
        bytes.remove_prefix(colon + 1 + size);
    }
    return fields;
}

} // namespace migrate
