// Without an index that begins with the referencing columns, each DELETE or key UPDATE of a referenced row reads the
// whole referencing table.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <algorithm>

namespace migrate::rules {

namespace {

bool begins_with(const std::vector<std::string> &columns, std::vector<std::string> key)
{
    if (columns.size() < key.size())
        return false;
    std::vector<std::string> head(columns.begin(),
                                  columns.begin() + static_cast<std::ptrdiff_t>(key.size()));
    std::sort(head.begin(), head.end());
    std::sort(key.begin(), key.end());
    return head == key;
}

// The script itself makes the index, before or after.
bool is_indexed_by(const Study &study, const Action &key)
{
    bool found = false;
    for_each_action(study,
                    {ActionKind::create_index, ActionKind::add_unique, ActionKind::add_primary_key},
                    [&](const Place &at) {
                        found |= same_relation(at.action.relation, key.relation) &&
                                 !at.action.has_condition &&
                                 begins_with(at.action.columns, key.columns);
                    });
    return found;
}

} // namespace

void foreign_key_without_index(const Study &study, Findings &findings)
{
    for_each_action(study, {ActionKind::add_foreign_key}, [&](const Place &at) {
        const Action &action = at.action;
        if (!action.lacks_index || action.already_so || is_indexed_by(study, action))
            return;
        const bool large = in_use(action.relation) &&
                           bytes_of(at.statement, action.relation) > study.options.small_table;
        findings.push_back(finding_of(
            "foreign-key-without-index", large ? Severity::warning : Severity::info, at,
            {"foreign key of " + action.relation.name + " on " + names_in_words(action.columns) +
                 " has no index",
             "Each DELETE of a row of " + action.referenced.name +
                 ", and each UPDATE of its key, reads " + relation_in_words(action.relation) +
                 " from end to end to look for rows that reference it.",
             "CREATE INDEX ON " + action.relation.name + " (" + quote_identifiers(action.columns) +
                 ");"}));
    });
}

} // namespace migrate::rules
