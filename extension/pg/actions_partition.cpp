// What a partition's bounds demand of its rows, as a condition that a CHECK can prove before it is attached, and
// that stays behind as a CHECK when it is detached.  Relations are only looked at: the relation cache is read
// without a lock, as the catalogs are.
// SPDX-License-Identifier: PostgreSQL
#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretell_alter.h"
#include "pg/transaction.h"

extern "C" {
#include "catalog/partition.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_node.h"
#include "parser/parse_utilcmd.h"
#include "partitioning/partbounds.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/relcache.h"
#include "utils/ruleutils.h"
}

namespace migrate::pg {

namespace {

// Conditions over the columns of `of` (a list of AND) as text.
const char *as_text(List *conditions, Oid of)
{
    if (conditions == NIL)
        return "";
    Node *all = reinterpret_cast<Node *>(make_ands_explicit(conditions));
    return deparse_expression(all, deparse_context_for(get_rel_name(of), of), false, false);
}

// Columns have other numbers there; null if the partition lacks one.
List *with_columns_of(List *conditions, Relation parent, Oid partition)
{
    Relation other = RelationIdGetRelation(partition);
    if (other == nullptr)
        return NIL;
    List *mapped = map_partition_varattnos(conditions, 1, other, parent);
    RelationClose(other);
    return mapped;
}

// Transforming a bound evaluates it: what may be a user's function is left to the server.
bool calls_functions(PartitionBoundSpec *bound)
{
    ListCell *cell;
    List *values = list_concat_copy(bound->listdatums, bound->lowerdatums);
    foreach (cell, list_concat(values, bound->upperdatums)) {
        const auto *value = static_cast<const Node *>(lfirst(cell));
        while (IsA(value, TypeCast))
            value = reinterpret_cast<const TypeCast *>(value)->arg;
        if (!IsA(value, A_Const) && !IsA(value, ColumnRef))
            return true;
    }
    return false;
}

} // namespace

bool is_default_proven(Oid parent, PartitionBoundSpec *written)
{
    const Oid other = default_partition_of(parent);
    Relation relation = RelationIdGetRelation(parent);
    if (relation == nullptr)
        return false;
    bool proven = false;
    if (OidIsValid(other) && written != nullptr && !written->is_default &&
        !calls_functions(written)) {
        PartitionBoundSpec *bound =
            transformPartitionBound(make_parsestate(nullptr), relation, written);
        List *others = get_proposed_default_constraint(get_qual_from_partbound(relation, bound));
        proven = is_proven_by_checks(other, with_columns_of(others, relation, other));
    }
    RelationClose(relation);
    return proven;
}

// As ATExecAttachPartition() of the server puts them together.
void demands_of(Oid parent, Oid partition, PartitionBoundSpec *written, PartitionDemands *demands)
{
    Relation relation = RelationIdGetRelation(parent);
    if (relation == nullptr)
        return;
    if (calls_functions(written)) {
        RelationClose(relation);
        return;
    }
    ParseState *state = make_parsestate(nullptr);
    PartitionBoundSpec *bound = transformPartitionBound(state, relation, written);
    List *own = get_qual_from_partbound(relation, bound);
    List *all = list_concat_copy(own, RelationGetPartitionQual(relation));
    demands->default_partition = bound->is_default ? InvalidOid : default_partition_of(parent);
    if (all != NIL) {
        List *here = with_columns_of(all, relation, partition);
        demands->of_partition = as_text(here, partition);
        demands->proven = is_proven_by_checks(partition, here);
    }
    if (OidIsValid(demands->default_partition) && own != NIL) {
        List *others = get_proposed_default_constraint(own);
        others = with_columns_of(others, relation, demands->default_partition);
        demands->of_default = as_text(others, demands->default_partition);
        demands->default_proven = is_proven_by_checks(demands->default_partition, others);
    }
    RelationClose(relation);
}

namespace {

struct Kept
{
    bool keeps;         // a CHECK that is not there yet
    const char *column; // the one that it is about, if it is one
};

bool is_partition_of(Oid partition, Oid parent)
{
    const Form_pg_class row = class_of(partition);
    return row != nullptr && partitioned_parent_of(row) == parent;
}

bool is_hashed(Oid parent)
{
    Relation relation = RelationIdGetRelation(parent);
    if (relation == nullptr)
        return false;
    const bool hashed = RelationGetPartitionKey(relation)->strategy == PARTITION_STRATEGY_HASH;
    RelationClose(relation);
    return hashed;
}

// As DetachAddConstraintIfNeeded() of the server, which is not for hash bounds: those name the parent.
void kept_by(Oid parent, Oid partition, Kept *kept)
{
    if (is_hashed(parent))
        return;
    Relation relation = RelationIdGetRelation(partition);
    if (relation == nullptr)
        return;
    List *demands = RelationGetPartitionQual(relation);
    kept->keeps = demands != NIL && !is_proven_by_checks(partition, demands);
    List *columns = NIL;
    ListCell *cell;
    foreach (cell, pull_var_clause(reinterpret_cast<Node *>(demands), 0))
        columns = list_append_unique_int(columns, static_cast<Var *>(lfirst(cell))->varattno);
    if (list_length(columns) == 1)
        kept->column = get_attname(partition, static_cast<AttrNumber>(linitial_int(columns)), true);
    RelationClose(relation);
}

} // namespace

void read_attach(migrate::Action &action, const PartitionCmd *wanted)
{
    const Oid parent = action.relation.id, partition = action.partition.id;
    PartitionDemands demands{"", "", InvalidOid, false, false};
    if (action.relation.kind != RelationKind::partitioned_table ||
        action.partition.kind == RelationKind::foreign_table)
        return;
    // What is wrong with the bounds the server says when it is run.
    if (attempt([&] {
            call([&] {
                demands_of(parent, partition,
                           static_cast<PartitionBoundSpec *>(copyObjectImpl(wanted->bound)),
                           &demands);
            });
        }))
        return;
    action.condition = demands.of_partition;
    action.proven = demands.proven;
    action.default_text = demands.of_default;
    action.default_proven = demands.default_proven;
    if (OidIsValid(demands.default_partition))
        action.referenced = describe_relation(demands.default_partition);
}

void read_detach(ActionReader &reader, migrate::Action &action)
{
    const Oid parent = action.relation.id, partition = action.partition.id;
    Kept kept{false, nullptr};
    if (action.relation.kind != RelationKind::partitioned_table)
        return;
    action.has_default_partition = OidIsValid(call([&] { return default_partition_of(parent); }));
    action.partition.is_partition = call([&] { return is_partition_of(partition, parent); });
    if (!action.partition.is_partition)
        return;
    call([&] { kept_by(parent, partition, &kept); });
    if (kept.keeps)
        action.chosen_name = reader.choose_name(call([&] { return schema_to_come(partition); }),
                                                call([&] { return name_to_come(partition); }),
                                                kept.column ? kept.column : "", "check");
}

} // namespace migrate::pg
