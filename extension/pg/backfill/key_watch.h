// Triggers and cascading foreign keys that set the key by which a table is cut: a row that moves ahead would be
// changed twice, one that moves back not at all.  Their own UPDATEs are refused before they run.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <map>
#include <string>
#include <vector>

#include "pg/catalog.h"

namespace migrate::pg::backfill {

// While it lives, an UPDATE in this process that sets a key's column of one of these tables, of a parent or of a part,
// fails with 55000, whatever it sets it to.  One at a time.
class KeyWatch
{
public:
    KeyWatch();
    ~KeyWatch();
    KeyWatch(const KeyWatch &) = delete;
    KeyWatch &operator=(const KeyWatch &) = delete;

    void watch(ObjectId table, std::vector<std::string> columns)
    {
        keys_[table] = std::move(columns);
    }

    using Keys = std::map<ObjectId, std::vector<std::string>>;

private:
    Keys keys_;
};

// Of a key that is found changed, and of one that is about to be.
extern const char *const key_changed, *const key_changed_detail, *const key_changed_hint;

} // namespace migrate::pg::backfill
