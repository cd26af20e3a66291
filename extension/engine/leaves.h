// What the partitions of a table have already of a key or foreign key that is to be added to all of them: the server
// takes that over instead of adding another.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <vector>

#include "core/online/online.h"
#include "pg/names_to_come.h"

namespace migrate {

// A foreign key; its columns by name.
struct ForeignKeyLike
{
    std::string referenced; // oid
    std::vector<std::string> columns, referenced_columns;
    char on_update, on_delete, match;
    bool deferrable, initially_deferred;
};

// REQUIRES: a transaction.
bool has_foreign_key_like(const std::string &relation, const ForeignKeyLike &wanted);

// Facts::leaves; what they make is named beside `names`, which grow.  REQUIRES: a transaction.
std::vector<online::Facts::Leaf> leaves_lacking(const Action &action, pg::NamesToCome &names);

} // namespace migrate
