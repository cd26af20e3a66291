// What the parts of actions_of() share: the statement's text with its tokens, and the actions as they grow.
// Parse trees are only read here; whatever asks the catalogs is inside call().  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/action.h"
#include "pg/compat_trees.h"
#include "pg/lexer.h"
#include "pg/names_to_come.h"

namespace migrate::pg {

class ActionReader
{
public:
    ActionReader(const std::string &statement, NamesToCome &names);

    // One more, of this relation; the reference is good until the next.
    migrate::Action &add(ActionKind kind, const migrate::Relation &relation = {});
    // The same for what a name stands for, with whether it says in which schema.
    migrate::Action &add(ActionKind kind, const RangeVar *name);
    migrate::Action &add(ActionKind kind, List *qualified_name);

    const std::string &text() const { return text_; }
    const std::vector<Token> &tokens() const { return tokens_; }
    std::string word(std::size_t token) const; // lower case
    // The first token at or behind this byte.
    std::size_t token_at(std::size_t byte) const;
    // From one token to before another, without white space around it.
    std::string slice(std::size_t begin, std::size_t end) const;
    // The token behind the one that closes what this one, "(" or "[", opens.
    std::size_t behind_group(std::size_t open) const;
    // The first token in [begin, end) that is this word and not inside parentheses; `end` if there is none.
    std::size_t find(std::string_view word, std::size_t begin, std::size_t end) const;

    // free_name(), which is taken from then on.
    std::string choose_name(Oid schema, const std::string &table, const std::string &addition,
                            const char *label);
    // This name is going to be taken.
    void take_name(Oid schema, const std::string &name);
    // Or it is free again.
    void free_name_of(Oid schema, const std::string &name);

    std::vector<migrate::Action> actions;

private:
    const std::string &text_;
    std::vector<Token> tokens_;
    NamesToCome &names_;
};

// Named as the server does it: "table_column_label", with a number behind it if that is taken.
std::string free_name(Oid schema, const std::string &table, const std::string &addition,
                      const char *label, const NamesToCome &names);
// Behind what such a name is made of: "a_b", cut as the server cuts it.
std::string joined(const std::vector<std::string> &names);
// Of an index's columns: with "1", "2", ... behind those that are there before.
std::vector<std::string> each_once(const std::vector<std::string> &names);

// ---- what trees hold ----------------------------------------------------------------------------------

migrate::Relation relation_named(const RangeVar *name);
migrate::Relation relation_named(List *names);
std::string quoted_name(const RangeVar *name);
std::string quoted_name(const char *name);
// Names (String nodes), unquoted.
std::vector<std::string> strings_of(List *names);
// "schema.name", each part quoted.
std::string dotted(List *names);
// As format_type() shows it; as written if there is no such type.
std::string type_text(const TypeName *type);
std::string column_type(Oid relation, const char *column);
Oid schema_of_new(const RangeVar *name);
// Quoted: of a function, type, schema, ..., as a parse tree names it.
std::string object_text(Node *object);
const char *object_name_of(ObjectType type);
bool is_missing(ObjectType type, Node *object);

// ---- statements ---------------------------------------------------------------------------------------

void read_alter_table(ActionReader &reader, const AlterTableStmt *statement);
void read_create_table(ActionReader &reader, const CreateStmt *statement);
void read_index(ActionReader &reader, const IndexStmt *statement);
void read_reindex(ActionReader &reader, const ReindexStmt *statement);
// What a DROP INDEX drops.
void read_dropped_index(ActionReader &reader, migrate::Action &action, bool concurrently);
void read_drop(ActionReader &reader, const DropStmt *statement);
void read_rename(ActionReader &reader, const RenameStmt *statement);
// False if it is none of these: INSERT, UPDATE, DELETE, MERGE, SELECT, COPY.
bool read_query(ActionReader &reader, Node *statement);
// INSERT, UPDATE, DELETE and MERGE in WITH; null: there is none.
void read_changes_of_with(ActionReader &reader, const WithClause *with);
// PREPARE, EXECUTE, and EXPLAIN, which with ANALYZE runs what it explains.
void read_prepare(ActionReader &reader, const PrepareStmt *statement);
void read_execute(ActionReader &reader, const ExecuteStmt *statement);
void read_explain(ActionReader &reader, const ExplainStmt *statement);
// Any statement.
void read_statement(ActionReader &reader, Node *statement);
// All that a statement names but the table that it changes, as what its action reads.
void read_relations(ActionReader &reader, Node *statement, const RangeVar *target);
// Everything else.
void read_other(ActionReader &reader, Node *statement);

// A column, then its constraints.  `begin` and `end`: its tokens, from its name on.
void read_column(ActionReader &reader, const migrate::Relation &relation, const ColumnDef *column,
                 std::size_t begin, std::size_t end);
void read_constraint(ActionReader &reader, const migrate::Relation &relation,
                     const Constraint *constraint, std::size_t begin, std::size_t end,
                     const char *of_column);
// The parts of it that only they have.
void read_foreign_key(ActionReader &reader, migrate::Action &action, const Constraint *constraint,
                      std::size_t begin, std::size_t end, const char *of_column);
void read_key(ActionReader &reader, migrate::Action &action, const Constraint *constraint,
              std::size_t begin, std::size_t end, const char *of_column);

// Names of an index's key columns; expressions are "".
std::vector<std::string> key_columns_of(Oid index);
// Those of them that may hold null.
std::vector<std::string> nullable_of(Oid relation, const std::vector<std::string> &columns);

// What a partition's constraint proves, and who has to prove it; what a detached one keeps.
void read_attach(migrate::Action &action, const PartitionCmd *wanted);
void read_detach(ActionReader &reader, migrate::Action &action);

} // namespace migrate::pg
