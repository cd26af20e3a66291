// SPDX-License-Identifier: PostgreSQL
#include "pg/triggers.h"

#include <cstring>

#include "core/error.h"
#include "pg/boundary.h"

extern "C" {
#include "access/htup_details.h"
#include "commands/event_trigger.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rel.h"
}

namespace migrate::pg {

namespace {

// Whatever the row says, it is this role's word.
HeapTuple noted(const TriggerData *data)
{
    return call([&] {
        const TupleDesc descriptor = RelationGetDescr(data->tg_relation);
        int column = SPI_fnumber(descriptor, "restored_by");
        if (column <= 0 || superuser())
            return data->tg_trigtuple;
        Datum value = CStringGetTextDatum(GetUserNameFromId(GetUserId(), false));
        bool null = false;
        return heap_modify_tuple_by_cols(data->tg_trigtuple, descriptor, 1, &column, &value, &null);
    });
}

std::string role_name(const RoleSpec *spec)
{
    return call([&] { return GetUserNameFromId(get_rolespec_oid(spec, false), false); });
}

} // namespace

Datum guarded_insert(FunctionCallInfo fcinfo,
                     const std::function<void(const std::string &, const InsertedValue &)> &check)
{
    if (!CALLED_AS_TRIGGER(fcinfo))
        throw Error(sqlstate::feature_not_supported,
                    "this function can only be called as a trigger");
    const auto *data = reinterpret_cast<const TriggerData *>(fcinfo->context);
    if (GetUserId() == data->tg_relation->rd_rel->relowner)
        return PointerGetDatum(data->tg_trigtuple);
    check(RelationGetRelationName(data->tg_relation), [&](const char *column) {
        const char *value = call([&] {
            const TupleDesc descriptor = RelationGetDescr(data->tg_relation);
            return SPI_getvalue(data->tg_trigtuple, descriptor, SPI_fnumber(descriptor, column));
        });
        return std::string(value ? value : "");
    });
    return PointerGetDatum(noted(data));
}

Dropped dropped_by(FunctionCallInfo fcinfo)
{
    if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
        throw Error(sqlstate::feature_not_supported,
                    "this function can only be called as an event trigger");
    const Node *command = reinterpret_cast<const EventTriggerData *>(fcinfo->context)->parsetree;
    Dropped dropped;
    ListCell *cell;
    if (IsA(command, DropOwnedStmt)) {
        foreach (cell, reinterpret_cast<const DropOwnedStmt *>(command)->roles)
            dropped.owners.push_back(role_name(static_cast<const RoleSpec *>(lfirst(cell))));
    } else if (IsA(command, DropStmt)) {
        const auto *drop = reinterpret_cast<const DropStmt *>(command);
        foreach (cell, drop->objects) {
            const char *name = strVal(lfirst(cell));
            if (drop->removeType == OBJECT_EXTENSION)
                dropped.extensions.emplace_back(name);
            else if (drop->removeType == OBJECT_SCHEMA)
                dropped.schemas.emplace_back(name);
        }
    }
    return dropped;
}

} // namespace migrate::pg
