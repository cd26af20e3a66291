// Partitions as the server goes through them when it makes an index, a key or a foreign key for all of them: in the
// order of their bounds, taking over what is there already, and naming what it makes; and what inherits.  Takes no
// lock.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "pg/catalog.h"
#include "pg/names_to_come.h"

namespace migrate::pg {

// Direct partitions, in the order of their bounds.
// REQUIRES: a transaction.
std::vector<ObjectId> partitions_of(ObjectId parent);

// The relation with all that inherit from it, and their partitions, at any depth.
std::vector<ObjectId> family_of(ObjectId relation);

// The same as the text of an oid[] value.
std::string family_text(ObjectId relation);

struct IndexMatch
{
    ObjectId index;
    bool valid;
};

// What the server takes for the parent's index there, first choice first: indexes of the partition that belong to no
// other, and have a constraint if the parent's has one.
std::vector<IndexMatch> matches_of(ObjectId parent_index, ObjectId partition);

// The partitioned table's indexes that have no match on the partition: they are built when it is attached.
std::vector<ObjectId> missing_indexes(ObjectId parent, ObjectId partition);

// The name that the server gives to an index of these columns; `label` is "idx", "key" or "pkey".  `names`: what
// statements before will have made or dropped; the new one is added.
std::string index_name_on(ObjectId relation, const std::vector<std::string> &columns,
                          const char *label, NamesToCome &names);

// The name that a partition's part of a foreign key of this name gets.
std::string foreign_key_name_on(ObjectId relation, const std::string &name,
                                const std::vector<std::string> &columns, NamesToCome &names);

// Letters of pg_constraint.
struct ForeignKeyRules
{
    char on_update, on_delete, match;
};

// Of a command of ALTER TABLE that adds a foreign key.
ForeignKeyRules foreign_key_rules(const std::string &command);

} // namespace migrate::pg
