// SPDX-License-Identifier: PostgreSQL
#include "core/script.h"

#include <algorithm>

namespace migrate {

std::optional<std::string> section_text(const std::string &file, const Script &script,
                                        DirectiveKind kind)
{
    std::string text;
    std::size_t at = 0;
    bool any = false;
    for (const Section &section : script.sections) {
        if (section.kind != kind || section.blank)
            continue;
        any = true;
        text.append(static_cast<std::size_t>(std::count(
                        file.begin() + static_cast<std::ptrdiff_t>(at),
                        file.begin() + static_cast<std::ptrdiff_t>(section.begin), '\n')),
                    '\n');
        text.append(file, section.begin, section.end - section.begin);
        at = section.end;
    }
    return any ? std::optional(text) : std::nullopt;
}

} // namespace migrate
