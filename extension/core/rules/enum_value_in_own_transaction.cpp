// A value added to an enum cannot be used before it is committed, unless the type was made in the same transaction.
// SPDX-License-Identifier: PostgreSQL
#include "core/identifier.h"
#include "core/rules/catalogue.h"
#include "core/rules/facts.h"

#include <map>

namespace migrate::rules {

namespace {

struct Added
{
    const StudiedStatement *statement;
    std::string label, type;
};

void report(const Study &study, const StudiedStatement &statement, const Added &added,
            Findings &findings)
{
    if (statement.statement.text.find(quote_literal(added.label)) == std::string::npos)
        return;
    const Action none;
    findings.push_back(finding_of(
        "enum-value-in-own-transaction", Severity::error, Place{study, statement, none},
        {"value " + quote_literal(added.label) + " of enum \"" + added.type +
             "\" is used in the transaction that adds it",
         "Statement " + std::to_string(added.statement->number) +
             " adds it, and a new value can be used only after its transaction has committed.",
         "Put a COMMIT between the two, or the ALTER TYPE into a migration before."}));
}

} // namespace

void enum_value_in_own_transaction(const Study &study, Findings &findings)
{
    std::map<int, std::vector<Added>> groups;
    std::map<std::string, int> created; // types, and the transaction that makes them
    for (const StudiedStatement &statement : study.statements) {
        if (statement.group < 0)
            continue;
        std::vector<Added> &added = groups[statement.group];
        const bool adds = has_any(statement.actions, {ActionKind::add_enum_value});
        for (const Added &one : adds ? std::vector<Added>() : added)
            report(study, statement, one, findings);
        for (const Action &action : statement.actions) {
            if (action.kind == ActionKind::create_enum)
                created[action.name] = statement.group;
            const auto type = created.find(action.name);
            const bool is_new = type != created.end() && type->second == statement.group;
            if (action.kind == ActionKind::add_enum_value && !action.already_so && !is_new)
                added.push_back({&statement, action.value, action.name});
        }
    }
}

} // namespace migrate::rules
