// SPDX-License-Identifier: PostgreSQL
#include "engine/submission.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "pg/parser.h"
#include "pg/settings.h"

namespace migrate {

namespace {

constexpr std::size_t longest_name = 200;

} // namespace

void require_name(const std::string &name)
{
    const bool control = std::any_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == 127;
    });
    if (name.empty() || control || trim(name) != name || name.size() > longest_name)
        throw Error(sqlstate::invalid_parameter_value,
                    name.empty() ? "name of a migration must not be empty"
                                 : "invalid name of a migration: \"" + abbreviate(name, 60) + "\"",
                    "A name has at most " + std::to_string(longest_name) +
                        " bytes, no control characters, and no space at its ends.",
                    "Use names such as \"20240115_001_add_phone\" or \"v42\".");
}

Submission read_file(const std::string &path, const std::string &content)
{
    Submission s;
    s.name = name_of_path(path);
    require_name(s.name);
    const std::string text = normalize_text(content);
    const Script script = pg::cut(s.name, text);
    for (const auto &[setting, value] : script.settings)
        pg::check_own_setting(setting, value);
    s.up = section_text(text, script, DirectiveKind::up).value_or("");
    s.down = section_text(text, script, DirectiveKind::down);
    s.verify = section_text(text, script, DirectiveKind::verify);
    s.contract = section_text(text, script, DirectiveKind::contract);
    for (const Section &section : script.sections)
        for (const std::string &name : section.requires_names)
            if (std::find(s.requires_names.begin(), s.requires_names.end(), name) ==
                s.requires_names.end())
                s.requires_names.push_back(name);
    return s;
}

void require_readable(const Submission &s)
{
    if (s.down)
        pg::cut(s.name, *s.down, DirectiveKind::down);
    if (s.verify)
        pg::cut(s.name, *s.verify, DirectiveKind::verify);
}

} // namespace migrate
