// SPDX-License-Identifier: PostgreSQL
#include "engine/long_work.h"

#include <algorithm>

#include "pg/settings.h"

namespace migrate {

namespace {

struct Burden
{
    bool stops_others = false, is_long = false;
};

Burden burden_of(const StudiedStatement &statement)
{
    const bool stops = std::any_of(statement.effects.begin(), statement.effects.end(),
                                   [](const Effect &effect) { return is_strong(effect.lock); });
    return {stops, statement.work_bytes > pg::small_table_bytes()};
}

bool may_be_cut(const PlannedStep &planned)
{
    const Step &step = planned.step;
    return step.mode == Mode::transaction && planned.state == "planned" && !step.atomic &&
           !step.online && step.statements.size() > 1 &&
           std::none_of(step.statements.begin(), step.statements.end(),
                        [](const NumberedStatement &s) { return binds_transaction(s.statement); });
}

std::vector<PlannedStep> cut(const PlannedStep &planned, const Study &study)
{
    std::vector<PlannedStep> parts;
    Burden sum;
    for (const NumberedStatement &s : planned.step.statements) {
        const Burden own = burden_of(study.statements[static_cast<std::size_t>(s.number) - 1]);
        const bool apart = (own.stops_others && sum.is_long) || (own.is_long && sum.stops_others);
        if (parts.empty() || apart) {
            parts.emplace_back();
            parts.back().step.begin_options = planned.step.begin_options;
            sum = {};
        }
        sum = {sum.stops_others || own.stops_others, sum.is_long || own.is_long};
        parts.back().step.statements.push_back(s);
    }
    return parts;
}

} // namespace

bool separate_long_work(TaskPlan &plan)
{
    std::vector<PlannedStep> steps;
    bool cut_one = false;
    for (PlannedStep &planned : plan.steps) {
        if (!may_be_cut(planned)) {
            steps.push_back(std::move(planned));
            continue;
        }
        std::vector<PlannedStep> parts = cut(planned, plan.study);
        cut_one = cut_one || parts.size() > 1;
        std::move(parts.begin(), parts.end(), std::back_inserter(steps));
    }
    plan.steps = std::move(steps);
    return cut_one;
}

} // namespace migrate
