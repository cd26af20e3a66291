// Every rule's function, one file each.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/finding.h"

namespace migrate::rules {

void adding_exclusion_constraint(const Study &study, Findings &findings);
void adding_field_with_default(const Study &study, Findings &findings);
void adding_foreign_key_constraint(const Study &study, Findings &findings);
void adding_not_nullable_field(const Study &study, Findings &findings);
void adding_required_field(const Study &study, Findings &findings);
void adding_serial_primary_key_field(const Study &study, Findings &findings);
void attach_partition_scan(const Study &study, Findings &findings);
void ban_alter_domain_with_add_constraint(const Study &study, Findings &findings);
void ban_char_field(const Study &study, Findings &findings);
void ban_concurrent_index_creation_in_transaction(const Study &study, Findings &findings);
void ban_create_domain_with_constraint(const Study &study, Findings &findings);
void ban_drop_column(const Study &study, Findings &findings);
void ban_drop_database(const Study &study, Findings &findings);
void ban_drop_not_null(const Study &study, Findings &findings);
void ban_drop_owned(const Study &study, Findings &findings);
void ban_drop_schema(const Study &study, Findings &findings);
void ban_drop_table(const Study &study, Findings &findings);
void ban_duplicate_column_assignments(const Study &study, Findings &findings);
void ban_truncate(const Study &study, Findings &findings);
void ban_truncate_cascade(const Study &study, Findings &findings);
void ban_uncommitted_transaction(const Study &study, Findings &findings);
void big_bang(const Study &study, Findings &findings);
void cannot_inspect(const Study &study, Findings &findings);
void changing_column_type(const Study &study, Findings &findings);
void changing_schema(const Study &study, Findings &findings);
void constraint_missing_not_valid(const Study &study, Findings &findings);
void creating_enum(const Study &study, Findings &findings);
void delete_all_rows(const Study &study, Findings &findings);
void disallowed_unique_constraint(const Study &study, Findings &findings);
void drop_cascade(const Study &study, Findings &findings);
void dropping_object(const Study &study, Findings &findings);
void enum_value_in_own_transaction(const Study &study, Findings &findings);
void explicit_lock(const Study &study, Findings &findings);
void foreign_key_without_index(const Study &study, Findings &findings);
void identifier_too_long(const Study &study, Findings &findings);
void incompatible_column_type(const Study &study, Findings &findings);
void index_columns(const Study &study, Findings &findings);
void large_data_change(const Study &study, Findings &findings);
void long_work_after_lock(const Study &study, Findings &findings);
void mismatched_foreign_key_type(const Study &study, Findings &findings);
void no_way_back(const Study &study, Findings &findings);
void prefer_bigint_over_int(const Study &study, Findings &findings);
void prefer_bigint_over_smallint(const Study &study, Findings &findings);
void prefer_identity(const Study &study, Findings &findings);
void prefer_jsonb(const Study &study, Findings &findings);
void prefer_repack(const Study &study, Findings &findings);
void prefer_robust_stmts(const Study &study, Findings &findings);
void prefer_text_field(const Study &study, Findings &findings);
void prefer_timestamp_tz(const Study &study, Findings &findings);
void refresh_blocks_reads(const Study &study, Findings &findings);
void renaming_column(const Study &study, Findings &findings);
void renaming_enum_value(const Study &study, Findings &findings);
void renaming_object(const Study &study, Findings &findings);
void renaming_schema(const Study &study, Findings &findings);
void renaming_table(const Study &study, Findings &findings);
void replacing_index(const Study &study, Findings &findings);
void require_concurrent_index_creation(const Study &study, Findings &findings);
void require_concurrent_index_deletion(const Study &study, Findings &findings);
void require_concurrent_partition_detach(const Study &study, Findings &findings);
void require_concurrent_reindex(const Study &study, Findings &findings);
void require_enum_value_ordering(const Study &study, Findings &findings);
void require_table_schema(const Study &study, Findings &findings);
void several_alters(const Study &study, Findings &findings);
void several_strong_locks(const Study &study, Findings &findings);
void table_rewrite(const Study &study, Findings &findings);
void transaction_nesting(const Study &study, Findings &findings);
void undefined_table(const Study &study, Findings &findings);
void unknown_rule(const Study &study, Findings &findings);
void unused_allow(const Study &study, Findings &findings);

} // namespace migrate::rules
