// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell.h"

#include <algorithm>

#include "pg/foretelling.h"
#include "pg/string_rules.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "parser/parser.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

int by_relation_then_strongest(const void *one, const void *other)
{
    const auto *a = static_cast<const Wanted *>(one), *b = static_cast<const Wanted *>(other);
    if (a->relation != b->relation)
        return a->relation < b->relation ? -1 : 1;
    return b->mode - a->mode;
}

// One row a relation, the strongest mode; what is not a user's relation is dropped.
void settle(Foretelling &answer)
{
    int kept = 0;
    qsort(answer.wanted, answer.count, sizeof(Wanted), by_relation_then_strongest);
    for (int i = 0; i < answer.count; i++) {
        const Wanted &next = answer.wanted[i];
        if (kept > 0 && answer.wanted[kept - 1].relation == next.relation) {
            answer.wanted[kept - 1].whole |= next.whole;
            continue;
        }
        if (next.relation < FirstNormalObjectId)
            continue;
        const Oid schema = get_rel_namespace(next.relation);
        if (OidIsValid(schema) && !isTempToastNamespace(schema) && schema != PG_TOAST_NAMESPACE)
            answer.wanted[kept++] = next;
    }
    answer.count = kept;
}

} // namespace

Foretold foretell(const std::string &statement)
{
    Foretold result;
    Foretelling answer{};
    Workspace workspace;
    const StringRules quiet;
    const char *text = statement.c_str();
    List *trees = NIL;
    if (attempt_parsing(
            [&] { trees = call([&] { return raw_parser(text, RAW_PARSE_DEFAULT); }); }) ||
        list_length(trees) != 1) {
        workspace.close();
        return result;
    }
    call([&] {
        foretell_statement(answer, linitial_node(RawStmt, trees)->stmt);
        settle(answer);
    });
    result.opaque = answer.opaque;
    result.refused = answer.refused;
    if (!answer.refused)
        for (int i = 0; i < answer.count; i++)
            if (answer.wanted[i].mode != NoLock)
                result.locks.push_back(
                    {answer.wanted[i].relation, static_cast<LockMode>(answer.wanted[i].mode)});
    workspace.close();
    return result;
}

void foretell_statement(Foretelling &answer, Node *statement)
{
    switch (nodeTag(statement)) {
    case T_AlterTableStmt:
        return foretell_alter_table(answer, reinterpret_cast<AlterTableStmt *>(statement));
    case T_IndexStmt:
        return foretell_create_index(answer, reinterpret_cast<IndexStmt *>(statement));
    case T_DropStmt:
        return foretell_drop(answer, reinterpret_cast<DropStmt *>(statement));
    case T_DropOwnedStmt:
        return foretell_drop_owned(answer, reinterpret_cast<DropOwnedStmt *>(statement));
    case T_TruncateStmt:
        return foretell_truncate(answer, reinterpret_cast<TruncateStmt *>(statement));
    case T_LockStmt:
        return foretell_lock(answer, reinterpret_cast<LockStmt *>(statement));
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
        return foretell_query(answer, statement);
    case T_DoStmt:
    case T_CallStmt:
        answer.opaque = true;
        return;
    default:
        return;
    }
}

} // namespace migrate::pg
