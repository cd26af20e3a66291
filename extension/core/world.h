// What the catalogs will say when a statement's turn comes: what they say now, and what the statements before
// it will have done.  Only as much as rules, effects and rewriting ask for.  Names of what the catalogs have are
// followed where they are looked up (pg/names_to_come.h); what they do not have yet is known here.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/action.h"

namespace migrate {

class World
{
public:
    // Where names without a schema are looked up, quoted; a new relation goes into the first.
    explicit World(std::vector<std::string> search_path = {"public"})
        : search_path_(std::move(search_path))
    {
    }
    void set_search_path(std::vector<std::string> schemas) { search_path_ = std::move(schemas); }
    // Schemas that were made before, quoted.
    const std::set<std::string> &new_schemas() const { return schemas_; }

    // Marks what was made before, and takes back "already so" where that is only so in the catalogs of now.
    void settle(std::vector<Action> &actions) const;

    // The statement has been run.
    void learn(const std::vector<Action> &actions);

    // A column that a statement before added, and that the catalogs do not have.
    bool has_new_column(const Relation &relation, const std::string &column) const;
    // NOT NULL of it needs no scan: a statement before proved it.
    bool is_proven_not_null(const Relation &relation, const std::string &column) const;
    // All rows meet it: a statement before proved just that.
    bool is_proven(const Relation &relation, const std::string &condition) const;
    // A constraint that a statement before added NOT VALID.
    bool is_unproven_constraint(const Relation &relation, const std::string &constraint) const;
    // A function that a statement before made, and of which nobody knows what it does.
    bool is_new_code(const std::string &function) const;

private:
    struct Changes
    {
        std::set<std::string> columns, dropped_columns;
        std::set<std::string> not_null_columns, nullable_columns;
        std::set<std::string> constraints, dropped_constraints;
        std::set<std::string> not_valid;           // constraints
        std::map<std::string, std::string> checks; // constraint: the column that it proves not null
        std::map<std::string, std::string> conditions; // constraint: what it checks, as written
        std::set<std::string> proven;                  // constraints that prove something
        std::map<std::string, std::string> types; // of columns that have another one than before
    };

    // "#oid" of what the catalogs have, "schema.name" of what they do not.
    std::string key_of(const Relation &relation) const;
    // What an action's `name` is a name of, if that is no relation and none of its parts: "type ".
    static std::string class_of_object(const Action &action);
    static bool makes_relation(ActionKind kind);
    std::string new_key(const std::string &name) const;
    const Changes *changes_of(const Relation &relation) const;
    void settle(Relation &relation) const;
    void settle_object(Action &action) const;
    void settle_state(Action &action) const;
    bool keeps_proof(const std::vector<Action> &statement, const Action &action) const;
    void settle_types(Action &action, const std::vector<Action> &actions) const;
    std::string type_of(const Relation &relation, const std::string &column,
                        const std::string &before, const std::vector<Action> &actions) const;
    void learn_one(const Action &action);
    void learn_column(const Action &action);
    void learn_part(const Action &action, const std::string &name, RelationKind kind);
    void learn_constraint(const Action &action);
    void learn_relation(const Action &action);
    void learn_object(const Action &action);
    void move(const Action &action, const std::string &to);

    std::vector<std::string> search_path_;
    std::set<std::string> schemas_;
    std::map<std::string, Relation> made_;   // by key
    std::map<std::string, Relation> moved_;  // of the catalogs, into a schema that they do not have
    std::map<std::string, Changes> changes_; // by key
    std::set<std::string> objects_;          // types and functions: "type public.mood"
    std::set<std::string> code_;             // functions that are not immutable: "public.f"
};

} // namespace migrate
