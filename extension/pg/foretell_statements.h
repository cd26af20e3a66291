// Every kind of statement that foretell() knows, by the node of its raw parse tree.  A new kind is a function
// here and a line in foretell_statement.cpp.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/foretelling.h"

namespace migrate::pg {

// foretell_alter.cpp
void foretell_alter_table(Foretelling &answer, const AlterTableStmt *statement);

// foretell_create.cpp
void foretell_create_table(Foretelling &answer, const CreateStmt *statement);
void foretell_create_table_as(Foretelling &answer, const CreateTableAsStmt *statement);
void foretell_create_view(Foretelling &answer, const ViewStmt *statement);
void foretell_create_sequence(Foretelling &answer, const CreateSeqStmt *statement);
void foretell_alter_sequence(Foretelling &answer, const AlterSeqStmt *statement);
void foretell_create_trigger(Foretelling &answer, const CreateTrigStmt *statement);
void foretell_create_rule(Foretelling &answer, const RuleStmt *statement);
void foretell_policy(Foretelling &answer, const RangeVar *table, Node *qual, Node *with_check);
void foretell_create_statistics(Foretelling &answer, const CreateStatsStmt *statement);
void foretell_publication(Foretelling &answer, List *objects);
void foretell_alter_publication(Foretelling &answer, const AlterPublicationStmt *statement);

// foretell_index.cpp
void foretell_create_index(Foretelling &answer, const IndexStmt *statement);

// foretell_drop.cpp
void foretell_drop(Foretelling &answer, const DropStmt *statement);
void foretell_drop_owned(Foretelling &answer, const DropOwnedStmt *statement);

// foretell_lock.cpp
void foretell_truncate(Foretelling &answer, const TruncateStmt *statement);
void foretell_lock(Foretelling &answer, const LockStmt *statement);

// foretell_query.cpp: SELECT, INSERT, UPDATE, DELETE, MERGE
void foretell_query(Foretelling &answer, Node *statement);

// foretell_function.cpp
void foretell_create_function(Foretelling &answer, const CreateFunctionStmt *statement);
void foretell_prepare(Foretelling &answer, const PrepareStmt *statement);
void foretell_execute(Foretelling &answer, const ExecuteStmt *statement);
void foretell_explain(Foretelling &answer, const ExplainStmt *statement);
void foretell_declare(Foretelling &answer, const DeclareCursorStmt *statement);

// foretell_copy.cpp
void foretell_copy(Foretelling &answer, const CopyStmt *statement);

// foretell_maintenance.cpp
void foretell_vacuum(Foretelling &answer, const VacuumStmt *statement);
void foretell_cluster(Foretelling &answer, const ClusterStmt *statement);
void foretell_reindex(Foretelling &answer, const ReindexStmt *statement);
void foretell_refresh(Foretelling &answer, const RefreshMatViewStmt *statement);

// foretell_object.cpp
void foretell_comment(Foretelling &answer, const CommentStmt *statement);
void foretell_label(Foretelling &answer, const SecLabelStmt *statement);
void foretell_extension_member(Foretelling &answer, const AlterExtensionContentsStmt *statement);
void foretell_depends_on(Foretelling &answer, const AlterObjectDependsStmt *statement);
void foretell_rename(Foretelling &answer, const RenameStmt *statement);
void foretell_set_schema(Foretelling &answer, const AlterObjectSchemaStmt *statement);
void foretell_change_owner(Foretelling &answer, const AlterOwnerStmt *statement);
void foretell_reassign_owned(Foretelling &answer, const ReassignOwnedStmt *statement);
void foretell_grant(Foretelling &answer, const GrantStmt *statement);
void foretell_create_domain(Foretelling &answer, const CreateDomainStmt *statement);
void foretell_alter_domain(Foretelling &answer, const AlterDomainStmt *statement);

} // namespace migrate::pg
