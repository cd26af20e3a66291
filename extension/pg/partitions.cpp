// SPDX-License-Identifier: PostgreSQL
#include "pg/partitions.h"

#include "pg/action_reader.h"
#include "pg/boundary.h"
#include "pg/foretell_alter.h"
#include "pg/string_rules.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "partitioning/partdesc.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
}

namespace migrate::pg {

namespace {

std::string name_on(ObjectId relation, const std::string &addition, const char *label,
                    NamesToCome &names)
{
    const Oid schema = call([&] { return get_rel_namespace(relation); });
    const std::string table = call([&] { return get_rel_name(relation); });
    const std::string name = free_name(schema, table, addition, label, names);
    const std::string key = std::to_string(schema) + "." + name;
    names.freed.erase(key);
    names.taken.insert(key);
    return name;
}

List *children_by_bounds(Oid parent)
{
    List *children = NIL;
    Relation relation = RelationIdGetRelation(parent);
    if (relation == nullptr)
        return NIL;
    if (relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE) {
        const PartitionDesc partitions = RelationGetPartitionDesc(relation, true);
        for (int i = 0; i < partitions->nparts; i++)
            children = lappend_oid(children, partitions->oids[i]);
    }
    RelationClose(relation);
    return children;
}

bool is_valid_index(Oid index)
{
    Relation relation = RelationIdGetRelation(index);
    const bool valid = relation != nullptr && relation->rd_index->indisvalid;
    if (relation != nullptr)
        RelationClose(relation);
    return valid;
}

const Constraint *constraint_in(Node *statement)
{
    if (!IsA(statement, AlterTableStmt))
        return nullptr;
    ListCell *cell;
    foreach (cell, reinterpret_cast<AlterTableStmt *>(statement)->cmds) {
        const auto *command = static_cast<AlterTableCmd *>(lfirst(cell));
        if (command->def != nullptr && IsA(command->def, Constraint))
            return reinterpret_cast<const Constraint *>(command->def);
    }
    return nullptr;
}

} // namespace

std::vector<ObjectId> partitions_of(ObjectId parent)
{
    std::vector<ObjectId> partitions;
    ListCell *cell;
    foreach (cell, call([&] { return children_by_bounds(parent); }))
        partitions.push_back(lfirst_oid(cell));
    return partitions;
}

std::vector<ObjectId> family_of(ObjectId relation)
{
    std::vector<ObjectId> family;
    ListCell *cell;
    foreach (cell, call([&] { return with_descendants(relation); }))
        family.push_back(lfirst_oid(cell));
    return family;
}

std::string family_text(ObjectId relation)
{
    std::string text;
    for (const ObjectId id : family_of(relation))
        text += (text.empty() ? "{" : ",") + std::to_string(id);
    return text + "}";
}

std::vector<IndexMatch> matches_of(ObjectId parent_index, ObjectId partition)
{
    std::vector<IndexMatch> matches;
    ListCell *cell;
    foreach (cell, call([&] { return index_matches(parent_index, partition); })) {
        const Oid index = lfirst_oid(cell);
        matches.push_back({index, call([&] { return is_valid_index(index); })});
    }
    return matches;
}

std::vector<ObjectId> missing_indexes(ObjectId parent, ObjectId partition)
{
    std::vector<ObjectId> missing;
    ListCell *cell;
    foreach (cell, call([&] { return indexes_missing_on(parent, partition); }))
        missing.push_back(lfirst_oid(cell));
    return missing;
}

std::string index_name_on(ObjectId relation, const std::vector<std::string> &columns,
                          const char *label, NamesToCome &names)
{
    return name_on(relation, joined(each_once(columns)), label, names);
}

std::string foreign_key_name_on(ObjectId relation, const std::string &name,
                                const std::vector<std::string> &columns, NamesToCome &names)
{
    const char *text = name.c_str();
    if (!OidIsValid(call([&] { return constraint_of(relation, text); })))
        return name;
    if (compat::foreign_key_keeps_its_name_in_partitions) {
        const Oid schema = call([&] { return get_rel_namespace(relation); });
        return free_name(schema, name, "", "", names);
    }
    return name_on(relation, joined(columns), "fkey", names);
}

ForeignKeyRules foreign_key_rules(const std::string &command)
{
    ForeignKeyRules rules{FKCONSTR_ACTION_NOACTION, FKCONSTR_ACTION_NOACTION,
                          FKCONSTR_MATCH_SIMPLE};
    const std::string statement = "ALTER TABLE t " + command;
    Workspace workspace;
    const StringRules quiet;
    const char *text = statement.c_str();
    attempt_parsing([&] {
        List *trees = call([&] { return raw_parser(text, RAW_PARSE_DEFAULT); });
        const Constraint *found =
            trees != NIL ? constraint_in(linitial_node(RawStmt, trees)->stmt) : nullptr;
        if (found != nullptr && found->contype == CONSTR_FOREIGN)
            rules = {found->fk_upd_action, found->fk_del_action, found->fk_matchtype};
    });
    workspace.close();
    return rules;
}

} // namespace migrate::pg
