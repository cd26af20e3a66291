// What the triggers of a change lock: the other side of foreign keys, on and on where they cascade.  What
// triggers with a body lock cannot be told.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/indexing.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

bool has_default(Oid relation, AttrNumber column)
{
    HeapTuple row = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(column));
    if (!HeapTupleIsValid(row))
        return false;
    const auto *attribute = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(row));
    const bool result = attribute->atthasdef || attribute->attidentity != '\0';
    ReleaseSysCache(row);
    return result;
}

bool changes(const Change &change, const AttrNumber *columns, int count)
{
    for (int i = 0; i < count; i++)
        if (bms_is_member(columns[i], change.columns))
            return true;
    return change.all_columns || change.command != CMD_UPDATE;
}

// Without a value a reference is null, and not checked.
bool refers(const Change &change, const ForeignKey *key)
{
    if (change.command != CMD_INSERT)
        return changes(change, key->referencing_columns, key->count);
    for (int i = 0; i < key->count; i++)
        if (!bms_is_member(key->referencing_columns[i], change.columns) &&
            !has_default(change.relation, key->referencing_columns[i]))
            return false;
    return true;
}

// The query of a referential check: FOR KEY SHARE on the other side, ONLY if that is not partitioned.
void check_rows(Scan &scan, Oid relation)
{
    const bool partitioned = get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE;
    ListCell *cell;
    foreach (cell, partitioned ? with_descendants(relation) : list_make1_oid(relation)) {
        const Oid member = lfirst_oid(cell);
        want(scan.answer, member, RowShareLock);
        if (compat::planner_opens_partitioned_indexes ||
            get_rel_relkind(member) != RELKIND_PARTITIONED_TABLE)
            want_indexes(scan.answer, member, RowShareLock);
    }
}

void act_on_referencing(Scan &scan, const Change &change, const ForeignKey *key)
{
    const bool deletes = change.command == CMD_DELETE;
    const char action = deletes ? key->on_delete : key->on_update;
    const bool partitioned = get_rel_relkind(key->referencing) == RELKIND_PARTITIONED_TABLE;
    if (!changes(change, key->referenced_columns, key->count))
        return;
    if (action == FKCONSTR_ACTION_NOACTION || action == FKCONSTR_ACTION_RESTRICT)
        return check_rows(scan, key->referencing);
    Change next{CMD_UPDATE, key->referencing, partitioned, false, nullptr, false};
    if (deletes && action == FKCONSTR_ACTION_CASCADE)
        next.command = CMD_DELETE;
    for (int i = 0; i < key->count; i++)
        next.columns = bms_add_member(next.columns, key->referencing_columns[i]);
    change_relation(scan, next);
}

// Foreign keys go round in circles.
bool is_new(Scan &scan, const Change &change)
{
    ListCell *cell;
    foreach (cell, scan.answer.changes) {
        const auto *known = static_cast<const Change *>(lfirst(cell));
        if (known->relation == change.relation && known->command == change.command &&
            bms_is_subset(change.columns, known->columns))
            return false;
    }
    auto *copy = static_cast<Change *>(palloc(sizeof(Change)));
    *copy = change;
    scan.answer.changes = lappend(scan.answer.changes, copy);
    return true;
}

int event_of(CmdType command)
{
    return command == CMD_INSERT   ? TRIGGER_TYPE_INSERT
           : command == CMD_UPDATE ? TRIGGER_TYPE_UPDATE
                                   : TRIGGER_TYPE_DELETE;
}

bool fires(const FormData_pg_trigger *trigger, int event)
{
    const char enabled = SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA
                             ? TRIGGER_FIRES_ON_REPLICA
                             : TRIGGER_FIRES_ON_ORIGIN;
    return (trigger->tgtype & event) &&
           (trigger->tgenabled == TRIGGER_FIRES_ALWAYS || trigger->tgenabled == enabled);
}

} // namespace

void fire_triggers(Scan &scan, const Change &change)
{
    bool checks = false, acts = false;
    ScanKeyData key[1];
    if (change.command == CMD_MERGE || !is_new(scan, change))
        return;
    key_is(key[0], Anum_pg_trigger_tgrelid, change.relation);
    scan_catalog(TriggerRelationId, TriggerRelidNameIndexId, key, 1, [&](HeapTuple row, TupleDesc) {
        const auto *trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(row));
        if (!fires(trigger, event_of(change.command)))
            return;
        const int kind = RI_FKey_trigger_type(trigger->tgfoid);
        checks |= kind == RI_TRIGGER_FK;
        acts |= kind == RI_TRIGGER_PK;
        scan_function(scan.answer, trigger->tgfoid);
    });
    ListCell *cell;
    if (checks)
        foreach (cell, foreign_keys_of(change.relation)) {
            const auto *found = static_cast<const ForeignKey *>(lfirst(cell));
            if (refers(change, found))
                check_rows(scan, found->referenced);
        }
    if (acts)
        foreach (cell, foreign_keys_to(change.relation))
            act_on_referencing(scan, change, static_cast<const ForeignKey *>(lfirst(cell)));
}

void fire_truncate_triggers(Foretelling &answer, Oid relation)
{
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_trigger_tgrelid, relation);
    scan_catalog(TriggerRelationId, TriggerRelidNameIndexId, key, 1, [&](HeapTuple row, TupleDesc) {
        const auto *trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(row));
        if (fires(trigger, TRIGGER_TYPE_TRUNCATE))
            scan_function(answer, trigger->tgfoid);
    });
}

} // namespace migrate::pg
