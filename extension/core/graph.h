// The graph that "requires" makes of migrations.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <set>
#include <string>
#include <vector>

namespace migrate {

struct Node
{
    std::string name;
    std::vector<std::string>
        requires_names; // exact names, or unambiguous short forms (abbreviates)
};

// What has to run, in the order to run it: `wanted` and everything they require, directly or not,
// that is not in `done`; requirements first, otherwise by compare_names.
// Throws: Error 55000 with the cycle printed ("a requires b requires a") and the hint to remove one
// of the requirements; Error 42704 for a required name that no node has (names who requires it; the
// hint names the nearest existing name if one is close); 42704 for a short form that fits several.
std::vector<std::string> execution_order(const std::vector<Node> &nodes,
                                         const std::vector<std::string> &wanted,
                                         const std::set<std::string> &done);

// The nodes that require `name`, directly or not, sorted by compare_names; itself not included.
std::vector<std::string> dependents(const std::vector<Node> &nodes, const std::string &name);

} // namespace migrate
