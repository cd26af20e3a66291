// What the catalogs will say when a statement's turn comes: what they say now, and what the statements before
// it will have done.  Only as much as rules, effects and rewriting ask for.
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
    // Where a table without a schema goes, quoted.
    explicit World(std::string default_schema = "public")
        : default_schema_(std::move(default_schema))
    {
    }
    void set_default_schema(const std::string &schema) { default_schema_ = schema; }

    // Marks relations that were made before, and takes what was renamed for what it is.
    void settle(std::vector<Action> &actions) const;

    // The statement has been run.
    void learn(const std::vector<Action> &actions);

    // A column that a statement before added, and that the catalogs do not have.
    bool has_new_column(const Relation &relation, const std::string &column) const;
    // NOT NULL of it needs no scan: a statement before proved it.
    bool is_proven_not_null(const Relation &relation, const std::string &column) const;
    // A constraint that a statement before added NOT VALID.
    bool is_unproven_constraint(const Relation &relation, const std::string &constraint) const;

private:
    std::string key_of(const Relation &relation) const;
    void settle(Relation &relation) const;
    void learn(const Action &action);
    void forget(const Relation &relation);

    struct Changes
    {
        std::set<std::string> columns, not_null_columns;
        std::set<std::string> not_valid;           // constraints
        std::map<std::string, std::string> checks; // constraint: the column that it proves not null
        std::set<std::string> proven;              // constraints that prove something
    };
    std::string default_schema_;
    std::map<std::string, Relation> made_;    // by key
    std::map<std::string, Relation> renamed_; // by the new key
    std::map<std::string, Changes> changes_;  // by key
    std::set<std::uint32_t> gone_;            // that no longer have the name the catalogs know
};

} // namespace migrate
