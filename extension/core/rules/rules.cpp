// The table of all rules.  Those of a kind stand together; the order is that of the findings of one statement.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/rules.h"

#include "core/rules/catalogue.h"

#include <algorithm>
#include <iterator>

namespace migrate::rules {

namespace {

constexpr Rule rules[] = {
    // Work under locks.
    {"require-concurrent-index-creation", Group::safety, require_concurrent_index_creation,
     "An index is built under a lock that blocks writes."},
    {"require-concurrent-index-deletion", Group::safety, require_concurrent_index_deletion,
     "An index is dropped under a lock that blocks reads and writes."},
    {"require-concurrent-reindex", Group::safety, require_concurrent_reindex,
     "Indexes are built again under a lock that blocks writes."},
    {"require-concurrent-partition-detach", Group::safety, require_concurrent_partition_detach,
     "A partition is detached under a lock that blocks reads and writes."},
    {"adding-foreign-key-constraint", Group::safety, adding_foreign_key_constraint,
     "A foreign key is checked under locks that block writes of both tables."},
    {"constraint-missing-not-valid", Group::safety, constraint_missing_not_valid,
     "A constraint is checked under a lock, or in the transaction that adds it."},
    {"adding-not-nullable-field", Group::safety, adding_not_nullable_field,
     "NOT NULL is checked under a lock that blocks reads and writes."},
    {"adding-field-with-default", Group::safety, adding_field_with_default,
     "A new column writes the whole table anew."},
    {"adding-serial-primary-key-field", Group::safety, adding_serial_primary_key_field,
     "A primary key is built under a lock that blocks reads and writes."},
    {"disallowed-unique-constraint", Group::safety, disallowed_unique_constraint,
     "A unique constraint is built under a lock that blocks reads and writes."},
    {"adding-exclusion-constraint", Group::safety, adding_exclusion_constraint,
     "An exclusion constraint is built under a lock that blocks reads and writes."},
    {"changing-column-type", Group::safety, changing_column_type,
     "A change of type writes, reads or indexes the whole table."},
    {"table-rewrite", Group::safety, table_rewrite,
     "A table is written anew for another tablespace, access method, persistence or expression."},
    {"prefer-repack", Group::safety, prefer_repack, "CLUSTER or VACUUM FULL writes a table anew."},
    {"attach-partition-scan", Group::safety, attach_partition_scan,
     "A partition is read under a lock to prove that its rows are within the bounds."},
    {"refresh-blocks-reads", Group::safety, refresh_blocks_reads,
     "A materialized view cannot be read while it is refreshed."},
    {"ban-alter-domain-with-add-constraint", Group::safety, ban_alter_domain_with_add_constraint,
     "A constraint of a domain is checked in every table that uses it."},
    {"explicit-lock", Group::safety, explicit_lock,
     "LOCK TABLE blocks reads or writes until the transaction ends."},
    {"several-strong-locks", Group::safety, several_strong_locks,
     "One transaction holds strong locks on several tables."},
    {"long-work-after-lock", Group::safety, long_work_after_lock,
     "Long work follows a strong lock in the same transaction."},
    {"large-data-change", Group::safety, large_data_change,
     "One statement changes very many rows."},
    {"replacing-index", Group::safety, replacing_index,
     "An index is dropped before its successor is there."},
    // Transactions.
    {"ban-concurrent-index-creation-in-transaction", Group::safety,
     ban_concurrent_index_creation_in_transaction, "CONCURRENTLY inside a transaction block."},
    {"transaction-nesting", Group::safety, transaction_nesting,
     "BEGIN inside a transaction block, or COMMIT outside."},
    {"ban-uncommitted-transaction", Group::safety, ban_uncommitted_transaction,
     "BEGIN without COMMIT."},
    {"enum-value-in-own-transaction", Group::safety, enum_value_in_own_transaction,
     "A value of an enum is used in the transaction that adds it."},
    // Mistakes.
    {"adding-required-field", Group::safety, adding_required_field,
     "A new column is NOT NULL and has no default."},
    {"foreign-key-without-index", Group::safety, foreign_key_without_index,
     "No index begins with the columns of a foreign key."},
    {"mismatched-foreign-key-type", Group::safety, mismatched_foreign_key_type,
     "A foreign key references a column of another type."},
    {"ban-duplicate-column-assignments", Group::safety, ban_duplicate_column_assignments,
     "A column is assigned twice."},
    {"identifier-too-long", Group::safety, identifier_too_long,
     "A name is longer than the server keeps."},
    {"undefined-table", Group::safety, undefined_table, "A relation does not exist."},
    {"cannot-inspect", Group::safety, cannot_inspect,
     "A statement runs code that cannot be looked into."},
    // Loss of data.
    {"ban-drop-column", Group::safety, ban_drop_column, "A column with values is dropped."},
    {"ban-drop-table", Group::safety, ban_drop_table, "A table with rows is dropped."},
    {"ban-drop-database", Group::safety, ban_drop_database, "A database is dropped."},
    {"ban-drop-schema", Group::safety, ban_drop_schema,
     "A schema is dropped with tables that have rows."},
    {"ban-drop-owned", Group::safety, ban_drop_owned, "Everything that a role owns is dropped."},
    {"ban-truncate", Group::safety, ban_truncate, "A table with rows is truncated."},
    {"ban-truncate-cascade", Group::safety, ban_truncate_cascade,
     "TRUNCATE CASCADE empties tables that are not named."},
    {"delete-all-rows", Group::safety, delete_all_rows, "DELETE without WHERE."},
    {"drop-cascade", Group::safety, drop_cascade,
     "CASCADE drops parts of relations that are not named."},
    // Code of the previous release.
    {"renaming-column", Group::safety, renaming_column, "A column is renamed."},
    {"renaming-table", Group::safety, renaming_table, "A table is renamed."},
    {"renaming-schema", Group::safety, renaming_schema, "A schema is renamed."},
    {"renaming-enum-value", Group::safety, renaming_enum_value, "A value of an enum is renamed."},
    {"renaming-object", Group::safety, renaming_object,
     "A view, function, type or sequence is renamed."},
    {"changing-schema", Group::safety, changing_schema, "An object is moved to another schema."},
    {"ban-drop-not-null", Group::safety, ban_drop_not_null, "A column may hold NULL from now on."},
    {"dropping-object", Group::safety, dropping_object,
     "A view, function, type or sequence is dropped."},
    {"incompatible-column-type", Group::safety, incompatible_column_type,
     "A column gets another kind of value, or fewer values."},
    {"big-bang", Group::safety, big_bang,
     "Several changes in one migration break code of the previous release."},
    {"no-way-back", Group::safety, no_way_back,
     "There is no down script, and none can be derived."},
    // Style.
    {"prefer-text-field", Group::style, prefer_text_field, "A column is varchar(n)."},
    {"ban-char-field", Group::style, ban_char_field, "A column is char(n)."},
    {"prefer-bigint-over-int", Group::style, prefer_bigint_over_int, "A column is integer."},
    {"prefer-bigint-over-smallint", Group::style, prefer_bigint_over_smallint,
     "A column is smallint."},
    {"prefer-identity", Group::style, prefer_identity, "A column is a serial."},
    {"prefer-timestamp-tz", Group::style, prefer_timestamp_tz,
     "A column is a timestamp without time zone."},
    {"prefer-jsonb", Group::style, prefer_jsonb, "A column is json."},
    {"prefer-robust-stmts", Group::style, prefer_robust_stmts,
     "A statement of its own cannot be repeated after a failure."},
    {"require-table-schema", Group::style, require_table_schema,
     "A relation is written without its schema."},
    {"require-enum-value-ordering", Group::style, require_enum_value_ordering,
     "A new value of an enum has no place among the others."},
    {"index-columns", Group::style, index_columns,
     "An index that is not unique has more than three columns."},
    {"several-alters", Group::style, several_alters,
     "One table is altered by several statements of a transaction."},
    {"creating-enum", Group::style, creating_enum, "An enum is created."},
    {"ban-create-domain-with-constraint", Group::style, ban_create_domain_with_constraint,
     "A domain is created with a constraint."},
    // Directives.  The last one asks all the others.
    {"unknown-rule", Group::safety, unknown_rule, "An allow names a rule that does not exist."},
    {"unused-allow", Group::safety, unused_allow,
     "An allow accepts nothing: its rule has nothing to say about the statement."},
};

} // namespace

std::span<const Rule> all()
{
    return rules;
}

const Rule *find(std::string_view id)
{
    const Rule *const found = std::find_if(std::begin(rules), std::end(rules),
                                           [id](const Rule &rule) { return rule.id == id; });
    return found == std::end(rules) ? nullptr : found;
}

bool is_known(std::string_view id)
{
    return find(id) != nullptr;
}

Findings look(const Study &study)
{
    Findings findings;
    for (const Rule &rule : rules)
        if (rule.group == Group::safety || study.options.style)
            rule.look(study, findings);
    return findings;
}

} // namespace migrate::rules
