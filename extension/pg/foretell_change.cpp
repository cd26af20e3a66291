// What changing a relation locks beside it: the base of a view, the actions of rules, partitions and
// children, indexes, the sequences behind defaults.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell_query.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

CmdType command_of(char rule_event)
{
    return static_cast<CmdType>(rule_event - '0');
}

// Rules of the relation for this command; true if one of them replaces the command.
bool scan_rules(Scan &scan, const Change &change)
{
    bool instead = false;
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_rewrite_ev_class, change.relation);
    scan_catalog(
        RewriteRelationId, RewriteRelRulenameIndexId, key, 1,
        [&](HeapTuple row, TupleDesc columns) {
            const auto *rule = reinterpret_cast<Form_pg_rewrite>(GETSTRUCT(row));
            if (command_of(rule->ev_type) != change.command || rule->ev_enabled == 'D')
                return;
            bool null;
            const Datum condition = heap_getattr(row, Anum_pg_rewrite_ev_qual, columns, &null);
            auto *qualification =
                null ? nullptr : static_cast<Node *>(stringToNode(TextDatumGetCString(condition)));
            const Datum tree = heap_getattr(row, Anum_pg_rewrite_ev_action, columns, &null);
            auto *actions = static_cast<List *>(stringToNode(TextDatumGetCString(tree)));
            instead |= rule->is_instead && qualification == nullptr;
            scan_stored(scan, qualification, change.relation);
            ListCell *cell;
            foreach (cell, actions)
                scan_action(scan, static_cast<Query *>(lfirst(cell)), change.relation);
        });
    return instead;
}

Bitmapset *targets_of(const Query *query)
{
    Bitmapset *columns = nullptr;
    ListCell *cell;
    foreach (cell, query->targetList) {
        const auto *target = static_cast<const TargetEntry *>(lfirst(cell));
        if (!target->resjunk && target->resno > 0)
            columns = bms_add_member(columns, target->resno);
    }
    return columns;
}

int trigger_event(CmdType command)
{
    return command == CMD_INSERT   ? TRIGGER_TYPE_INSERT
           : command == CMD_UPDATE ? TRIGGER_TYPE_UPDATE
                                   : TRIGGER_TYPE_DELETE;
}

bool has_instead_trigger(const Change &change)
{
    bool found = false;
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_trigger_tgrelid, change.relation);
    scan_catalog(TriggerRelationId, TriggerRelidNameIndexId, key, 1, [&](HeapTuple row, TupleDesc) {
        const int16 type = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(row))->tgtype;
        found |= TRIGGER_FOR_INSTEAD(type) && (type & trigger_event(change.command));
    });
    return found;
}

// The table that an automatically updatable view shows, and which of its columns the view's are.
Oid base_of_view(Oid view, const Bitmapset *columns, Bitmapset **base_columns)
{
    Query *query = stored_view(view);
    if (query == nullptr || query->jointree->fromlist == NIL ||
        !IsA(linitial(query->jointree->fromlist), RangeTblRef))
        return InvalidOid;
    const int index = static_cast<RangeTblRef *>(linitial(query->jointree->fromlist))->rtindex;
    const auto *entry = static_cast<const RangeTblEntry *>(list_nth(query->rtable, index - 1));
    ListCell *cell;
    foreach (cell, query->targetList) {
        const auto *target = static_cast<const TargetEntry *>(lfirst(cell));
        if (IsA(target->expr, Var) && bms_is_member(target->resno, columns))
            *base_columns = bms_add_member(*base_columns,
                                           reinterpret_cast<const Var *>(target->expr)->varattno);
    }
    return entry->rtekind == RTE_RELATION ? entry->relid : InvalidOid;
}

void change_view(Scan &scan, const Change &change)
{
    Scan inner = scan;
    if (has_instead_trigger(change)) {
        scan.answer.opaque = true;
        scan_relation(scan, change.relation, false, AccessShareLock);
        return;
    }
    // Its other relations are read; a command without a WHERE clause of its own reads the base too.
    if (change.command != CMD_INSERT)
        scan_relation(inner, change.relation, false, AccessShareLock);
    Change base = change;
    base.columns = nullptr;
    base.relation = base_of_view(change.relation, change.columns, &base.columns);
    base.inherit = true;
    if (OidIsValid(base.relation))
        change_relation(scan, base);
}

// Sequences that the defaults of columns without a value draw from.
void scan_defaults(Scan &scan, const Change &change)
{
    ScanKeyData key[1];
    key_is(key[0], Anum_pg_attrdef_adrelid, change.relation);
    scan_catalog(
        AttrDefaultRelationId, AttrDefaultIndexId, key, 1, [&](HeapTuple row, TupleDesc columns) {
            const AttrNumber column = reinterpret_cast<Form_pg_attrdef>(GETSTRUCT(row))->adnum;
            bool null;
            const Datum tree = heap_getattr(row, Anum_pg_attrdef_adbin, columns, &null);
            if (!null && !bms_is_member(column, change.columns))
                scan_stored(scan, static_cast<Node *>(stringToNode(TextDatumGetCString(tree))),
                            InvalidOid);
        });
    ListCell *cell;
    foreach (cell, identity_columns_of(change.relation)) {
        const auto *identity = static_cast<const Identity *>(lfirst(cell));
        if (!bms_is_member(identity->column, change.columns))
            want(scan.answer, identity->sequence, RowExclusiveLock);
    }
}

// A table itself, one of the named one's descendants, or a leaf that a row is routed to.
void change_member(Scan &scan, const Change &change, Oid member, bool opens_indexes)
{
    const LOCKMODE mode = RowExclusiveLock;
    const bool partitioned = get_rel_relkind(member) == RELKIND_PARTITIONED_TABLE;
    want(scan.answer, member, mode);
    if (opens_indexes && (!partitioned || compat::planner_opens_partitioned_indexes))
        want_indexes(scan.answer, member, mode);
    if (change.command != CMD_INSERT && scan.depth == Depth::executed &&
        change.relation != scan.point)
        goes_over(scan.answer, member);
}

} // namespace

void scan_action(Scan &scan, Query *action, Oid relation)
{
    check_stack_depth();
    scan_stored(scan, reinterpret_cast<Node *>(action), relation);
    if (action->resultRelation == 0 || action->commandType == CMD_UTILITY)
        return;
    const auto *target =
        static_cast<const RangeTblEntry *>(list_nth(action->rtable, action->resultRelation - 1));
    if (target->rtekind == RTE_RELATION && target->relid != relation)
        change_relation(scan, {action->commandType, target->relid, target->inh, false,
                               targets_of(action), action->onConflict != nullptr});
}

void change_relation(Scan &scan, const Change &change)
{
    const Form_pg_class row = class_of(change.relation);
    check_stack_depth();
    want(scan.answer, change.relation, RowExclusiveLock);
    if (row == nullptr || scan.depth == Depth::analyzed)
        return;
    const bool replaced = row->relhasrules && scan_rules(scan, change);
    if (replaced)
        return;
    if (row->relkind == RELKIND_VIEW)
        return change_view(scan, change);
    if (row->relrowsecurity)
        scan_policies(scan, change.relation);
    if (scan.depth < Depth::planned)
        return;
    const bool partitioned = row->relkind == RELKIND_PARTITIONED_TABLE;
    const bool inserts = change.command == CMD_INSERT;
    const bool executes = scan.depth == Depth::executed;
    List *members = list_make1_oid(change.relation);
    if (inserts ? partitioned && executes : change.inherit)
        members = with_descendants(change.relation);
    ListCell *cell;
    foreach (cell, members) {
        const Oid member = lfirst_oid(cell);
        // The indexes that rows are inserted into are given back at once.
        const bool plans = !inserts || (member == change.relation && change.conflict_arbiter);
        change_member(scan, change, member, plans);
    }
    if (inserts)
        scan_defaults(scan, change);
    // Rows put into a partition by its own name have to fit the bounds of all above it.
    if (row->relispartition && executes && change.command != CMD_DELETE)
        want_all(scan.answer, get_partition_ancestors(change.relation), AccessShareLock);
    if (executes)
        foreach (cell, members) {
            Change one = change;
            one.relation = lfirst_oid(cell);
            fire_triggers(scan, one);
        }
}

} // namespace migrate::pg
