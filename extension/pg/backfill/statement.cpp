// Analysis as for running it; nothing is run.  The walkers are C.
// SPDX-License-Identifier: PostgreSQL
#include "pg/backfill/statement.h"

#include <algorithm>

#include "core/text.h"
#include "pg/backfill/ending.h"
#include "pg/backfill/tree.h"
#include "pg/boundary.h"
#include "pg/lexer.h"
#include "pg/role_lock.h"
#include "pg/workspace.h"

extern "C" {
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parsetree.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
}

namespace migrate::pg::backfill {

namespace {

// Plain data, filled by C.
struct Seen
{
    Facts *facts;
    List *tree;                  // oids of the target and all that inherits from it
    const RangeTblEntry *target; // the one entry that may read them
    int depth;
    int target_number; // of its entry
};

extern "C" {
static bool look(Node *node, void *argument);
}

void note_subselect(const Query *query, Seen *seen)
{
    // One that depends on the row is asked anew for every row, whatever the batch.
    if (contain_vars_of_level(reinterpret_cast<Node *>(const_cast<Query *>(query)), seen->depth))
        return;
    Facts *facts = seen->facts;
    facts->has_limit = facts->has_limit || query->limitCount || query->limitOffset;
    facts->has_aggregate = facts->has_aggregate || query->hasAggs || query->groupClause;
    facts->has_window = facts->has_window || query->hasWindowFuncs;
}

extern "C" {
static bool look(Node *node, void *argument)
{
    auto *seen = static_cast<Seen *>(argument);
    if (node == nullptr)
        return false;
    if (IsA(node, RangeTblEntry)) {
        const auto *entry = castNode(RangeTblEntry, node);
        if (entry != seen->target && entry->rtekind == RTE_RELATION &&
            entry->relkind != RELKIND_VIEW) {
            seen->facts->reads_others = true;
            // Reading a parent reads it, too.
            if (list_member_oid(seen->tree, entry->relid) ||
                (entry->inh && list_member_oid(find_all_inheritors(entry->relid, NoLock, nullptr),
                                               seen->facts->target)))
                seen->facts->reads_target = true;
        }
        return false;
    }
    if (IsA(node, Var)) {
        const auto *var = castNode(Var, node);
        if (var->varattno == InvalidAttrNumber && var->varno == seen->target_number &&
            static_cast<int>(var->varlevelsup) == seen->depth)
            seen->facts->whole_row = true;
        return false;
    }
    if (IsA(node, Query)) {
        auto *query = castNode(Query, node);
        seen->depth++;
        if (seen->depth > 0)
            note_subselect(query, seen);
        compat::walk_query(query, look, argument, QTW_EXAMINE_RTES_BEFORE);
        seen->depth--;
        return false;
    }
    return compat::walk_expression(node, look, argument);
}
}

extern "C" {
static bool is_temporary(Node *node, void *argument)
{
    if (node == nullptr)
        return false;
    if (IsA(node, RangeVar)) {
        const Oid table = RangeVarGetRelid(castNode(RangeVar, node), NoLock, true);
        return OidIsValid(table) && get_rel_persistence(table) == RELPERSISTENCE_TEMP;
    }
    return compat::walk_raw(node, is_temporary, argument);
}
}

struct Strings
{
    const char *relation;
    List *assigned; // of char *
};

void analyse_tree(const char *text, const Written &written, Facts *facts, Strings *strings)
{
    auto *tree = static_cast<RawStmt *>(copyObjectImpl(written.tree));
    PushActiveSnapshot(GetTransactionSnapshot());
    Query *query = parse_analyze_fixedparams(tree, text, nullptr, 0, nullptr);
    const RangeTblEntry *entry = rt_fetch(query->resultRelation, query->rtable);
    Relation relation = table_open(entry->relid, NoLock);
    facts->is_update = written.is_update;
    facts->target = entry->relid;
    facts->only = !entry->inh;
    facts->kind = relation->rd_rel->relkind;
    facts->persistence = relation->rd_rel->relpersistence;
    facts->of_catalogs = IsSystemRelation(relation) ||
                         RelationGetNamespace(relation) == get_namespace_oid("migrate", true);
    facts->has_rules = relation->rd_rules != nullptr && relation->rd_rel->relkind != RELKIND_VIEW;
    facts->row_security = check_enable_rls(entry->relid, InvalidOid, true) == RLS_ENABLED;
    facts->has_cte = query->cteList != NIL;
    facts->has_returning = query->returningList != NIL;
    facts->has_where = written.where != nullptr;
    facts->of_cursor = written.where != nullptr && IsA(written.where, CurrentOfExpr);
    strings->relation = quote_qualified_identifier(
        get_namespace_name(RelationGetNamespace(relation)), RelationGetRelationName(relation));
    ListCell *cell;
    if (query->commandType == CMD_UPDATE)
        foreach (cell, query->targetList) {
            const auto *assigned = lfirst_node(TargetEntry, cell);
            if (assigned->resjunk) // the subselect that several columns are set from
                continue;
            strings->assigned =
                lappend(strings->assigned, get_attname(entry->relid, assigned->resno, false));
        }
    facts->is_volatile = contain_volatile_functions(reinterpret_cast<Node *>(query));
    facts->is_mutable = contain_mutable_functions(reinterpret_cast<Node *>(query));
    judge_ending(query, relation, facts);
    table_close(relation, NoLock);

    Seen seen{facts, find_all_inheritors(entry->relid, NoLock, nullptr), entry, -1,
              query->resultRelation};
    look(reinterpret_cast<Node *>(query), &seen);
    // Views become what they read; policies read what they like.
    List *rewritten = pg_rewrite_query(query);
    foreach (cell, rewritten) {
        auto *made = lfirst_node(Query, cell);
        seen.target = rt_fetch(made->resultRelation, made->rtable);
        seen.depth = -1;
        look(reinterpret_cast<Node *>(made), &seen);
    }
    PopActiveSnapshot();
}

} // namespace

void check_rights(const std::string &statement)
{
    const char *text = statement.c_str();
    call([&] {
        const Written written = parse_statement(text);
        PushActiveSnapshot(GetTransactionSnapshot());
        compat::check_rights(parse_analyze_fixedparams(written.tree, text, nullptr, 0, nullptr));
        PopActiveSnapshot();
    });
}

Facts analyse(const std::string &statement)
{
    const RoleLock lock;
    Facts facts;
    Facts *into = &facts;
    Strings strings{};
    Workspace workspace;
    const char *text = statement.c_str();
    call([&] { analyse_tree(text, parse_statement(text), into, &strings); });
    facts.relation = strings.relation;
    for (int i = 0; i < list_length(strings.assigned); i++)
        facts.assigned.emplace_back(static_cast<const char *>(list_nth(strings.assigned, i)));
    facts.tokens = tokens_of(statement);
    workspace.close();
    return facts;
}

// Key words and names without quotes are the same in any case.
std::string tokens_of(const std::string &text)
{
    Workspace workspace;
    std::string tokens;
    {
        Lexer lexer(text);
        for (Token token = lexer.next(); token.code != 0; token = lexer.next()) {
            if (token.code == ';')
                continue;
            const std::string one = lexer.text_of(token);
            const bool quoted = one.find_first_of("'\"$") != std::string::npos;
            tokens += (tokens.empty() ? "" : " ") + (quoted ? one : lower_ascii(one));
        }
    }
    workspace.close();
    return tokens;
}

ObjectId target_of(const std::string &statement)
{
    Workspace workspace;
    const char *text = statement.c_str();
    const ObjectId table =
        call([&] { return RangeVarGetRelid(parse_statement(text).target, NoLock, true); });
    workspace.close();
    return table;
}

bool names_temporary_table(const std::string &statement)
{
    Workspace workspace;
    const char *text = statement.c_str();
    const bool temporary =
        call([&] { return is_temporary(parse_statement(text).tree->stmt, nullptr); });
    workspace.close();
    return temporary;
}

std::vector<std::string> both(const std::vector<std::string> &a, const std::vector<std::string> &b)
{
    std::vector<std::string> common;
    for (const std::string &name : a)
        if (std::find(b.begin(), b.end(), name) != b.end())
            common.push_back(name);
    return common;
}

} // namespace migrate::pg::backfill
