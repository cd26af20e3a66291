// Partitions: attached without a scan, because a CHECK that was validated before proves what the scan would; and
// detached beside readers and writers.
// SPDX-License-Identifier: PostgreSQL
#include "core/online/online.h"

namespace migrate::online {

namespace {

// A CHECK of this condition on the relation, proven; and the statement that removes it.
std::string prove(const Context &context, const Relation &relation, const std::string &condition,
                  const std::string &purpose, std::vector<Part> &parts)
{
    Action own;
    own.relation = relation;
    const std::string helper = helper_name(purpose, relation, "");
    Part add;
    add.statements = {
        alter(own, "ADD CONSTRAINT " + helper + " CHECK (" + condition + ") NOT VALID")};
    add.undo = {alter(own, "DROP CONSTRAINT IF EXISTS " + helper)};
    parts.push_back(add);
    Part proof = validate(own, helper, bad_rows(context, relation, "NOT (" + condition + ")"));
    const std::string name = bare_name(relation.name);
    proof.failure =
        purpose == "attach"
            ? "23514 partition constraint of relation \"" + name + "\" is violated by some row"
            : "23514 updated partition constraint for default partition \"" + name +
                  "\" would be violated by some row";
    parts.push_back(proof);
    return alter(own, "DROP CONSTRAINT " + helper);
}

// What the two lack of each other cannot be told.
bool is_doubtful(const Action &action)
{
    return action.relation.doubts.target || action.partition.doubts.target ||
           action.relation.doubts.shape || action.partition.doubts.shape;
}

} // namespace

Change change_attach(const Context &context, const Action &action)
{
    Change change;
    const bool of_partition = !action.proven && !action.condition.empty();
    const bool of_default = !action.default_proven && !action.default_text.empty();
    if (action.partition.id == 0 || action.partition.is_new || is_doubtful(action) ||
        !(context.is_heavy(action.partition) || context.is_heavy(action.relation)))
        return change;
    std::optional<std::vector<Part>> preparations = context.facts.attach_preparations(action);
    if (!preparations)
        return change;
    change.before = std::move(*preparations);
    change.changes = of_partition || of_default || !change.before.empty();
    if (of_partition)
        change.with_main.push_back(
            prove(context, action.partition, action.condition, "attach", change.before));
    if (of_default)
        change.with_main.push_back(
            prove(context, action.referenced, action.default_text, "default", change.before));
    change.instead = change.changes ? action.text : "";
    return change;
}

std::vector<Part> detach_parts(const Context &context, const Action &action)
{
    const bool heavy =
        context.whatever_size || context.statement.relation_bytes > context.small_table;
    if (is_doubtful(action) || action.concurrently || action.has_default_partition ||
        action.relation.is_new || !action.partition.is_partition || action.text.empty() || !heavy ||
        action.is_finalize)
        return {};
    Part detach;
    detach.statements = {alter(action, action.text + " CONCURRENTLY")};
    detach.undo = {alter(action, "ATTACH PARTITION " + sql_name(action.partition) + " " +
                                     context.facts.bound_of(action.partition))};
    if (action.chosen_name.empty())
        return {detach};
    Action own;
    own.relation = action.partition;
    const std::string check = quote_identifier(action.chosen_name);
    Part tidy;
    tidy.statements = {alter(own, "DROP CONSTRAINT " + check)};
    // While it is there it spares ATTACH the scan.
    detach.undo.push_back(alter(own, "DROP CONSTRAINT IF EXISTS " + check));
    return {detach, tidy};
}

} // namespace migrate::online
