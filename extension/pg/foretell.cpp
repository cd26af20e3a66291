// SPDX-License-Identifier: PostgreSQL
#include "pg/foretell.h"

#include <optional>

#include "pg/foretelling.h"
#include "pg/role_lock.h"
#include "pg/string_rules.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "parser/parser.h"
#include "utils/inval.h"
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
            answer.wanted[kept - 1].work |= next.work;
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

void copy(const Foretelling &answer, Foretold &result)
{
    for (int i = 0; i < answer.count; i++) {
        const Wanted &wanted = answer.wanted[i];
        const Oid relation = wanted.relation;
        if (wanted.work != 0) {
            const std::uint64_t bytes = call([&] { return bytes_of(relation); });
            result.bytes += bytes;
            result.work.push_back(
                {relation, (wanted.work & work_scan) != 0, (wanted.work & work_rewrite) != 0,
                 (wanted.work & work_build) != 0, (wanted.work & work_lookup) != 0, bytes});
        }
        if (wanted.mode != NoLock)
            result.locks.push_back({wanted.relation, static_cast<LockMode>(wanted.mode)});
    }
}

} // namespace

Foretold foretell(const std::string &statement)
{
    const RoleLock lock;
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
    // A statement that is wrong, or a name in a schema that the role may not use, ends in an error here as
    // it will when it is run.
    const std::optional<Error> failure = attempt([&] {
        call([&] {
            AcceptInvalidationMessages();
            foretell_statement(answer, linitial_node(RawStmt, trees)->stmt);
            settle(answer);
        });
    });
    result.refused =
        answer.refused || (failure && failure->sqlstate == sqlstate::insufficient_privilege);
    result.opaque = answer.opaque || failure;
    if (!failure && !result.refused)
        copy(answer, result);
    workspace.close();
    return result;
}

} // namespace migrate::pg
