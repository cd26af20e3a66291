// SPDX-License-Identifier: PostgreSQL
#include "engine/study.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/weight.h"
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
    void read(StudiedStatement &studied);
    void foresee(StudiedStatement &studied);
    void foresee_after_others(StudiedStatement &studied);
    void foresee_action(StudiedStatement &studied, const Action &action);
    void foresee_reference(StudiedStatement &studied, const Action &action);
    void name_unknown(StudiedStatement &studied);
    void judge_commands(StudiedStatement &studied);
    void judge_drops(StudiedStatement &studied);
    void read_actions(StudiedStatement &studied);

    Prospect &prospect_;
    std::map<std::string, std::string> prepared_; // in this script, which has a session of its own
    std::string text_;                            // of what the statement that is looked at runs
    std::map<pg::ObjectId, Relation> known_;
    pg::Foretold foretold_; // of the statement that is looked at
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
    foretold_ = pg::foretell(text_);
    studied.opaque = foretold_.opaque;
    studied.refused = foretold_.refused;
    for (const Action &action : studied.actions)
        for (const std::string &function : action.calls)
            studied.opaque = studied.opaque || prospect_.world.is_new_code(function);
    for (const pg::RelationLock &lock : foretold_.locks)
        effect_on(studied, describe(lock.relation)).lock = lock.mode;
    for (const pg::RelationWork &work : foretold_.work) {
        Effect &effect = effect_on(studied, describe(work.relation));
        if (effect.relation.kind == RelationKind::partitioned_table)
            continue; // it holds nothing itself
        effect.scans = work.scans;
        effect.rewrites = work.rewrites;
        effect.builds = work.builds;
        effect.joins = work.joins;
        effect.relation.bytes = work.bytes;
    }
}

// What the catalogs cannot tell yet, because a statement before makes it.
// None of the commands has to read the table: NOT NULL is proven, a key has its index.
bool only_proven(const std::vector<Action> &actions, const World &world)
{
    return std::all_of(actions.begin(), actions.end(), [&](const Action &action) {
        switch (action.kind) {
        case ActionKind::set_not_null:
            return action.proven || world.is_proven_not_null(action.relation, action.name);
        case ActionKind::add_unique:
        case ActionKind::add_primary_key:
            return action.using_index;
        default:
            return action.kind == ActionKind::drop_constraint;
        }
    });
}

void Student::foresee_action(StudiedStatement &studied, const Action &action)
{
    const World &world = prospect_.world;
    Effect &effect = effect_on(studied, action.relation);
    const auto lock = [&](LockMode mode) { effect.lock = std::max(effect.lock, mode); };
    switch (action.kind) {
    case ActionKind::set_not_null:
        lock(LockMode::access_exclusive);
        if (!world.is_proven_not_null(action.relation, action.name))
            effect.scans = effect.scans || (!action.already_so && !action.proven);
        else if (only_proven(studied.actions, world))
            for (Effect &one : studied.effects)
                one.scans = false;
        break;
    case ActionKind::add_foreign_key:
        lock(LockMode::share_row_exclusive);
        effect.scans = effect.scans || (action.referenced.is_new && !action.not_valid &&
                                        !action.constraint_of_column);
        break;
    case ActionKind::validate_constraint:
        lock(LockMode::share_update_exclusive);
        effect.scans = true;
        break;
    case ActionKind::attach_partition:
        lock(LockMode::share_update_exclusive);
        if (world.is_proven(action.partition, action.condition))
            effect_on(studied, action.partition).scans = false;
        if (action.referenced.id != 0 && world.is_proven(action.referenced, action.default_text))
            effect_on(studied, action.referenced).scans = false;
        break;
    case ActionKind::create_index:
        lock(action.concurrently ? LockMode::share_update_exclusive : LockMode::share);
        effect.builds = true;
        break;
    default:
        lock(studied.statement.tag == "ALTER TABLE" ? LockMode::access_exclusive
                                                    : LockMode::row_exclusive);
    }
}

// The table at the other end of a new one's foreign key gets triggers.
void Student::foresee_reference(StudiedStatement &studied, const Action &action)
{
    if (action.kind != ActionKind::add_foreign_key || action.referenced.id == 0 ||
        action.referenced.is_new)
        return;
    Effect &effect = effect_on(studied, action.referenced);
    effect.lock = std::max(effect.lock, LockMode::share_row_exclusive);
}

bool has_effect_on(const StudiedStatement &studied, const Relation &relation)
{
    return std::any_of(studied.effects.begin(), studied.effects.end(),
                       [&](const Effect &effect) { return effect.relation.id == relation.id; });
}

void Student::foresee_after_others(StudiedStatement &studied)
{
    for (const Action &action : studied.actions) {
        foresee_reference(studied, action);
        if (action.relation.id == 0 || action.relation.is_new)
            continue;
        const bool moved = action.relation.is_renamed && !has_effect_on(studied, action.relation);
        const bool later = action.kind == ActionKind::set_not_null ||
                           action.kind == ActionKind::add_foreign_key ||
                           action.kind == ActionKind::attach_partition ||
                           (action.kind == ActionKind::validate_constraint &&
                            prospect_.world.is_unproven_constraint(action.relation, action.name));
        if (later || moved)
            foresee_action(studied, action);
    }
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
                ? foretold_
                : pg::foretell("ALTER TABLE " + action.relation.qualified + " " + action.text);
        for (const pg::RelationWork &work : alone.work) {
            action.rewrites = action.rewrites || work.rewrites;
            action.scans = action.scans || work.scans;
        }
    }
}

// What each of the tables of a DROP reaches by itself.
void Student::judge_drops(StudiedStatement &studied)
{
    for (Action &action : studied.actions) {
        if (action.kind != ActionKind::drop_table || !action.cascade || action.relation.id == 0 ||
            studied.actions.size() < 2)
            continue;
        const pg::Foretold alone =
            pg::foretell("DROP TABLE " + action.relation.qualified + " CASCADE");
        for (const pg::RelationLock &lock : alone.locks)
            action.reaches.push_back(lock.relation);
    }
}

// Of EXECUTE, what was prepared under its name.
void Student::read_actions(StudiedStatement &studied)
{
    text_ = studied.statement.text;
    studied.actions = pg::actions_of(text_, prospect_.names);
    if (studied.actions.size() != 1)
        return;
    const Action only = studied.actions.front();
    if (only.kind == ActionKind::prepare)
        prepared_[only.name] = only.text;
    const auto prepared = prepared_.find(only.name);
    if (only.kind != ActionKind::execute || prepared == prepared_.end())
        return;
    text_ = prepared->second;
    studied.actions = pg::actions_of(text_, prospect_.names);
    for (Action &action : studied.actions)
        action.enclosed = true;
}

// As the statement will find things.
void Student::read(StudiedStatement &studied)
{
    const pg::NamesInForce as_then(prospect_.names);
    read_actions(studied);
    prospect_.world.settle(studied.actions);
    prospect_.doubts.settle(studied.actions);
    foresee(studied);
    foresee_after_others(studied);
    judge_commands(studied);
    judge_drops(studied);
    name_unknown(studied);
    weigh(studied, text_, foretold_);
}

bool may_make_anything(const StudiedStatement &studied)
{
    static constexpr ActionKind kinds[] = {ActionKind::call,          ActionKind::select,
                                           ActionKind::execute,       ActionKind::create_extension,
                                           ActionKind::create_schema, ActionKind::other};
    return std::any_of(studied.actions.begin(), studied.actions.end(), [](const Action &action) {
        return std::find(std::begin(kinds), std::end(kinds), action.kind) != std::end(kinds);
    });
}

StudiedStatement Student::look_at(const NumberedStatement &numbered)
{
    StudiedStatement studied;
    studied.number = numbered.number;
    studied.statement = numbered.statement;
    read(studied);
    if (pg::follow(studied.actions, prospect_.names))
        known_.clear();
    prospect_.world.learn(studied.actions);
    prospect_.doubts.learn(studied.statement, studied.actions);
    prospect_.is_open = prospect_.is_open || may_make_anything(studied);
    return studied;
}

void set_search_path(Prospect &prospect)
{
    prospect.world.set_search_path(pg::schemas_in_path(prospect.world.new_schemas()));
}

// Names in the statements behind it mean what they will mean then.
void follow_search_path(const StudiedStatement &studied, Prospect &prospect)
{
    for (const Action &action : studied.actions) {
        if (action.kind == ActionKind::set_setting && action.name == "search_path")
            pg::set_for_now(action.name, action.value);
        else if (action.kind != ActionKind::create_schema)
            continue;
        set_search_path(prospect);
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

Study study(const std::vector<NumberedStatement> &statements, Prospect &prospect,
            const std::function<void(const StudiedStatement &)> &each)
{
    Study result;
    result.options = study_options();
    Student student(prospect);
    pg::with_settings_restored([&] {
        set_search_path(prospect);
        for (const NumberedStatement &numbered : statements) {
            result.statements.push_back(student.look_at(numbered));
            if (each)
                each(result.statements.back());
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
