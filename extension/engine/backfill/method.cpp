// What cannot be run in batches, and how the rest is cut.  Correct ways first, then the fastest.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "core/error.h"
#include "engine/backfill/target.h"

namespace migrate::backfill {

namespace {

using pg::backfill::Ending;
using pg::backfill::Facts;

const std::string unsafe_hint = "Use unsafe => true if that is what you want.";

std::string list(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "\"" : ", \"") + name + "\"";
    return text;
}

[[noreturn]] void refuse(const std::string &what, const std::string &why, const std::string &way)
{
    throw Error(sqlstate::feature_not_supported, what + " cannot be run in batches", why, way);
}

// What no batch can do, whatever the user wants.
void refuse_impossible(const Facts &f, const Target &target)
{
    const std::string verb = f.is_update ? "UPDATE" : "DELETE";
    if (f.has_cte)
        refuse("a statement with WITH",
               "A common table expression would be run anew for every batch.",
               "Write it as a subselect, or fill a table first.");
    if (f.has_returning)
        refuse("a statement with RETURNING", "Nobody reads what the batches would return.",
               "Leave RETURNING out.");
    if (f.of_cursor)
        refuse("WHERE CURRENT OF", "A cursor is at one row.", "Name the rows by a condition.");
    if (f.kind == 'v' || f.kind == 'm')
        refuse(verb + " of a view", "Relation " + f.relation + " has no rows of its own.",
               "Name the table that the rows are in.");
    if (f.kind != 'r' && f.kind != 'p')
        refuse(verb + " of " + f.relation, "It is not an ordinary or partitioned table.", "");
    if (f.of_catalogs)
        refuse(verb + " of " + f.relation, "It belongs to the system or to this extension.", "");
    if (f.persistence == 't')
        refuse(verb + " of a temporary table",
               "The process that runs the batches cannot see " + f.relation + ".",
               "Run it as it is.");
    if (f.has_rules)
        refuse(verb + " of a table with rules",
               "A rule on " + f.relation + " would rewrite every batch.",
               "Drop the rule, or use a trigger in its place.");
    if (target.foreign)
        refuse(verb + " of a table with foreign partitions",
               "A batch and its place in the ledger are one transaction of this server.",
               "Run it as it is, or partition by partition.");
    if (target.other_rows)
        refuse("a statement that uses rows of a table whose parts have other columns",
               "A row of a partition of " + f.relation +
                   ", as a whole, is not one of the table named.",
               "Name the columns that are meant.");
    if (target.has_parts() && !f.row_security && target.row_security)
        refuse(
            verb + " of a table with row security of its parts",
            "They are changed one by one, and their own policies would hold in place of those of " +
                f.relation + ".",
            "Run it as a role that bypasses row security, or part by part.");
    if (target.has_parts() && f.row_security)
        refuse(verb + " of a " + (target.partitioned ? "partitioned table" : "parent table") +
                   " with row security",
               "Partitions are changed one by one, and the policies of " + f.relation +
                   " do not hold for them.",
               "Run it as a role that bypasses row security, or partition by partition.");
    if (const auto moved = pg::backfill::both(f.assigned, target.partition_columns); !moved.empty())
        refuse("SET of a partition key",
               "Column " + list(moved) +
                   " decides which partition a row is in, and a row that moves would be met again.",
               "Change the rows partition by partition, or run it as it is.");
}

// What would give another result than the statement as written.
void refuse_unsafe(const Facts &f, const Target &target)
{
    if (f.reads_target)
        refuse("a statement that reads its own table",
               "Later batches would see what earlier ones changed in " + f.relation + ".",
               "Read from a copy, or "
               "use unsafe => true if that is what you want.");
    const char *what = f.has_limit       ? "LIMIT"
                       : f.has_window    ? "a window function"
                       : f.has_aggregate ? "an aggregate"
                                         : nullptr;
    if (what != nullptr)
        refuse(std::string("a subselect with ") + what,
               "It does not depend on the row, so every batch would get an answer of its own.",
               "Put its result into a table first, or "
               "use unsafe => true if that is what you want.");
    if (target.statement_trigger_on_parent)
        refuse("a statement with triggers for each statement on a partitioned table",
               "Partitions are changed one by one, and the triggers of " + f.relation +
                   " would not fire.",
               unsafe_hint);
}

// The best key of each leaf whose columns stay.
std::vector<KeyChoice> usable_keys(const Facts &f, const Target &target)
{
    std::vector<KeyChoice> chosen;
    for (const Leaf &leaf : target.leaves) {
        const auto key = std::find_if(leaf.keys.begin(), leaf.keys.end(), [&](const KeyChoice &k) {
            return pg::backfill::both(k.columns, f.assigned).empty();
        });
        if (key == leaf.keys.end())
            return {};
        chosen.push_back(*key);
    }
    return chosen;
}

[[noreturn]] void refuse_without_method(const Facts &f, const Target &target)
{
    const bool has_keys = std::all_of(target.leaves.begin(), target.leaves.end(),
                                      [](const Leaf &leaf) { return !leaf.keys.empty(); });
    if (has_keys)
        refuse("SET of the key",
               "Column " + list(f.assigned) + " is part of every unique key of " + f.relation +
                   ", and a row whose key changes would be met again.",
               "Give the table another unique index over columns that are NOT NULL.");
    const std::string why =
        f.has_where ? "It has no unique index over columns that are NOT NULL, and its WHERE clause "
                      "may go on matching rows that are done: they would be changed twice."
                    : "It has no unique index over columns that are NOT NULL, and without a WHERE "
                      "clause nothing tells rows that are done from others.";
    refuse("the " + std::string(f.is_update ? "UPDATE" : "DELETE") + " of table " + f.relation, why,
           "Add a condition that is false of a row that is done, such as WHERE column IS NULL, or "
           "create a unique index.");
}

} // namespace

Method choose_method(const Facts &f, const Target &target, const Options &options)
{
    refuse_impossible(f, target);
    const bool allow_unsafe = options.allow_unsafe;
    if (!allow_unsafe)
        refuse_unsafe(f, target);
    Method method;
    // A trigger may undo what the proof stands on, or do something more than once.
    const bool ends = f.ending == Ending::stops && (!f.is_update || !target.triggers.before_row);
    // Rows that hide from the batches are found as those that still match.
    const bool repeatable =
        f.ending == Ending::repeatable && f.where_should_end && !target.triggers.any_row;
    const std::vector<KeyChoice> keys = usable_keys(f, target);
    const bool has_keys = keys.size() == target.leaves.size() && !keys.empty();
    // Rows that are put aside are told by their keys.
    method.by_blocks = !has_keys || (ends && !options.skip_errors);
    if (!ends && !has_keys && !repeatable && !(allow_unsafe && f.has_where) &&
        !target.leaves.empty())
        refuse_without_method(f, target);
    if (method.by_blocks) {
        method.keys.resize(target.leaves.size());
        method.in_shares = ends && target.constraints.spares_indexes;
        method.text = "blocks";
        return method;
    }
    method.keys = keys;
    method.watch_key = f.is_update && target.triggers.before_row && !allow_unsafe;
    std::string columns;
    for (const std::string &column : keys.front().columns)
        columns += (columns.empty() ? "" : ", ") + column;
    method.text =
        "keys (" + columns + ")" +
        (keys.size() == 1 ? " of index " + keys.front().name
                          : " of an index of each partition, such as " + keys.front().name);
    return method;
}

bool is_the_same(const Facts &f, const Target &target, const Options &options)
{
    const Triggers &triggers = target.triggers;
    const Constraints &constraints = target.constraints;
    if (f.is_mutable || f.is_volatile || triggers.statement || triggers.transition ||
        constraints.deferrable || constraints.unique_assigned)
        return false;
    // Rows may be deleted only together with those that refer to them.
    if (!f.is_update && constraints.refers_to_itself)
        return false;
    // Parts are asked for rights of their own.
    if (target.has_parts() && !target.accessible)
        return false;
    // A trigger may look at what the whole statement did, or set the key.
    if (triggers.any_row)
        return false;
    // What a batch brings about in other tables is seen by the next one.
    if (f.reads_others && constraints.cascades)
        return false;
    return !choose_method(f, target, options).watch_key;
}

} // namespace migrate::backfill
