// What a statement does, read off its parse tree, with what the catalogs know of what it names.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <set>
#include <string>
#include <vector>

#include "core/action.h"
#include "pg/catalog.h"
#include "pg/names_to_come.h"

namespace migrate::pg {

// The actions of one statement, in the order of its text.  Names mean what they mean in this session; what is
// not there is described by its name alone.  `names`: what statements before it do to names; those of
// constraints and indexes that this one makes are added.  Takes no lock but on catalogs and changes nothing.
// A text that does not parse has no actions.
// REQUIRES: a transaction.
std::vector<migrate::Action> actions_of(const std::string &statement, NamesToCome &names);

// A relation as the catalogs and the file system know it; without a name if it is gone.
// REQUIRES: a transaction.
migrate::Relation describe_relation(ObjectId relation);

// Where names without a schema are looked up, in order, each quoted: the schemas of the search_path that are there,
// or that `made` holds (quoted).  A new table goes into the first.
std::vector<std::string> schemas_in_path(const std::set<std::string> &made);

} // namespace migrate::pg
