// NOT NULL: proven by a CHECK that is validated beside the application's writes.  From 18 on the constraint
// itself can be NOT VALID.
// SPDX-License-Identifier: PostgreSQL
#include "core/online/online.h"

namespace migrate::online {

namespace {

std::string nulls(const Context &context, const Action &action, const std::string &column)
{
    return bad_rows(context, action.relation, quote_identifier(column) + " IS NULL");
}

std::vector<Part> proof_parts(const Context &context, const Action &action,
                              const std::string &column, const std::string &helper)
{
    Part add;
    add.statements = {alter(action, "ADD CONSTRAINT " + helper + " CHECK (" +
                                        quote_identifier(column) + " IS NOT NULL) NOT VALID")};
    add.undo = {alter(action, "DROP CONSTRAINT IF EXISTS " + helper)};
    Part proof = validate(action, helper, nulls(context, action, column));
    proof.failure = "23502 column \"" + column + "\" of relation \"" +
                    bare_name(action.relation.name) + "\" contains null values";
    return {add, proof};
}

std::string constraint_name(const Action &action)
{
    return quote_identifier(action.chosen_name);
}

// ONLY this one of a family: a CHECK cannot be added so.
bool stays_behind(const Action &action)
{
    return action.only && action.relation.has_children;
}

} // namespace

std::vector<Part> not_null_parts(const Context &context, const Action &action,
                                 const std::string &column)
{
    const std::string helper = helper_name("not_null", action.relation, column);
    std::vector<Part> parts = proof_parts(context, action, column, helper);
    Part last;
    last.statements = {alter(action, "ALTER COLUMN " + quote_identifier(column) + " SET NOT NULL"),
                       alter(action, "DROP CONSTRAINT " + helper)};
    last.undo = {alter(action, "ALTER COLUMN " + quote_identifier(column) + " DROP NOT NULL")};
    parts.push_back(last);
    return parts;
}

Change change_not_null(const Context &context, const Action &action)
{
    Change change;
    if (action.already_so || action.proven || action.not_valid || action.composite ||
        stays_behind(action) || !context.is_heavy(action.relation))
        return change;
    change.changes = true;
    if (action.kind == ActionKind::set_not_null && context.makes_primary_key_of(action.name))
        return change; // the key's own parts do it
    if (action.kind == ActionKind::add_not_null) {
        change.instead = action.text + " NOT VALID";
        if (action.name.empty())
            change.instead =
                "ADD CONSTRAINT " + name_of(action) + action.text.substr(3) + " NOT VALID";
        change.after = {
            validate(action, name_of(action), nulls(context, action, action.columns.front()))};
        return change;
    }
    // Without a name that is known the server has to give it: to what it makes of the proof.
    if (context.facts.not_null_constraints && !action.chosen_name.empty()) {
        const std::string name = constraint_name(action);
        change.instead =
            "ADD CONSTRAINT " + name + " NOT NULL " + quote_identifier(action.name) + " NOT VALID";
        change.after = {validate(action, name, nulls(context, action, action.name))};
        return change;
    }
    const std::string helper = helper_name("not_null", action.relation, action.name);
    change.before = proof_parts(context, action, action.name, helper);
    change.instead = action.text;
    change.with_main = {alter(action, "DROP CONSTRAINT " + helper)};
    return change;
}

} // namespace migrate::online
