// CASCADE drops what depends on the object, and the script doesn't show what that is.  The server does: each relation
// that loses something is locked.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>

namespace migrate::rules {

namespace {

bool is_named(const StudiedStatement &statement, const Relation &relation)
{
    return std::any_of(
        statement.actions.begin(), statement.actions.end(),
        [&](const Action &action) { return same_relation(action.relation, relation); });
}

bool is_view(const Relation &relation)
{
    return relation.kind == RelationKind::view || relation.kind == RelationKind::materialized_view;
}

// A column's own table is changed by DROP COLUMN anyway; indexes and sequences go with their tables.
bool is_hit(const StudiedStatement &statement, const Effect &effect)
{
    const RelationKind kind = effect.relation.kind;
    return in_use(effect.relation) && effect.lock == LockMode::access_exclusive &&
           !effect.relation.is_partition && !is_named(statement, effect.relation) &&
           (kind == RelationKind::table || kind == RelationKind::partitioned_table ||
            is_view(effect.relation));
}

// Of several tables in one statement each has its own.
bool is_reached(const Action &action, const Relation &relation)
{
    return action.reaches.empty() || std::find(action.reaches.begin(), action.reaches.end(),
                                               relation.id) != action.reaches.end();
}

// Columns of these types go with them; of other objects only defaults, triggers, constraints, views.
bool takes_columns(const Action &action)
{
    return action.kind == ActionKind::drop_other &&
           (action.object_type == "type" || action.object_type == "domain" ||
            action.object_type == "extension");
}

// A table that goes with its columns and constraints locks the tables at the other ends of its foreign keys, and
// those that it references lose nothing; a view that is locked is dropped.
bool is_loss(const Place &at, const Relation &relation)
{
    return at.action.kind == ActionKind::drop_other || is_view(relation);
}

void look_at(const Place &at, Findings &findings)
{
    std::string hit;
    bool data = false, loss = false;
    for (const Effect &effect : at.statement.effects) {
        if (!is_hit(at.statement, effect) || !is_reached(at.action, effect.relation))
            continue;
        hit += (hit.empty() ? "" : ", ") + relation_in_words(effect.relation);
        data |= takes_columns(at.action) && effect.relation.bytes > 0;
        loss |= is_loss(at, effect.relation);
    }
    if (hit.empty())
        return;
    const Severity severity = !at.study.options.is_up || !loss ? Severity::info
                              : data                           ? Severity::error
                                                               : Severity::warning;
    const bool part =
        at.action.kind == ActionKind::drop_column || at.action.kind == ActionKind::drop_constraint;
    const std::string object = part ? "\"" + at.action.name + "\" of " + at.action.relation.name
                                    : object_in_words(at.action);
    findings.push_back(finding_of(
        "drop-cascade", severity, at,
        {"dropping " + object + (loss ? " with CASCADE changes" : " with CASCADE may change") +
             " relations that the script does not name: " + hit,
         data ? "Columns that depend on it are dropped with their values."
              : "Whatever of them depends on it is dropped as well: views, defaults, constraints, "
                "triggers.",
         "Drop or change what depends on it by name, and leave CASCADE out."}));
}

} // namespace

void drop_cascade(const Study &study, Findings &findings)
{
    for_each_action(study,
                    {ActionKind::drop_table, ActionKind::drop_column, ActionKind::drop_constraint,
                     ActionKind::drop_other},
                    [&](const Place &at) {
                        const bool schema = at.action.kind == ActionKind::drop_other &&
                                            at.action.object_type == "schema";
                        if (at.action.cascade && !at.action.already_so && !schema)
                            look_at(at, findings);
                    });
}

} // namespace migrate::rules
