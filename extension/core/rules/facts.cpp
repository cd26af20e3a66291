// SPDX-License-Identifier: PostgreSQL
#include "core/rules/facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/identifier.h"

namespace migrate::rules {

bool in_use(const Relation &relation)
{
    return relation.id != 0 && !relation.is_new && !relation.is_temporary;
}

bool same_relation(const Relation &one, const Relation &other)
{
    return one.id != 0 && other.id != 0 ? one.id == other.id : one.name == other.name;
}

bool has_any(const std::vector<Action> &actions, std::initializer_list<ActionKind> kinds)
{
    return std::any_of(actions.begin(), actions.end(), [&](const Action &action) {
        return std::find(kinds.begin(), kinds.end(), action.kind) != kinds.end();
    });
}

const Action *column_before(const Place &place)
{
    const std::vector<Action> &actions = place.statement.actions;
    const Action *column = nullptr;
    for (const Action &action : actions) {
        if (&action == &place.action)
            break;
        if (action.kind == ActionKind::add_column)
            column = &action;
    }
    return place.action.constraint_of_column ? column : nullptr;
}

namespace {

using enum ActionKind;

// Commands that may write a relation anew.
constexpr std::initializer_list<ActionKind> rewriting = {
    add_column,     add_identity,      alter_type,    set_persistence,
    set_tablespace, set_access_method, set_expression};

bool rewrites_for_certain(const Action &action)
{
    return action.default_kind == DefaultKind::volatile_ || action.stored || action.identity ||
           action.serial || action.kind == add_identity;
}

} // namespace

bool rewrites(const Place &place)
{
    const std::vector<Action> &actions = place.statement.actions;
    const bool known = std::any_of(actions.begin(), actions.end(),
                                   [](const Action &action) { return action.rewrites; });
    const bool rewritten =
        std::any_of(place.statement.effects.begin(), place.statement.effects.end(),
                    [](const Effect &effect) { return effect.rewrites; });
    if (known || !rewritten)
        return place.action.rewrites && rewritten;
    const auto others = std::count_if(actions.begin(), actions.end(), [&](const Action &action) {
        return &action != &place.action &&
               std::find(rewriting.begin(), rewriting.end(), action.kind) != rewriting.end();
    });
    return others == 0 || rewrites_for_certain(place.action);
}

// ---- weights --------------------------------------------------------------------------------------

namespace {

bool works(const Effect &effect)
{
    return in_use(effect.relation) && (effect.scans || effect.rewrites || effect.builds);
}

} // namespace

const Effect *strongest_effect(const StudiedStatement &statement)
{
    const Effect *strongest = nullptr;
    const auto weight = [](const Effect &effect) {
        return std::pair(effect.lock, effect.relation.bytes);
    };
    for (const Effect &effect : statement.effects)
        if (in_use(effect.relation) && (!strongest || weight(effect) > weight(*strongest)))
            strongest = &effect;
    return strongest;
}

std::uint64_t bytes_of_work(const StudiedStatement &statement)
{
    std::uint64_t bytes = 0;
    for (const Effect &effect : statement.effects)
        if (works(effect))
            bytes += effect.relation.bytes;
    return bytes;
}

double seconds_of(const StudiedStatement &statement)
{
    double seconds = 0;
    for (const Effect &effect : statement.effects)
        seconds += effect.seconds;
    return std::max(seconds, statement.seconds);
}

double longest_hold(const StudyOptions &options)
{
    return options.max_lock_hold > 0 ? options.max_lock_hold : 1.0;
}

std::optional<Severity> severity_of_work(const Study &study, const StudiedStatement &statement)
{
    const Effect *const lock = strongest_effect(statement);
    if (!lock || !is_strong(lock->lock) || bytes_of_work(statement) <= study.options.small_table)
        return std::nullopt;
    if (statement.course != Course::as_written)
        return Severity::info;
    return seconds_of(statement) > longest_hold(study.options) ? Severity::error
                                                               : Severity::warning;
}

std::uint64_t bytes_of(const StudiedStatement &statement, const Relation &relation)
{
    std::uint64_t bytes = relation.bytes;
    if (relation.kind != RelationKind::partitioned_table)
        return bytes;
    for (const Effect &effect : statement.effects)
        if (effect.relation.is_partition && !same_relation(effect.relation, relation))
            bytes += effect.relation.bytes;
    return bytes;
}

bool is_bound_only(const Action &action)
{
    return action.has_condition && action.rows >= action.relation.rows;
}

// ---- findings -------------------------------------------------------------------------------------

Finding finding_of(std::string_view rule, Severity severity, const Place &place, Words words)
{
    Finding finding;
    finding.rule = rule;
    finding.severity = severity;
    finding.number = place.statement.number;
    finding.line = place.statement.statement.line;
    finding.relation = place.action.relation.name;
    finding.message = std::move(words.message);
    finding.why = std::move(words.why);
    finding.safe = std::move(words.safe);
    return finding;
}

void add_work(std::string_view rule, const Place &place, Words words, Findings &findings)
{
    const std::optional<Severity> severity = severity_of_work(place.study, place.statement);
    if (!severity)
        return;
    if (place.statement.course == Course::as_written)
        words.message += " blocks " + blocked_in_words(strongest_effect(place.statement)->lock) +
                         " for " + seconds_in_words(seconds_of(place.statement));
    else if (place.statement.course == Course::online)
        words.message += " is run online and blocks nobody";
    else
        words.message += " is run in batches and blocks nobody for long";
    const std::string facts = lock_in_words(place.statement);
    words.why = (place.statement.course == Course::as_written ? "" : "As written: ") + facts +
                (words.why.empty() ? "" : "  " + words.why);
    findings.push_back(finding_of(rule, *severity, place, std::move(words)));
}

void add_loss(std::string_view rule, const Place &place, Words words, Findings &findings)
{
    const Action &action = place.action;
    if (action.already_so || !in_use(action.relation))
        return;
    Relation lost = action.relation;
    lost.bytes = bytes_of(place.statement, lost);
    if (lost.bytes == 0)
        return;
    words.why = "Lost is data of " + relation_in_words(lost) + "." +
                (words.why.empty() ? "" : "  " + words.why);
    const Severity severity = place.study.options.is_up ? Severity::error : Severity::info;
    findings.push_back(finding_of(rule, severity, place, std::move(words)));
}

void add_break(std::string_view rule, const Place &place, Words words, Findings &findings)
{
    const Severity severity = place.study.options.is_up ? Severity::warning : Severity::info;
    findings.push_back(finding_of(rule, severity, place, std::move(words)));
}

// ---- words ----------------------------------------------------------------------------------------

void add_narrow_integers(std::string_view rule, const Study &study, std::string_view type,
                         std::string_view last, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::alter_type}, [&](const Place &at) {
        if (at.action.type == type)
            findings.push_back(
                finding_of(rule, Severity::warning, at,
                           {"column \"" + at.action.name + "\" of " + at.action.relation.name +
                                " is " + std::string(type),
                            "It ends at " + std::string(last) +
                                ", and a change to a wider type writes the table anew.",
                            quote_identifier(at.action.name) + " bigint"}));
    });
}

std::string size_in_words(std::uint64_t bytes)
{
    static constexpr std::array<std::string_view, 5> units = {"bytes", "kB", "MB", "GB", "TB"};
    double size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 1024 && unit + 1 < units.size()) {
        size /= 1024;
        unit++;
    }
    const bool tenth = unit >= 3 && size < 10;
    std::string text = std::to_string(std::llround(tenth ? size * 10 : size));
    if (tenth)
        text.insert(text.size() - 1, ".");
    return text + " " + std::string(units[unit]);
}

std::string seconds_in_words(double seconds)
{
    if (seconds < 1)
        return "under 1 s";
    if (seconds < 90)
        return "about " + std::to_string(std::llround(seconds)) + " s";
    if (seconds < 90 * 60)
        return "about " + std::to_string(std::llround(seconds / 60)) + " min";
    return "about " + std::to_string(std::llround(seconds / 3600)) + " h";
}

std::string relation_in_words(const Relation &relation)
{
    std::string text = relation.name;
    if (relation.bytes == 0)
        return text;
    text += " (" + size_in_words(relation.bytes);
    if (relation.rows >= 1)
        text += ", about " + std::to_string(std::llround(relation.rows)) + " rows";
    return text + ")";
}

std::string blocked_in_words(LockMode mode)
{
    return blocks_reads(mode) ? "reads and writes" : blocks_writes(mode) ? "writes" : "DDL";
}

std::string lock_in_words(const StudiedStatement &statement)
{
    const Effect *const effect = strongest_effect(statement);
    if (!effect || effect->lock == LockMode::none)
        return "It locks nothing that is in use.";
    Relation relation = effect->relation;
    relation.bytes = bytes_of(statement, relation);
    std::string text = "It holds " + std::string(name_of(effect->lock)) + " on " +
                       relation_in_words(relation) + " for " +
                       seconds_in_words(seconds_of(statement));
    const std::string blocked = blocked_by(effect->lock);
    return text + (blocked.empty() ? "." : ", which blocks " + blocked + ".");
}

std::string object_in_words(const Action &action)
{
    if (!action.relation.name.empty())
        return action.relation.name;
    return action.name.empty() ? "an object" : action.name;
}

std::string names_in_words(const std::vector<std::string> &names)
{
    std::string list;
    for (const std::string &name : names) {
        list += list.empty() ? "" : ", ";
        list += name.empty() ? "an expression" : "\"" + name + "\"";
    }
    return list;
}

} // namespace migrate::rules
