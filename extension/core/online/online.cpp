// SPDX-License-Identifier: PostgreSQL
#include "core/online/online.h"

#include <algorithm>

#include "core/identifier.h"

namespace migrate::online {

namespace {

std::vector<Command> commands_of(const StudiedStatement &statement)
{
    std::vector<Command> commands;
    for (const Action &action : statement.actions) {
        if (action.constraint_of_column && !commands.empty())
            commands.back().constraints.push_back(&action);
        else
            commands.push_back({action, {}});
    }
    return commands;
}

// What takes the command back, by itself.
std::vector<std::string> undo_of(const Action &action)
{
    switch (action.kind) {
    case ActionKind::add_column:
        return {alter(action, "DROP COLUMN IF EXISTS " + quote_identifier(action.name))};
    case ActionKind::set_not_null:
        return {alter(action, "ALTER COLUMN " + quote_identifier(action.name) + " DROP NOT NULL")};
    case ActionKind::attach_partition:
        return {}; // the last part
    default:
        return undo_of_constraint(action);
    }
}

// The commands in one statement again, with what comes before and after it.
std::vector<Part> assemble(const std::vector<Command> &commands, std::vector<Change> changes)
{
    std::vector<Part> parts, after;
    Part main;
    std::string text;
    std::vector<std::string> first;
    for (std::size_t i = 0; i < changes.size(); i++) {
        Change &change = changes[i];
        first.insert(first.end(), change.before_main.begin(), change.before_main.end());
        const std::string &own = change.changes ? change.instead : commands[i].action.text;
        std::move(change.before.begin(), change.before.end(), std::back_inserter(parts));
        std::move(change.after.begin(), change.after.end(), std::back_inserter(after));
        if (!own.empty())
            text += (text.empty() ? "" : ", ") + own;
        main.statements.insert(main.statements.end(), change.with_main.begin(),
                               change.with_main.end());
    }
    if (!text.empty())
        first.push_back(alter(commands.front().action, text));
    main.statements.insert(main.statements.begin(), first.begin(), first.end());
    main.undoable = commands.size() == 1;
    if (main.undoable)
        main.undo = undo_of(commands.front().action);
    if (!main.statements.empty())
        parts.push_back(std::move(main));
    std::move(after.begin(), after.end(), std::back_inserter(parts));
    return parts;
}

bool is_unnamed(const Action &action)
{
    return action.name.empty() && !action.chosen_name.empty();
}

// The name that the server would give it may not be the one that is known now.
bool has_doubtful_name(const StudiedStatement &statement)
{
    return std::any_of(
        statement.actions.begin(), statement.actions.end(),
        [](const Action &action) { return action.relation.doubts.names && is_unnamed(action); });
}

// It would read or write the table under the statement's lock all the same.
bool works_anyway(const Action &action)
{
    return action.rewrites || action.kind == ActionKind::add_exclusion;
}

// A key, or NOT NULL before 18, is made ready before the statement: of a column that this makes another one first.
bool needs_new_column(const StudiedStatement &statement, const Action &changing)
{
    if (changing.kind != ActionKind::alter_type && changing.kind != ActionKind::drop_column)
        return false;
    return std::any_of(
        statement.actions.begin(), statement.actions.end(), [&](const Action &action) {
            const bool key = action.kind == ActionKind::add_unique ||
                             action.kind == ActionKind::add_primary_key ||
                             action.kind == ActionKind::add_not_null;
            return (key && std::find(action.columns.begin(), action.columns.end(), changing.name) !=
                               action.columns.end()) ||
                   (action.kind == ActionKind::set_not_null && action.name == changing.name);
        });
}

// The commands do not fit together in any other way than as one statement.
bool belong_together(const Context &context, const std::vector<Command> &commands,
                     const std::vector<Change> &changes)
{
    for (std::size_t i = 0; i < commands.size(); i++)
        if ((!changes[i].changes && works_anyway(commands[i].action)) ||
            needs_new_column(context.statement, commands[i].action))
            return true;
    return has_doubtful_name(context.statement);
}

std::vector<Part> alter_table_parts(const Context &context)
{
    const std::vector<Command> commands = commands_of(context.statement);
    if (commands.empty() || commands.front().action.text.empty() ||
        commands.front().action.relation.id == 0)
        return {};
    if (commands.size() == 1 && commands[0].action.kind == ActionKind::detach_partition)
        return detach_parts(context, commands[0].action);
    std::vector<Change> changes;
    for (const Command &command : commands)
        changes.push_back(change_command(context, command));
    if (std::none_of(changes.begin(), changes.end(),
                     [](const Change &change) { return change.changes; }) ||
        belong_together(context, commands, changes))
        return {};
    return assemble(commands, std::move(changes));
}

} // namespace

bool Context::is_heavy(const Relation &relation) const
{
    if (relation.id == 0 || relation.is_new || relation.is_temporary || relation.doubts.target)
        return false;
    if (whatever_size)
        return true;
    // A partitioned table's work is that of its partitions.
    const bool whole = relation.kind == RelationKind::partitioned_table;
    return std::any_of(statement.effects.begin(), statement.effects.end(), [&](const Effect &e) {
        return is_strong(e.lock) && (e.scans || e.rewrites || e.builds) &&
               (whole || e.relation.id == relation.id || e.relation.is_partition) &&
               statement.work_bytes > small_table;
    });
}

bool Context::makes_primary_key_of(const std::string &column) const
{
    return std::any_of(
        statement.actions.begin(), statement.actions.end(), [&](const Action &action) {
            return action.kind == ActionKind::add_primary_key &&
                   std::find(action.nullable_columns.begin(), action.nullable_columns.end(),
                             column) != action.nullable_columns.end();
        });
}

bool Context::adds_one_of(const std::vector<std::string> &columns) const
{
    return std::any_of(
        statement.actions.begin(), statement.actions.end(), [&](const Action &action) {
            return action.kind == ActionKind::add_column &&
                   std::find(columns.begin(), columns.end(), action.name) != columns.end();
        });
}

bool Context::drops_constraint_of(const Relation &relation) const
{
    return std::any_of(statement.actions.begin(), statement.actions.end(),
                       [&](const Action &action) {
                           return action.relation.id == relation.id &&
                                  (action.kind == ActionKind::drop_constraint ||
                                   action.kind == ActionKind::drop_column);
                       });
}

// A table that an earlier statement moves has no free names to choose from yet.
bool lacks_name(const Action &action)
{
    switch (action.kind) {
    case ActionKind::add_check:
    case ActionKind::add_foreign_key:
    case ActionKind::add_unique:
    case ActionKind::add_primary_key:
    case ActionKind::add_not_null:
        return action.name.empty() && action.chosen_name.empty();
    default:
        return false;
    }
}

Change change_command(const Context &context, const Command &command)
{
    const Action &action = command.action;
    if (lacks_name(action))
        return {};
    switch (action.kind) {
    case ActionKind::add_check:
        return change_check(context, action);
    case ActionKind::add_foreign_key:
        return change_foreign_key(context, action);
    case ActionKind::add_unique:
    case ActionKind::add_primary_key:
        return change_key(context, action);
    case ActionKind::set_not_null:
    case ActionKind::add_not_null:
        return change_not_null(context, action);
    case ActionKind::add_column:
        return change_new_column(context, command);
    case ActionKind::attach_partition:
        return change_attach(context, action);
    default:
        return {};
    }
}

std::vector<Part> parts_of(const StudiedStatement &statement, const Facts &facts, Mode mode,
                           std::uint64_t small_table)
{
    if (mode == Mode::off || statement.actions.empty() || statement.refused)
        return {};
    const Context context{statement, facts, mode == Mode::always, small_table};
    switch (statement.actions.front().kind) {
    case ActionKind::create_index:
    case ActionKind::drop_index:
    case ActionKind::reindex:
        return index_parts(context);
    default:
        return statement.statement.tag == "ALTER TABLE" ? alter_table_parts(context)
                                                        : std::vector<Part>{};
    }
}

const std::string &sql_name(const Relation &relation)
{
    return relation.qualified.empty() ? relation.name : relation.qualified;
}

std::string alter(const Action &action, const std::string &command)
{
    return std::string("ALTER TABLE ") + (action.only ? "ONLY " : "") + sql_name(action.relation) +
           " " + command;
}

std::string name_of(const Action &action)
{
    return quote_identifier(action.name.empty() ? action.chosen_name : action.name);
}

std::string helper_name(const std::string &purpose, const Relation &relation,
                        const std::string &column)
{
    std::uint64_t hash = 14695981039346656037U; // FNV-1a
    for (const char c : sql_name(relation) + "." + column) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211U;
    }
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4)
        text += digits[(hash >> shift) & 15];
    return "migrate_" + purpose + "_" + text;
}

std::string bad_rows(const Context &context, const Relation &relation, const std::string &condition)
{
    const std::vector<std::string> keys = context.facts.key_columns(relation);
    return "SELECT " + (keys.empty() ? "ctid" : quote_identifiers(keys)) + " FROM " +
           sql_name(relation) + " WHERE " + condition;
}

std::vector<std::string> undo_of_constraint(const Action &action)
{
    std::vector<std::string> undo = {alter(action, "DROP CONSTRAINT IF EXISTS " + name_of(action))};
    for (const std::string &column : action.nullable_columns)
        undo.push_back(
            alter(action, "ALTER COLUMN " + quote_identifier(column) + " DROP NOT NULL"));
    return undo;
}

Part validate(const Action &action, const std::string &constraint, std::string rows)
{
    Part part;
    part.statements = {alter(action, "VALIDATE CONSTRAINT " + constraint)};
    part.bad_rows = std::move(rows);
    return part;
}

} // namespace migrate::online
