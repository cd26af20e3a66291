// SPDX-License-Identifier: PostgreSQL
#include "engine/same_target.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/identifier.h"
#include "pg/actions.h"
#include "pg/partitions.h"

namespace migrate {

namespace {

using Ids = std::set<pg::ObjectId>;

Action first_action(const std::string &text)
{
    pg::NamesToCome none;
    const std::vector<Action> actions = pg::actions_of(text, none);
    return actions.empty() ? Action{} : actions.front();
}

void add_family(Ids &ids, pg::ObjectId relation)
{
    if (relation == 0)
        return;
    for (const pg::ObjectId id : pg::family_of(relation))
        ids.insert(id);
}

// What the statement as written may change now.
Ids targets_of(const Action &written)
{
    Ids ids;
    add_family(ids, written.relation.id);
    add_family(ids, written.partition.id);
    if (written.kind == ActionKind::attach_partition)
        add_family(ids, written.referenced.id); // the default partition
    return ids;
}

bool names_a_table(const Statement &statement)
{
    return statement.tag == "ALTER TABLE" || statement.tag == "UPDATE" ||
           statement.tag == "CREATE INDEX";
}

Error another(const Relation &planned, const Action &written)
{
    const std::string now = written.relation.id == 0 ? "no table" : written.relation.qualified;
    return Error(
        sqlstate::prerequisite_state,
        "table " + bare_name(planned.name) + " is not the one that the statement was planned for",
        "It was planned for " + planned.qualified + "; as written it means " + now + " now.",
        "Write the schema in the statement, or \"-- migrate:online off\" before it.");
}

} // namespace

void require_same_target(const Step &step)
{
    const Action written = first_action(step.online->written);
    const bool of_table = written.relation.kind == RelationKind::table ||
                          written.relation.kind == RelationKind::partitioned_table ||
                          written.relation.id == 0;
    if (!of_table || written.kind == ActionKind::drop_index || written.kind == ActionKind::reindex)
        return;
    const Ids targets = targets_of(written);
    for (const NumberedStatement &s : step.statements) {
        if (!names_a_table(s.statement))
            continue;
        const Relation planned = first_action(s.statement.text).relation;
        if (planned.id != 0 && !targets.contains(planned.id))
            throw another(planned, written);
    }
}

} // namespace migrate
