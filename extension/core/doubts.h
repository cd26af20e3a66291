// Where looking ahead cannot follow a script: what a statement before did makes it uncertain what a later one will meet.
// Such a statement is run as it is written.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/action.h"
#include "core/script.h"

namespace migrate {

class DoubtsOfScript
{
public:
    // Marks the relations that the actions name.
    void settle(std::vector<Action> &actions) const;

    // The statement has been run.
    void learn(const Statement &statement, const std::vector<Action> &actions);

private:
    void settle(Relation &relation, bool unqualified) const;
    bool is_hidden(const Relation &relation) const;
    void learn_path(const Statement &statement, const Action &action);
    void learn_names(const Action &action);
    void learn_relation(const Action &action);

    bool sets_path_ = false; // or the role, which "$user" follows
    bool path_lost_ = false; // names without a schema may mean anything
    bool names_lost_ = false;
    bool partitions_named_ = false; // indexes and keys of partitions, by way of their parent
    bool partitions_moved_ = false;
    std::set<std::pair<std::string, std::uint32_t>> named_; // made or moved: bare name, oid or 0
    std::set<std::uint32_t> freed_, changed_, watched_;     // relations
};

} // namespace migrate
