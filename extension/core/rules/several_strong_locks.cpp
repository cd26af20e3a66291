// One transaction that locks several tables holds the first while it comes to the last.  The engine takes all locks
// of a step or none, so there is no deadlock; but the more tables, the rarer the moment when all are free, and the
// work on one holds up the users of the others.
// SPDX-License-Identifier: PostgreSQL
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>
#include <map>
#include <set>

namespace migrate::rules {

namespace {

// What one transaction has locked so far.
struct Held
{
    std::map<std::uint32_t, std::string> relations; // by id: a name may change on the way
    const StudiedStatement *last = nullptr;         // that locked one more
    double seconds = 0;
    int statements = 0, foreign_keys = 0;
};

// Partitions, indexes and sequences go with their table.
bool counts(const Effect &effect, const StudyOptions &options, const StudiedStatement &statement)
{
    const RelationKind kind = effect.relation.kind;
    const bool table = kind == RelationKind::table || kind == RelationKind::partitioned_table ||
                       kind == RelationKind::materialized_view;
    return table && in_use(effect.relation) && !effect.relation.is_partition &&
           is_strong(effect.lock) && bytes_of(statement, effect.relation) > options.small_table;
}

void add(Held &held, const Study &study, const StudiedStatement &statement)
{
    const std::size_t before = held.relations.size();
    for (const Effect &effect : statement.effects)
        if (counts(effect, study.options, statement))
            held.relations.emplace(effect.relation.id, effect.relation.name);
    if (held.relations.empty())
        return;
    held.seconds += seconds_of(statement);
    if (held.relations.size() == before)
        return;
    held.last = &statement;
    held.statements++;
    held.foreign_keys += static_cast<int>(
        std::count_if(statement.actions.begin(), statement.actions.end(), [](const Action &action) {
            return action.kind == ActionKind::add_foreign_key;
        }));
}

// A foreign key cannot help but lock both its tables.
bool is_one_foreign_key(const Held &held)
{
    return held.statements == 1 && held.foreign_keys == 1 && held.relations.size() == 2;
}

Finding finding_about(const Held &held)
{
    std::set<std::string> sorted;
    for (const auto &[id, name] : held.relations)
        sorted.insert(name);
    std::string names;
    for (const std::string &relation : sorted)
        names += (names.empty() ? "" : ", ") + relation;
    Finding finding;
    finding.rule = "several-strong-locks";
    finding.severity = span_of(held.seconds) == Span::instant ? Severity::info : Severity::warning;
    finding.number = held.last->number;
    finding.line = held.last->statement.line;
    finding.relation = *sorted.begin();
    finding.message = "one transaction holds strong locks on " +
                      std::to_string(held.relations.size()) + " tables: " + names;
    finding.why = "All of them are locked until the transaction ends, " +
                  seconds_in_words(held.seconds) +
                  ", and it can begin only when nobody else uses any of them.";
    finding.safe = "Give each table a migration of its own, or a BEGIN ... COMMIT of its own.";
    return finding;
}

} // namespace

void several_strong_locks(const Study &study, Findings &findings)
{
    std::map<int, Held> groups;
    int alone = -1;
    for (const StudiedStatement &statement : study.statements)
        if (statement.course == Course::as_written)
            add(groups[statement.group >= 0 ? statement.group : alone--], study, statement);
    for (const auto &[group, held] : groups)
        if (held.relations.size() > 1 && !is_one_foreign_key(held))
            findings.push_back(finding_about(held));
}

} // namespace migrate::rules
