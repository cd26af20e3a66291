// SPDX-License-Identifier: PostgreSQL
#include "plan_text.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace migrate::client {
namespace {

class PlanText
{
public:
    PlanText(Colors colors, std::size_t width) : colors_(colors), width_(width) {}

    void add_migration(const PlannedStatement &row);
    void add_statement(const PlannedStatement &row);
    void add_step(const PlannedStatement &row, const PlannedStatement *before);
    void add_findings(const std::string &findings, std::string_view indent);
    void add_summary(const PlannedStatement &row);
    std::string text() { return std::move(text_); }

private:
    void add_line(std::string_view indent, std::string_view label, std::string_view value);
    std::string sql(const std::string &statement, std::size_t used) const;

    Colors colors_;
    std::size_t width_;
    std::string text_;
};

// Rows that one statement of a script is run as.
bool same_statement(const PlannedStatement &a, const PlannedStatement &b)
{
    return a.migration == b.migration && a.line == b.line && a.statement == b.statement &&
           !a.runs.empty() && !b.runs.empty();
}

} // namespace

std::string plan_as_text(const std::vector<PlannedStatement> &plan, Colors colors,
                         std::size_t width)
{
    PlanText text(colors, width);
    std::string findings;
    for (std::size_t i = 0; i < plan.size(); i++) {
        const PlannedStatement &row = plan[i];
        const bool new_migration = i == 0 || plan[i - 1].migration != row.migration;
        const bool new_statement = i == 0 || !same_statement(plan[i - 1], row);
        if (new_migration)
            text.add_migration(row);
        if (!row.is_statement()) {
            text.add_summary(row);
            continue;
        }
        if (new_statement)
            text.add_statement(row);
        text.add_step(row, new_migration ? nullptr : &plan[i - 1]);
        findings += row.findings.empty() ? "" : row.findings + "\n";
        if (i + 1 == plan.size() || !same_statement(row, plan[i + 1])) {
            text.add_findings(findings, "      ");
            findings.clear();
        }
    }
    return text.text();
}

std::string colored_finding(std::string_view line, Colors colors)
{
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view severity = line.substr(0, colon);
    const Color color = severity == "error"     ? Color::red
                        : severity == "warning" ? Color::yellow
                                                : Color::dim;
    return colored(severity, color, colors) + one_line(line.substr(colon));
}

namespace {

void PlanText::add_migration(const PlannedStatement &row)
{
    text_ += text_.empty() ? "" : "\n";
    text_ += colored(one_line(row.migration), Color::bold, colors_) + "\n";
}

void PlanText::add_statement(const PlannedStatement &row)
{
    const std::string place = fmt::format("  line {}: ", row.line);
    text_ += colored(place, Color::dim, colors_) + sql(row.statement, place.size()) + "\n";
}

// The notes of a migration's steps are often the same; each is told where it begins.
void PlanText::add_step(const PlannedStatement &row, const PlannedStatement *before)
{
    const std::string step = fmt::format("    step {}, {}", row.step, row.mode);
    text_ += colored(step, Color::dim, colors_);
    if (!row.runs.empty())
        text_ += ": " + sql(row.runs, step.size() + 2);
    text_ += "\n";
    add_line("      ", "locks", row.locks);
    add_line("      ", "work", row.work);
    add_line("      ", "hold", row.hold);
    if (!before || before->note != row.note || before->step != row.step)
        add_line("      ", "note", row.note);
}

void PlanText::add_findings(const std::string &findings, std::string_view indent)
{
    for (const std::string_view line : split_lines(findings))
        if (!line.empty())
            text_ += fmt::format("{}{}\n", indent, colored_finding(line, colors_));
}

void PlanText::add_summary(const PlannedStatement &row)
{
    if (row.mode != "summary") {
        text_ += fmt::format("  {}\n", one_line(row.note));
        return;
    }
    add_line("  ", "class", row.migration_class);
    add_line("  ", "old code", row.old_code);
    add_line("  ", "way back", row.way_back);
    add_findings(row.findings, "  ");
}

void PlanText::add_line(std::string_view indent, std::string_view label, std::string_view value)
{
    if (!value.empty())
        text_ += fmt::format("{}{}: {}\n", indent, label, one_line(value));
}

// COPY data may follow a statement, and bodies of functions are long.
std::string PlanText::sql(const std::string &statement, std::size_t used) const
{
    constexpr std::size_t longest = 300;
    const std::string text = one_line(abbreviate(statement, longest));
    return width_ > used + 20 ? fitted(text, width_ - used) : text;
}

} // namespace
} // namespace migrate::client
