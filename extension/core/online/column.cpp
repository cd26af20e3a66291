// ADD COLUMN with a value of its own for each row: the column first, empty; the default for rows to come; the rows
// that are there in batches; then its constraints.
// SPDX-License-Identifier: PostgreSQL
#include "core/online/online.h"

#include <algorithm>

namespace migrate::online {

namespace {

Part fill(const Action &column, const std::string &value)
{
    Part part;
    part.in_batches = true;
    part.statements = {"UPDATE " + std::string(column.only ? "ONLY " : "") +
                       sql_name(column.relation) + " SET " + quote_identifier(column.name) + " = " +
                       value + " WHERE " + quote_identifier(column.name) + " IS NULL"};
    return part;
}

void append(std::vector<Part> &all, std::vector<Part> more)
{
    std::move(more.begin(), more.end(), std::back_inserter(all));
}

// The constraints behind the column, each in the way that one of the table would go.
void add_constraint(const Context &context, const Action &column, const Action &constraint,
                    Change &change)
{
    Action own = constraint;
    switch (constraint.kind) {
    case ActionKind::add_check: {
        own.text = "ADD CHECK (" + constraint.condition + ")" +
                   (constraint.no_inherit ? " NO INHERIT" : "");
        Change checked = change_check(context, own);
        change.instead += ", ADD CONSTRAINT " + name_of(own) + own.text.substr(3) +
                          (checked.changes ? " NOT VALID" : "");
        append(change.after, std::move(checked.after));
        break;
    }
    case ActionKind::add_foreign_key: {
        change.instead += ", ADD CONSTRAINT " + name_of(own) + " FOREIGN KEY (" +
                          quote_identifier(column.name) + ") " + constraint.definition +
                          (constraint.not_valid ? "" : " NOT VALID");
        own.text =
            "ADD FOREIGN KEY (" + quote_identifier(column.name) + ") " + constraint.definition;
        append(change.after, change_foreign_key(context, own).after);
        break;
    }
    default: // keys
        if (constraint.kind == ActionKind::add_primary_key && column.not_null)
            own.nullable_columns.clear(); // it was made NOT NULL before
        append(change.after, key_parts(context, own));
    }
}

bool takes_long(const Action &column, const std::vector<const Action *> &constraints)
{
    if (column.default_kind == DefaultKind::volatile_)
        return true;
    return std::any_of(constraints.begin(), constraints.end(), [&](const Action *one) {
        return one->kind != ActionKind::add_foreign_key || column.default_kind != DefaultKind::none;
    });
}

std::string value_of(const Action &column)
{
    return column.serial ? "nextval(" + column.sequence_literal + "::regclass)"
                         : column.default_text;
}

bool is_possible(const Context &context, const Command &command)
{
    const Action &column = command.action;
    if (column.already_so || column.stored || column.identity || column.definition.empty() ||
        !context.is_heavy(column.relation) || !takes_long(column, command.constraints))
        return false;
    if (column.default_kind == DefaultKind::volatile_ && column.default_text.empty() &&
        !column.serial)
        return false; // a domain's default
    // An UPDATE fires triggers, which the server's own rewriting does not.
    if (column.default_kind == DefaultKind::volatile_ &&
        (column.relation.doubts.watchers || context.facts.watches_updates(column.relation)))
        return false;
    if (column.domain) // its constraints are checked by writing the table anew
        return false;
    if (column.relation.has_children &&
        (column.only || context.facts.is_below(column.relation, column.name)))
        return false; // where it is there already, the server merges the two
    if (column.serial && (!column.owned || column.sequence.empty()))
        return false;
    if (column.default_kind == DefaultKind::volatile_ &&
        !context.facts.can_fill(column, value_of(column)))
        return false;
    return std::none_of(command.constraints.begin(), command.constraints.end(),
                        [&](const Action *one) {
                            const bool key = one->kind == ActionKind::add_unique ||
                                             one->kind == ActionKind::add_primary_key;
                            return one->kind == ActionKind::add_exclusion ||
                                   (column.relation.kind == RelationKind::partitioned_table &&
                                    (key || one->kind == ActionKind::add_foreign_key));
                        });
}

} // namespace

Change change_new_column(const Context &context, const Command &command)
{
    const Action &column = command.action;
    Change change;
    if (!is_possible(context, command))
        return change;
    change.changes = true;
    const bool fills = column.default_kind == DefaultKind::volatile_;
    const std::string value = value_of(column);
    change.instead =
        std::string("ADD COLUMN ") + (column.if_exists ? "IF NOT EXISTS " : "") +
        (column.serial ? quote_identifier(column.name) + " " + column.type : column.definition);
    if (fills)
        change.instead +=
            ", ALTER COLUMN " + quote_identifier(column.name) + " SET DEFAULT " + value;
    else if (!column.default_text.empty())
        change.instead += " DEFAULT " + column.default_text + (column.not_null ? " NOT NULL" : "");
    if (column.serial) {
        change.before_main = {"CREATE SEQUENCE " + column.sequence + " AS " + column.type};
        change.with_main = {"ALTER SEQUENCE " + column.sequence + " OWNED BY " +
                            sql_name(column.relation) + "." + quote_identifier(column.name)};
    }
    if (fills) {
        change.after.push_back(fill(column, value));
        if (column.not_null)
            append(change.after, not_null_parts(context, column, column.name));
    }
    for (const Action *constraint : command.constraints)
        add_constraint(context, column, *constraint, change);
    return change;
}

} // namespace migrate::online
