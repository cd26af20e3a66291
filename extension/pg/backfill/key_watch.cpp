// The executor tells beforehand which columns a statement sets: rights are checked by them.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/key_watch.h"

#include <algorithm>

#include "pg/boundary.h"
#include "pg/compat.h"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_inherits.h"
#include "executor/executor.h"
#include "parser/parse_coerce.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg::backfill {

const char *const key_changed = "a trigger changed the key by which the table is cut into batches";
const char *const key_changed_detail = "A row that moves ahead would be changed twice.";
const char *const key_changed_hint = "Disable the trigger meanwhile, or use unsafe => true.";

namespace {

ExecutorStart_hook_type next_start;
bool installed;
const KeyWatch::Keys *keys; // of the one that lives

bool sets_one_of(Oid relation, const Bitmapset *columns, const std::vector<std::string> &names)
{
    return std::any_of(names.begin(), names.end(), [&](const std::string &name) {
        const AttrNumber number = get_attnum(relation, name.c_str());
        return bms_is_member(number - FirstLowInvalidHeapAttributeNumber, columns);
    });
}

bool are_related(Oid one, Oid other)
{
    const Oid row = get_rel_type_id(one), other_row = get_rel_type_id(other);
    return one == other || typeInheritsFrom(row, other_row) || typeInheritsFrom(other_row, row);
}

void refuse_changed_key(Oid relation, const Bitmapset *columns)
{
    for (const auto &[table, names] : *keys)
        if (are_related(relation, table) && sets_one_of(relation, columns, names))
            server_error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, key_changed, key_changed_hint,
                         key_changed_detail);
}

extern "C" void start_unless_key_changes(QueryDesc *query, int flags)
{
    if (keys != nullptr && !keys->empty())
        compat::for_each_update(query->plannedstmt, refuse_changed_key);
    if (next_start != nullptr)
        next_start(query, flags);
    else
        standard_ExecutorStart(query, flags);
}

} // namespace

KeyWatch::KeyWatch()
{
    keys = &keys_;
    if (installed)
        return;
    installed = true;
    next_start = ExecutorStart_hook;
    ExecutorStart_hook = start_unless_key_changes;
}

KeyWatch::~KeyWatch()
{
    keys = nullptr;
}

} // namespace migrate::pg::backfill
