// What rules share: where they look, how a danger is weighed, and the facts in words.
//
// The weight of work under a lock is decided here and nowhere else.  Work is a danger if the statement holds a
// lock that stops reads or writes of a relation in use while it works on more than options.small_table; it is an
// error if that takes longer than options.max_lock_hold, a warning if not, and for information only if the
// engine runs the statement in another way, which blocks nobody.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/finding.h"

namespace migrate::rules {

// One action and where it stands.
struct Place
{
    const Study &study;
    const StudiedStatement &statement;
    const Action &action;
};

// A message, its reason and the way out, see Finding.
struct Words
{
    std::string message, why, safe;
};

template <typename Look>
void for_each_action(const Study &study, std::initializer_list<ActionKind> kinds, Look look)
{
    for (const StudiedStatement &statement : study.statements)
        for (const Action &action : statement.actions)
            for (const ActionKind kind : kinds)
                if (action.kind == kind)
                    look(Place{study, statement, action});
}

// Others use it: it is there, neither made by this migration nor temporary.
bool in_use(const Relation &relation);
bool same_relation(const Relation &one, const Relation &other);

// True if one of `actions` is of one of these kinds.
bool has_any(const std::vector<Action> &actions, std::initializer_list<ActionKind> kinds);

// The column that a constraint is written behind, or nullptr.
const Action *column_before(const Place &place);

// True if this action is why its statement writes the relation anew: as the action itself says, or where none of
// them does, by exclusion.
bool rewrites(const Place &place);

// ---- weights --------------------------------------------------------------------------------------

// The effect with the strongest lock on a relation in use; nullptr if there is none.
const Effect *strongest_effect(const StudiedStatement &statement);
// Of all relations in use that a statement reads, writes or indexes from end to end.
std::uint64_t bytes_of_work(const StudiedStatement &statement);
double seconds_of(const StudiedStatement &statement);
// max_lock_hold, or a second where there is no such limit.
double longest_hold(const StudyOptions &options);
std::optional<Severity> severity_of_work(const Study &study, const StudiedStatement &statement);
// Bytes that a relation holds, with the partitions that the statement reaches.
std::uint64_t bytes_of(const StudiedStatement &statement, const Relation &relation);

// True if all that is known of the rows that a change writes is how many there are.
bool is_bound_only(const Action &action);

// ---- findings -------------------------------------------------------------------------------------

Finding finding_of(std::string_view rule, Severity severity, const Place &place, Words words);

// Adds a finding if the statement's work under its lock is a danger.  `words.message` names the work:
// "building an index on orders"; `words.why` is what is special about it.
void add_work(std::string_view rule, const Place &place, Words words, Findings &findings);

// Adds a finding if data of a relation in use is lost: an error in a way up, information in a way down.
void add_loss(std::string_view rule, const Place &place, Words words, Findings &findings);

// Adds a warning that code of the previous release fails; information in a way down.
void add_break(std::string_view rule, const Place &place, Words words, Findings &findings);

// Adds a warning for every column of this integer type, whose values end at `last`.
void add_narrow_integers(std::string_view rule, const Study &study, std::string_view type,
                         std::string_view last, Findings &findings);

// ---- words ----------------------------------------------------------------------------------------

std::string size_in_words(std::uint64_t bytes);          // "412 MB"
std::string seconds_in_words(double seconds);            // "under 1 s", "about 4 s", "about 3 min"
std::string relation_in_words(const Relation &relation); // "orders (412 MB, about 3000000 rows)"
std::string blocked_in_words(LockMode mode);             // "reads and writes", "writes"
// What its strongest lock blocks and for how long, as a sentence.
std::string lock_in_words(const StudiedStatement &statement);
// The object that an action changes: its relation, or its name as the catalogs quote it.
std::string object_in_words(const Action &action);
// '"a", "b"'
std::string names_in_words(const std::vector<std::string> &names);

} // namespace migrate::rules
