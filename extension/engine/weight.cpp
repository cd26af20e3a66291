// SPDX-License-Identifier: PostgreSQL
#include "engine/weight.h"

#include <algorithm>
#include <optional>

#include "pg/estimate.h"
#include "pg/index_build.h"

namespace migrate {

namespace {

// ---- indexes --------------------------------------------------------------------------------------

bool makes_index(const Action &action)
{
    switch (action.kind) {
    case ActionKind::create_index:
    case ActionKind::add_unique:
    case ActionKind::add_primary_key:
    case ActionKind::add_exclusion:
        return !action.using_index && !action.already_so;
    default:
        return false;
    }
}

// The share of the rows that the index takes in: all, or those of its WHERE as the planner thinks.
double share_of_rows(const StudiedStatement &studied, const Action &action,
                     const std::optional<pg::PlannedQuery> &planned)
{
    if (action.kind != ActionKind::create_index || !action.has_condition || !planned)
        return 1;
    double all = 0;
    for (const Effect &effect : studied.effects)
        all += effect.builds ? effect.relation.rows : 0;
    return all > 0 ? std::min(planned->rows / all, 1.0) : 1;
}

// What is built on the relation of an effect.  Indexes that nothing in the statement describes (those that a
// partition needs) count as one of the usual kind.
std::vector<IndexBuild> indexes_of(const StudiedStatement &studied, const Effect &effect,
                                   const std::optional<pg::PlannedQuery> &planned)
{
    std::vector<IndexBuild> builds;
    if (effect.rewrites)
        builds = pg::indexes_built_anew(effect.relation.id);
    if (!effect.builds)
        return builds;
    for (const Action &action : studied.actions)
        if (action.kind == ActionKind::reindex) {
            const bool one = action.relation.kind == RelationKind::index;
            return pg::indexes_built_anew(one ? action.relation.id : effect.relation.id);
        } else if (makes_index(action))
            builds.push_back(
                pg::index_to_build(effect.relation.id, action,
                                   effect.relation.rows * share_of_rows(studied, action, planned)));
    if (builds.empty())
        builds.push_back(pg::index_to_build(effect.relation.id, {}, effect.relation.rows));
    return builds;
}

// ---- relations ------------------------------------------------------------------------------------

void weigh_effects(StudiedStatement &studied, const std::optional<pg::PlannedQuery> &planned)
{
    for (Effect &effect : studied.effects) {
        Work work;
        work.bytes = effect.relation.bytes;
        work.scans = effect.scans || effect.builds;
        work.rewrites = effect.rewrites;
        work.indexes = indexes_of(studied, effect, planned);
        effect.seconds = estimated_seconds(work);
        studied.seconds += effect.seconds;
        if (work.scans || work.rewrites)
            studied.work_bytes += effect.relation.bytes;
        if (effect.lock >= LockMode::share_update_exclusive)
            studied.relation_bytes += effect.relation.bytes;
    }
}

double most_rows(const StudiedStatement &studied, bool Effect::*what)
{
    double rows = 0;
    for (const Effect &effect : studied.effects)
        rows = std::max(rows, effect.*what ? effect.relation.rows : 0);
    return rows;
}

// ---- rows -----------------------------------------------------------------------------------------

// All that the statement reaches of it.
double rows_with_partitions(const StudiedStatement &studied, const Relation &relation)
{
    double rows = relation.rows;
    if (relation.kind == RelationKind::partitioned_table)
        for (const Effect &effect : studied.effects)
            if (effect.relation.is_partition)
                rows += effect.relation.rows;
    return rows;
}

bool changes_rows(const Action &action)
{
    return action.kind == ActionKind::update || action.kind == ActionKind::delete_rows;
}

bool writes_rows(const Action &action)
{
    static constexpr ActionKind writing[] = {
        ActionKind::insert, ActionKind::update,          ActionKind::delete_rows,
        ActionKind::merge,  ActionKind::create_table_as, ActionKind::create_materialized_view};
    return !action.already_so &&
           std::find(std::begin(writing), std::end(writing), action.kind) != std::end(writing);
}

// Nothing if it was not planned.
std::optional<double> planned_rows_of(const Action &action,
                                      const std::optional<pg::PlannedQuery> &planned)
{
    if (!planned || !action.in_with)
        return planned ? std::optional(planned->rows) : std::nullopt;
    for (int i = 0; i < planned->changes_count; i++)
        if (planned->changes[i].kind == action.kind &&
            planned->changes[i].relation == action.relation.id)
            return planned->changes[i].rows;
    return std::nullopt;
}

// As the planner thinks; where it cannot be asked, at most as many as there are.
double rows_of(const StudiedStatement &studied, const Action &action,
               const std::optional<pg::PlannedQuery> &planned)
{
    const std::optional<double> rows = planned_rows_of(action, planned);
    if (!changes_rows(action))
        return rows ? *rows
                    : std::max(most_rows(studied, &Effect::scans),
                               most_rows(studied, &Effect::joins));
    if (action.by_key)
        return 1;
    if (!action.has_condition || !rows)
        return action.relation.rows;
    return std::min(*rows, action.relation.rows);
}

Writing writing_of(const Action &action)
{
    return action.kind == ActionKind::delete_rows ? Writing::marks
           : action.relation.id == 0              ? Writing::new_table
                                                  : Writing::versions;
}

void count_rows(StudiedStatement &studied, const std::optional<pg::PlannedQuery> &planned)
{
    for (Action &action : studied.actions) {
        if (!writes_rows(action))
            continue;
        Relation &relation = action.relation;
        if (relation.id != 0)
            relation.rows = rows_with_partitions(studied, relation);
        if (action.rows == 0)
            action.rows = rows_of(studied, action, planned);
        const int indexes = relation.id == 0 || action.by_key
                                ? 0
                                : static_cast<int>(pg::indexes_built_anew(relation.id).size());
        studied.seconds += seconds_of_rows(action.rows, writing_of(action), indexes);
    }
}

bool is_query(const StudiedStatement &studied)
{
    return std::any_of(studied.actions.begin(), studied.actions.end(), [](const Action &action) {
        return writes_rows(action) || action.kind == ActionKind::select;
    });
}

} // namespace

void weigh(StudiedStatement &studied, const std::string &text, const pg::Foretold &foretold)
{
    const auto planned = pg::planned_query(text, foretold);
    weigh_effects(studied, planned);
    studied.seconds +=
        seconds_of_join(most_rows(studied, &Effect::scans), most_rows(studied, &Effect::joins));
    if (is_query(studied)) {
        if (planned)
            studied.seconds = seconds_of_plan(planned->cost);
        count_rows(studied, planned);
    }
    std::stable_sort(studied.effects.begin(), studied.effects.end(),
                     [](const Effect &a, const Effect &b) { return a.lock > b.lock; });
}

} // namespace migrate
