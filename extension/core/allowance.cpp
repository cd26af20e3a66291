// SPDX-License-Identifier: PostgreSQL
#include "core/allowance.h"

#include "core/text.h"

#include <algorithm>

namespace migrate {

std::vector<std::string> allowed_rules(const StudiedStatement &statement)
{
    std::vector<std::string> rules;
    for (const Directive &directive : statement.statement.directives)
        if (directive.kind == DirectiveKind::allow)
            rules.push_back(lower_ascii(directive.name));
    return rules;
}

bool is_allowed(const Study &study, const Finding &finding)
{
    return std::any_of(
        study.statements.begin(), study.statements.end(), [&](const StudiedStatement &statement) {
            if (finding.number != 0 && finding.number != statement.number)
                return false;
            const std::vector<std::string> rules = allowed_rules(statement);
            return std::find(rules.begin(), rules.end(), finding.rule) != rules.end();
        });
}

} // namespace migrate
