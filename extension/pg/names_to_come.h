// What names will mean when a statement's turn comes, where that differs from what the catalogs say now: the
// statements before it rename, move, drop and make things.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "core/action.h"
#include "pg/catalog.h"

namespace migrate::pg {

// Plain, so that it can be read where no destructor may run.
struct NameToCome
{
    ObjectId schema;
    char name[64];
    ObjectId relation; // of the catalogs, that has the name then; 0: none of them
};

struct FunctionToCome
{
    char name[64];
    DefaultKind volatility;
};

struct NamesToCome
{
    std::vector<NameToCome> relations;
    std::vector<FunctionToCome> functions; // that will have been made, or made anew
    // Names of relations and constraints that will have been made, qualified by their schema's oid
    // ("2200.users_pkey"); and those of constraints that will be gone.
    std::set<std::string> taken, freed;
};

// A statement that does this has been run.  True if that changes what names mean.
// REQUIRES: a transaction, and that the catalogs do not show it yet.
bool follow(const std::vector<migrate::Action> &actions, NamesToCome &names);

// While it lives, names are looked up as they will be: by foretell(), actions_of() and describe_relation().
// REQUIRES: `relations` and `functions` of `names` stay as they are until then.
class NamesInForce
{
public:
    explicit NamesInForce(const NamesToCome &names);
    ~NamesInForce();
    NamesInForce(const NamesInForce &) = delete;
    NamesInForce &operator=(const NamesInForce &) = delete;

private:
    const NamesToCome *outer_;
};

} // namespace migrate::pg
