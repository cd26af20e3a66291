// SPDX-License-Identifier: PostgreSQL
#include "lint_text.h"

#include "core/json.h"
#include "core/text.h"
#include "output.h"

#include <fmt/format.h>

#include <algorithm>

namespace migrate::client {
namespace {

Color color_of(std::string_view severity)
{
    return severity == "error" || severity == "failed" ? Color::red
           : severity == "warning"                     ? Color::yellow
           : severity == "ok"                          ? Color::green
                                                       : Color::dim;
}

std::string indented(std::string_view text, std::string_view first, std::string_view others)
{
    std::string result;
    for (const std::string_view line : split_lines(text))
        result += fmt::format("{}{}\n", result.empty() ? first : others, one_line(line));
    return result;
}

std::size_t count(const std::vector<LintedFile> &files, std::string_view severity)
{
    std::size_t number = 0;
    for (const LintedFile &file : files)
        number += static_cast<std::size_t>(
            std::count_if(file.findings.begin(), file.findings.end(),
                          [&](const FoundFinding &one) { return one.severity == severity; }));
    return number;
}

} // namespace

std::string render(const LintedFile &file, Colors colors)
{
    std::string text;
    for (const FoundFinding &one : file.findings) {
        const std::string place =
            one.line > 0 ? fmt::format("{}:{}:", file.path, one.line) : file.path + ":";
        text += fmt::format("{} {} {} ({})\n", colored(place, Color::bold, colors),
                            colored(one.severity + ":", color_of(one.severity), colors),
                            one_line(one.message), one.rule);
        text += indented(one.why, "    ", "    ");
        text += indented(one.safe, "    safe: ", "          ");
    }
    return text;
}

std::string summary_of(const std::vector<LintedFile> &files)
{
    std::size_t errors = 0;
    for (const LintedFile &file : files)
        errors += errors_in(file);
    const auto number = [](std::size_t n, std::string_view noun) {
        return counted(static_cast<long long>(n), noun);
    };
    return fmt::format("{}, {} in {}\n", number(errors, "error"),
                       number(count(files, "warning"), "warning"), number(files.size(), "file"));
}

std::string json_of(const LintedFile &file)
{
    std::vector<std::string> findings;
    for (const FoundFinding &one : file.findings)
        findings.push_back(one.json);
    return JsonObject()
        .add_string("file", file.path)
        .add("findings", json_array(findings))
        .add("error", file.failure ? error_json(*file.failure, file.location) : "null")
        .text();
}

std::size_t errors_in(const LintedFile &file)
{
    return count({file}, "error") + (file.failure ? 1 : 0);
}

std::string render(const std::vector<CheckedPoint> &points, Colors colors)
{
    constexpr std::size_t result_width = 9;
    std::string text;
    for (const CheckedPoint &one : points) {
        const bool fine = one.result == "ok" && one.evidence.find('\n') == std::string::npos;
        text += fmt::format(
            "{}{}{}", colored(one.result, color_of(one.result), colors),
            std::string(result_width - std::min(one.result.size(), result_width - 1), ' '),
            one_line(one.point));
        text += fine && !one.evidence.empty()
                    ? colored(" (" + one_line(one.evidence) + ")", Color::dim, colors) + "\n"
                    : "\n" + indented(one.evidence, "           ", "           ");
    }
    return text;
}

} // namespace migrate::client
