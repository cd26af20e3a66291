// Statements that hold another one: PREPARE keeps it, EXECUTE runs what was kept, EXPLAIN ANALYZE runs it.
// SPDX-License-Identifier: PostgreSQL
#include "pg/action_reader.h"
#include "pg/actions.h"
#include "pg/boundary.h"
#include "pg/foretell_query.h"

extern "C" {
#include "nodes/pg_list.h"
}

namespace migrate::pg {

void read_prepare(ActionReader &reader, const PrepareStmt *statement)
{
    migrate::Action &action = reader.add(ActionKind::prepare);
    action.name = statement->name;
    const std::size_t end = reader.tokens().size();
    action.text = reader.slice(reader.find("as", 0, end) + 1, end);
}

void read_execute(ActionReader &reader, const ExecuteStmt *statement)
{
    reader.add(ActionKind::execute).name = statement->name;
}

void read_explain(ActionReader &reader, const ExplainStmt *statement)
{
    if (!call([&] { return explain_executes(statement); })) {
        reader.add(ActionKind::passing);
        read_relations(reader, statement->query, nullptr);
        reader.actions.back().calls.clear();
        return;
    }
    read_statement(reader, statement->query);
    for (migrate::Action &action : reader.actions) {
        action.enclosed = true;
        // It makes nothing: the rows go nowhere.
        if (action.kind == ActionKind::create_table_as ||
            action.kind == ActionKind::create_materialized_view) {
            action.kind = ActionKind::select;
            action.relation = {};
            action.already_so = false;
        }
    }
}

} // namespace migrate::pg
