// SPDX-License-Identifier: PostgreSQL
#include "engine/study.h"

#include <algorithm>

#include "pg/actions.h"
#include "pg/backfill/settings.h"
#include "pg/foretell.h"
#include "pg/query.h"
#include "pg/settings.h"

namespace migrate {

namespace {

class Student
{
public:
    explicit Student(Prospect &prospect) : prospect_(prospect) {}
    StudiedStatement look_at(const NumberedStatement &numbered);

private:
    const Relation &describe(pg::ObjectId id);
    Effect &effect_on(StudiedStatement &studied, const Relation &relation);
    void foresee(StudiedStatement &studied);
    void foresee_after_others(StudiedStatement &studied);
    void foresee_action(StudiedStatement &studied, const Action &action);
    void name_unknown(StudiedStatement &studied);
    void weigh(StudiedStatement &studied);
    void judge_commands(StudiedStatement &studied);

    Prospect &prospect_;
    std::map<pg::ObjectId, Relation> known_;
};

const Relation &Student::describe(pg::ObjectId id)
{
    const auto found = known_.find(id);
    return found != known_.end() ? found->second : (known_[id] = pg::describe_relation(id));
}

Effect &Student::effect_on(StudiedStatement &studied, const Relation &relation)
{
    for (Effect &effect : studied.effects)
        if (effect.relation.id == relation.id)
            return effect;
    studied.effects.emplace_back();
    studied.effects.back().relation = relation;
    return studied.effects.back();
}

void Student::foresee(StudiedStatement &studied)
{
    const pg::Foretold foretold = pg::foretell(studied.statement.text);
    studied.opaque = foretold.opaque;
    studied.refused = foretold.refused;
    for (const pg::RelationLock &lock : foretold.locks)
        effect_on(studied, describe(lock.relation)).lock = lock.mode;
    for (const pg::RelationWork &work : foretold.work) {
        Effect &effect = effect_on(studied, describe(work.relation));
        effect.scans = work.scans;
        effect.rewrites = work.rewrites;
        effect.builds = work.builds;
        effect.joins = work.joins;
        effect.relation.bytes = work.bytes;
    }
}

// What the catalogs cannot tell yet, because a statement before makes it.
void Student::foresee_action(StudiedStatement &studied, const Action &action)
{
    const World &world = prospect_.world;
    const Relation &relation = action.relation;
    if (relation.id == 0 || relation.is_new)
        return;
    Effect &effect = effect_on(studied, relation);
    const auto lock = [&](LockMode mode) { effect.lock = std::max(effect.lock, mode); };
    switch (action.kind) {
    case ActionKind::set_not_null:
        lock(LockMode::access_exclusive);
        if (world.has_new_column(relation, action.name) || !action.already_so)
            effect.scans = !world.is_proven_not_null(relation, action.name) && !action.proven;
        break;
    case ActionKind::add_foreign_key:
        lock(LockMode::share_row_exclusive);
        effect.scans = effect.scans || (action.referenced.is_new && !action.not_valid &&
                                        !action.constraint_of_column);
        break;
    case ActionKind::validate_constraint:
        if (!world.is_unproven_constraint(relation, action.name))
            break;
        lock(LockMode::share_update_exclusive);
        effect.scans = true;
        break;
    case ActionKind::create_index:
        if (relation.is_renamed) {
            lock(action.concurrently ? LockMode::share_update_exclusive : LockMode::share);
            effect.builds = true;
        }
        break;
    default:
        if (relation.is_renamed && studied.statement.tag == "ALTER TABLE")
            lock(LockMode::access_exclusive);
    }
    if (effect.lock == LockMode::none)
        studied.effects.pop_back();
}

void Student::foresee_after_others(StudiedStatement &studied)
{
    static constexpr ActionKind kinds[] = {ActionKind::set_not_null, ActionKind::add_foreign_key,
                                           ActionKind::validate_constraint};
    for (const Action &action : studied.actions)
        if (action.relation.is_renamed ||
            std::find(std::begin(kinds), std::end(kinds), action.kind) != std::end(kinds))
            foresee_action(studied, action);
}

void Student::name_unknown(StudiedStatement &studied)
{
    std::set<std::string> names;
    const auto consider = [&](const Relation &relation) {
        if (relation.id == 0 && !relation.is_new && !relation.name.empty() &&
            !relation.is_temporary)
            names.insert(relation.name);
    };
    for (const Action &action : studied.actions) {
        if (!action.if_exists)
            consider(action.relation);
        consider(action.referenced);
        consider(action.partition);
        for (const Relation &read : action.reads)
            consider(read);
    }
    if (!prospect_.is_open)
        studied.unknown_relations.assign(names.begin(), names.end());
}

void Student::weigh(StudiedStatement &studied)
{
    for (Effect &effect : studied.effects) {
        Work work;
        work.bytes = effect.relation.bytes;
        work.rows = effect.relation.rows;
        work.scans = effect.scans;
        work.rewrites = effect.rewrites;
        work.builds = effect.builds;
        work.joins = effect.joins;
        if (work.rewrites)
            work.indexes = pg::count_indexes(effect.relation.id);
        effect.seconds = estimated_seconds(work);
        studied.seconds += effect.seconds;
        if (work.scans || work.rewrites || work.builds)
            studied.work_bytes += effect.relation.bytes;
        if (effect.lock >= LockMode::share_update_exclusive)
            studied.relation_bytes += effect.relation.bytes;
    }
    for (Action &action : studied.actions)
        if ((action.kind == ActionKind::update || action.kind == ActionKind::delete_rows) &&
            action.relation.id != 0) {
            action.rows = action.by_key ? 1 : action.relation.rows;
            studied.seconds += seconds_of_rows(
                action.rows, action.by_key ? 0 : pg::count_indexes(action.relation.id));
        }
    std::stable_sort(studied.effects.begin(), studied.effects.end(),
                     [](const Effect &a, const Effect &b) { return a.lock > b.lock; });
}

// What one command of an ALTER TABLE does by itself.
void Student::judge_commands(StudiedStatement &studied)
{
    if (studied.statement.tag != "ALTER TABLE")
        return;
    const auto commands =
        std::count_if(studied.actions.begin(), studied.actions.end(),
                      [](const Action &action) { return !action.constraint_of_column; });
    for (Action &action : studied.actions) {
        if (action.constraint_of_column || action.text.empty() || action.relation.id == 0)
            continue;
        const pg::Foretold alone =
            commands == 1
                ? pg::foretell(studied.statement.text)
                : pg::foretell("ALTER TABLE " + action.relation.qualified + " " + action.text);
        for (const pg::RelationWork &work : alone.work) {
            action.rewrites = action.rewrites || work.rewrites;
            action.scans = action.scans || work.scans;
        }
    }
}

bool may_make_anything(const StudiedStatement &studied)
{
    static constexpr ActionKind kinds[] = {ActionKind::call, ActionKind::select,
                                           ActionKind::create_extension, ActionKind::create_schema,
                                           ActionKind::other};
    return std::any_of(studied.actions.begin(), studied.actions.end(), [](const Action &action) {
        return std::find(std::begin(kinds), std::end(kinds), action.kind) != std::end(kinds);
    });
}

StudiedStatement Student::look_at(const NumberedStatement &numbered)
{
    StudiedStatement studied;
    studied.number = numbered.number;
    studied.statement = numbered.statement;
    studied.actions = pg::actions_of(numbered.statement.text, prospect_.taken_names);
    prospect_.world.settle(studied.actions);
    foresee(studied);
    foresee_after_others(studied);
    judge_commands(studied);
    name_unknown(studied);
    weigh(studied);
    prospect_.world.learn(studied.actions);
    prospect_.is_open = prospect_.is_open || may_make_anything(studied);
    return studied;
}

// Names in the statements behind it mean what they will mean then.
void follow_search_path(const StudiedStatement &studied, Prospect &prospect)
{
    for (const Action &action : studied.actions)
        if (action.kind == ActionKind::set_setting && action.name == "search_path") {
            pg::set_for_now(action.name, action.value);
            prospect.world.set_default_schema(pg::creation_schema_name());
        }
}

} // namespace

StudyOptions study_options()
{
    StudyOptions options;
    options.small_table = pg::small_table_bytes();
    options.max_lock_hold = pg::lock_settings().max_hold / 1000.0;
    options.many_rows = static_cast<double>(pg::backfill::settings().small_update);
    return options;
}

Study study(const std::vector<NumberedStatement> &statements, Prospect &prospect)
{
    Study result;
    result.options = study_options();
    Student student(prospect);
    pg::with_settings_restored([&] {
        prospect.world.set_default_schema(pg::creation_schema_name());
        for (const NumberedStatement &numbered : statements) {
            result.statements.push_back(student.look_at(numbered));
            follow_search_path(result.statements.back(), prospect);
        }
    });
    return result;
}

void note_steps(Study &study, const std::vector<Step> &steps)
{
    for (std::size_t i = 0; i < steps.size(); i++)
        for (const NumberedStatement &s : steps[i].statements)
            for (StudiedStatement &studied : study.statements) {
                if (studied.number != s.number)
                    continue;
                const Alone alone = s.statement.alone;
                studied.group = steps[i].mode == Mode::alone ? -1 : static_cast<int>(i) + 1;
                studied.atomic = steps[i].atomic;
                studied.course = steps[i].online ? Course::online
                                 : steps[i].mode == Mode::alone && (alone == Alone::backfill ||
                                                                    alone == Alone::backfill_maybe)
                                     ? Course::batches
                                     : Course::as_written;
            }
}

} // namespace migrate
