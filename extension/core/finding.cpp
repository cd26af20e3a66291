// Asks every rule, and then takes out what the script's author has accepted.
// SPDX-License-Identifier: PostgreSQL
#include "core/finding.h"

#include "core/allowance.h"
#include "core/rules/rules.h"

#include <algorithm>
#include <limits>

namespace migrate {

namespace {

// Findings about the script as a whole come after those of its last statement.
int place_of(const Finding &finding)
{
    return finding.number == 0 ? std::numeric_limits<int>::max() : finding.number;
}

} // namespace

std::string_view name_of(Severity severity)
{
    switch (severity) {
    case Severity::info:
        return "info";
    case Severity::warning:
        return "warning";
    case Severity::error:
        break;
    }
    return "error";
}

Findings lint(const Study &study)
{
    Findings findings = rules::look(study);
    std::erase_if(findings, [&](const Finding &finding) { return is_allowed(study, finding); });
    std::stable_sort(
        findings.begin(), findings.end(),
        [](const Finding &one, const Finding &other) { return place_of(one) < place_of(other); });
    return findings;
}

} // namespace migrate
