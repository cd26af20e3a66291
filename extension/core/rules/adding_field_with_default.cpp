// A new column is free if it is NULL or the same for all rows, now() included.  A value for each row (a volatile
// default, GENERATED ... STORED, an identity, a serial) writes the table anew under ACCESS EXCLUSIVE.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"
#include "core/rules/remedy.h"

namespace migrate::rules {

namespace {

std::string reason_of(const Action &action)
{
    if (action.stored)
        return "A stored generated column has to be computed for each row.";
    if (action.identity || action.serial)
        return "Each row gets a number of its own.";
    if (action.default_kind == DefaultKind::volatile_)
        return "Its default is computed anew for each row.";
    return "Its type has constraints, which have to be checked for each row.";
}

std::string safe_way(const Action &action)
{
    const std::string column = quote_identifier(action.name);
    if (action.stored || action.default_kind != DefaultKind::volatile_)
        return "Add the column without it, keep it filled by a trigger or a default for new rows, "
               "and "
               "fill the rows that are there in batches.";
    std::string sql =
        alter_table(action.relation, "ADD COLUMN " + column + " " + action.type) + "\n" +
        alter_table(action.relation,
                    "ALTER COLUMN " + column + " SET DEFAULT " + action.default_text) +
        "\n-- migrate:backfill\nUPDATE " + action.relation.name + " SET " + column + " = " +
        action.default_text + " WHERE " + column + " IS NULL;";
    if (action.not_null)
        sql += "\n" + not_null_by_check(action.relation, action.name);
    return sql;
}

} // namespace

void adding_field_with_default(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_column, ActionKind::add_identity},
                    [&](const Place &at) {
                        const Action &action = at.action;
                        if (!rewrites(at) || action.already_so || !in_use(action.relation) ||
                            (action.primary_key && (action.serial || action.identity)))
                            return;
                        add_work("adding-field-with-default", at,
                                 {"writing " + action.relation.name + " anew for column \"" +
                                      action.name + "\"",
                                  reason_of(action), safe_way(action)},
                                 findings);
                    });
}

} // namespace migrate::rules
