// Chains of renames: what a script calls by another name, and then again.
// SPDX-License-Identifier: PostgreSQL
#include "core/compatibility.h"
#include "core/identifier.h"

#include <algorithm>

namespace migrate {

namespace {

using enum ActionKind;

bool is_rename(ActionKind kind)
{
    return kind == rename_table || kind == rename_column || kind == rename_other ||
           kind == rename_enum_value;
}

std::string old_name(const Action &rename)
{
    switch (rename.kind) {
    case rename_column:
        return rename.name;
    case rename_enum_value:
        return rename.value;
    default:
        return bare_name(rename.relation.name.empty() ? rename.name : rename.relation.name);
    }
}

// Both rename columns of the same table, values of the same enum, tables, views, ...
bool is_alike(const Action &one, const Action &other)
{
    if (one.kind != other.kind || one.object_type != other.object_type ||
        one.relation.id != other.relation.id)
        return false;
    switch (one.kind) {
    case rename_column:
        return one.relation.id != 0 || one.relation.name == other.relation.name;
    case rename_enum_value:
        return one.name == other.name;
    default:
        return true;
    }
}

bool renames_to(const Action &one, const Action &rename, const std::string &name)
{
    return is_alike(one, rename) && one.new_name == name;
}

} // namespace

bool is_unnoticed(const Study &study, const StudiedStatement &statement, const Action &rename)
{
    if (!is_rename(rename.kind))
        return false;
    const std::string taken = old_name(rename);
    std::string now = rename.new_name;
    for (const StudiedStatement &other : study.statements) {
        if (other.number < statement.number &&
            std::any_of(other.actions.begin(), other.actions.end(),
                        [&](const Action &one) { return renames_to(one, rename, taken); }))
            return true;
        if (other.number > statement.number && statement.group >= 0 &&
            other.group == statement.group)
            for (const Action &one : other.actions)
                if (is_alike(one, rename) && old_name(one) == now)
                    now = one.new_name;
    }
    return now == taken;
}

} // namespace migrate
