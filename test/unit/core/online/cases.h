// Statements put together by hand, for the tests of rewriting: what the server would have told of them.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/online/online.h"

#include <gtest/gtest.h>

#include <functional>

namespace migrate::online {

using enum ActionKind;
using Texts = std::vector<std::string>;

constexpr std::uint64_t small_table = 1024 * 1024;

inline Relation table(const std::string &name = "orders")
{
    Relation relation;
    relation.id = static_cast<std::uint32_t>(16384 + std::hash<std::string>{}(name) % 1000000);
    relation.name = name;
    relation.qualified = "public." + name;
    relation.kind = RelationKind::table;
    relation.bytes = 2000 * small_table;
    return relation;
}

inline Relation partitioned()
{
    Relation relation = table();
    relation.kind = RelationKind::partitioned_table;
    relation.bytes = 0;
    return relation;
}

inline Relation index()
{
    Relation relation = table("by_day");
    relation.kind = RelationKind::index;
    return relation;
}

inline Action of(ActionKind kind, const std::string &text, const Relation &relation = table())
{
    Action action;
    action.kind = kind;
    action.relation = relation;
    action.text = text;
    action.schema = "public";
    return action;
}

// Reads all of its relation under a lock that stops writes.
inline StudiedStatement heavy(const std::string &tag, std::vector<Action> actions)
{
    StudiedStatement statement;
    statement.statement.tag = tag;
    Effect effect;
    effect.relation = actions.front().relation;
    effect.lock = LockMode::access_exclusive;
    effect.scans = true;
    statement.effects = {effect};
    statement.work_bytes = statement.relation_bytes = 2000 * small_table;
    statement.actions = std::move(actions);
    return statement;
}

inline StudiedStatement alter_table(std::vector<Action> actions)
{
    return heavy("ALTER TABLE", std::move(actions));
}

inline Facts facts(bool constraints_of_18 = false)
{
    Facts facts;
    facts.not_null_constraints = facts.partitioned_foreign_keys = constraints_of_18;
    facts.key_columns = [](const Relation &) { return Texts{"id"}; };
    facts.watches_updates = [](const Relation &) { return false; };
    facts.bound_of = [](const Relation &) { return std::string("FOR VALUES IN (1)"); };
    facts.can_fill = [](const Action &, const std::string &) { return true; };
    facts.is_below = [](const Relation &, const std::string &) { return false; };
    facts.attach_preparations = [](const Action &) { return std::vector<Part>(); };
    facts.leaves = [](const Action &) {
        return std::vector<Facts::Leaf>{{table("orders_1"), "public", "orders_1_key"},
                                        {table("orders_2"), "parts", "orders_2_key"}};
    };
    return facts;
}

inline std::vector<Part> parts(const StudiedStatement &statement, Mode mode = Mode::automatic,
                               const Facts &known = facts())
{
    return parts_of(statement, known, mode, small_table);
}

// The statements of all parts, those of one part with " | " between them.
inline Texts texts(const std::vector<Part> &all)
{
    Texts found;
    for (const Part &part : all) {
        std::string text = part.in_batches ? "in batches: " : "";
        for (const std::string &statement : part.statements)
            text += (&statement == &part.statements.front() ? "" : " | ") + statement;
        found.push_back(text);
    }
    return found;
}

inline Texts runs(const StudiedStatement &statement, Mode mode = Mode::automatic,
                  const Facts &known = facts())
{
    return texts(parts(statement, mode, known));
}

inline Action create_index_on(const Relation &relation = table())
{
    Action action = of(create_index, "", relation);
    action.definition = "CREATE INDEX CONCURRENTLY by_day ON orders (day)";
    action.name = "by_day";
    action.columns = {"day"};
    return action;
}

inline Action check()
{
    Action action = of(add_check, "ADD CONSTRAINT positive CHECK (total > 0)");
    action.name = "positive";
    action.condition = "total > 0";
    return action;
}

inline Action foreign_key(const Relation &relation = table())
{
    Action action =
        of(add_foreign_key, "ADD FOREIGN KEY (customer) REFERENCES customers", relation);
    action.chosen_name = "orders_customer_fkey";
    action.columns = {"customer"};
    action.referenced = table("customers");
    action.referenced_columns = {"id"};
    action.definition = "REFERENCES customers";
    return action;
}

inline Action set_not_null_of(const std::string &column)
{
    Action action = of(set_not_null, "ALTER COLUMN " + column + " SET NOT NULL");
    action.name = column;
    action.chosen_name = "orders_" + column + "_not_null";
    return action;
}

inline Action key(ActionKind kind = add_unique, const Relation &relation = table())
{
    const bool primary = kind == add_primary_key;
    Action action = of(kind, primary ? "ADD PRIMARY KEY (code)" : "ADD UNIQUE (code)", relation);
    action.chosen_name = primary ? "orders_pkey" : "orders_code_key";
    action.columns = {"code"};
    action.definition = "(code)";
    action.unique = true;
    return action;
}

inline Action column(const std::string &definition)
{
    Action action = of(add_column, "ADD COLUMN " + definition);
    action.name = definition.substr(0, definition.find(' '));
    action.definition = definition;
    return action;
}

inline Action volatile_column()
{
    Action action = column("token uuid");
    action.default_kind = DefaultKind::volatile_;
    action.default_text = "gen_random_uuid()";
    return action;
}

} // namespace migrate::online
