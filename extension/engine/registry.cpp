// SPDX-License-Identifier: PostgreSQL
#include "engine/registry.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/diff.h"
#include "core/error.h"
#include "core/graph.h"
#include "core/plan.h"
#include "core/text.h"
#include "core/version.h"
#include "engine/call.h"
#include "engine/ledger.h"
#include "engine/planning.h"
#include "engine/run.h"
#include "engine/selection.h"
#include "pg/caller.h"
#include "pg/locks.h"
#include "pg/parser.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"

namespace migrate {

namespace {

struct Stored
{
    std::string id, name, up;
    pg::Value down, verify, contract;
    std::vector<std::string> requires_names;
    bool applied = false, removed = false, trusted = false;
    std::int64_t unfinished_run = 0;
};

std::string text_of(std::int64_t value)
{
    return std::to_string(value);
}

std::map<std::string, Stored> stored_migrations()
{
    std::map<std::string, Stored> all;
    for (const pg::Row &row :
         pg::ledger("SELECT id, name, up, down, verify, contract, requires, applied_at IS NOT NULL,"
                    " removed_at IS NOT NULL, unfinished_run, uploaded_by_superuser AND "
                    "restored_by IS NULL"
                    " FROM migrate.migrations")) {
        Stored s;
        s.id = *row[0];
        s.name = *row[1];
        s.up = *row[2];
        s.down = row[3];
        s.verify = row[4];
        s.contract = row[5];
        s.requires_names = pg::read_array(*row[6]);
        s.applied = *row[7] == "t";
        s.removed = *row[8] == "t";
        s.unfinished_run = row[9] ? std::stoll(*row[9]) : 0;
        s.trusted = *row[10] == "t";
        all.emplace(s.name, std::move(s));
    }
    return all;
}

std::string tokens_of(const Script &script)
{
    std::string tokens;
    for (const NumberedStatement &s : statements_in_order(script, DirectiveKind::up)) {
        tokens += s.statement.tokens + ";\n";
        if (s.statement.copy)
            tokens += s.statement.copy->text;
    }
    return tokens;
}

class Registry
{
public:
    Registry() : stored_(stored_migrations()) { describe_caller(who_); }
    std::string submit(const Submission &submission);
    void follow_renames(const std::vector<Submission> &submissions);
    void warn_of_same_numbers(const std::set<std::string> &added) const;
    void update(const Stored &old, const Submission &now, const std::string &event);
    void require_finished_part(const Stored &old, const Submission &now) const;

private:
    std::string change(const Stored &old, const Submission &now);
    void require_same_up(const Stored &old, const Submission &now) const;
    void insert(const Submission &submission);

    std::map<std::string, Stored> stored_;
    std::map<std::string, std::string> renamed_;
    Request who_;
};

bool same_texts(const Stored &old, const Submission &now)
{
    return old.up == now.up && old.down == now.down && old.verify == now.verify &&
           old.contract == now.contract && old.requires_names == now.requires_names;
}

void Registry::insert(const Submission &s)
{
    const std::vector<pg::Row> rows =
        pg::ledger("INSERT INTO migrate.migrations (name, up, down, verify, contract, requires, "
                   "uploaded_at, uploaded_by,"
                   " uploaded_by_superuser) VALUES ($1, $2, $3, $4, $5, $6::text[], "
                   "clock_timestamp(), $7, $8::boolean)"
                   " RETURNING id",
                   {s.name, s.up, s.down, s.verify, s.contract, pg::array_text(s.requires_names),
                    who_.current_role, pg::current_role_is_superuser() ? "t" : "f"});
    Stored stored{*rows[0][0], s.name, s.up, s.down, s.verify, s.contract, s.requires_names};
    stored_[s.name] = stored;
}

void Registry::update(const Stored &old, const Submission &s, const std::string &event)
{
    pg::ledger(
        "UPDATE migrate.migrations SET up = $2, down = $3, verify = $4, contract = $5,"
        " requires = $6::text[], uploaded_at = clock_timestamp(), uploaded_by = $7,"
        " uploaded_by_superuser = $8::boolean, restored_by = NULL, removed_at = NULL,"
        " applied_checksum = CASE WHEN applied_at IS NULL THEN NULL ELSE migrate.checksum($2) END"
        " WHERE id = $1::bigint",
        {old.id, s.up, s.down, s.verify, s.contract, pg::array_text(s.requires_names),
         who_.current_role, pg::current_role_is_superuser() ? "t" : "f"});
    if (event.empty())
        return;
    ledger::Event e;
    e.event = event;
    e.migration_id = std::stoll(old.id);
    e.migration = old.name;
    if (old.up != s.up)
        e.detail = line_diff(old.up, s.up);
    ledger::record_event(e, who_);
}

void Registry::require_same_up(const Stored &old, const Submission &now) const
{
    if (old.up == now.up)
        return;
    const Script before = pg::cut(old.name, old.up), after = pg::cut(now.name, now.up);
    if (tokens_of(before) == tokens_of(after)) {
        pg::warning("migration \"" + old.name +
                    "\" is applied; its text changed in white space or comments");
        return;
    }
    throw Error(
        sqlstate::history_conflict,
        "migration \"" + old.name + "\" is applied, and its text changed",
        "The lines that differ from what was applied:\n" + line_diff(old.up, now.up),
        "Restore the text and write a new migration for the change, or accept the text with "
        "migrate.repair('" +
            old.name + "', up => ...).");
}

void Registry::require_finished_part(const Stored &old, const Submission &now) const
{
    Task task;
    task.migration.id = std::stoll(old.id);
    task.migration.name = old.name;
    task.migration.unfinished_run = old.unfinished_run;
    task.migration.applied = old.applied;
    check_script(task, pg::cut(now.name, now.up));
}

// A run works on the texts that it began with.
void require_no_run(const std::string &name)
{
    require_outside_of_run();
    if (!pg::try_lock(pg::RunnerLock::runner, pg::Hold::transaction))
        throw Error(sqlstate::lock_not_available,
                    "cannot change migration \"" + name + "\" while migrations run",
                    "Process " + std::to_string(pg::holder(pg::RunnerLock::runner)) +
                        " runs migrations.",
                    "Try again when it has ended; migrate.progress shows it.");
}

std::string Registry::change(const Stored &old, const Submission &now)
{
    // A superuser who hands in the very same text vouches for it, though not for what a restored ledger
    // says has been done of it.
    if (!old.removed && same_texts(old, now)) {
        if (!old.trusted && old.unfinished_run == 0 && pg::current_role_is_superuser())
            update(old, now, "");
        return "unchanged";
    }
    require_no_run(old.name);
    if (old.applied)
        require_same_up(old, now);
    else if (old.unfinished_run != 0 && old.up != now.up)
        require_finished_part(old, now);
    if (old.applied && old.up == now.up)
        pg::notice("migration \"" + old.name + "\" is applied; its other scripts changed");
    update(old, now, old.removed ? "added again" : "changed");
    return old.removed ? "added" : "changed";
}

std::string Registry::submit(const Submission &s)
{
    require_name(s.name);
    if (const auto renamed = renamed_.find(s.name); renamed != renamed_.end())
        return "renamed";
    const auto found = stored_.find(s.name);
    if (found != stored_.end())
        return change(found->second, s);
    insert(s);
    return "added";
}

// An applied migration whose file is gone, and a new file with the same numbers and text: one and the same.
void Registry::follow_renames(const std::vector<Submission> &submissions)
{
    std::set<std::string> handed_in;
    for (const Submission &s : submissions)
        handed_in.insert(s.name);
    for (const Submission &s : submissions) {
        if (stored_.contains(s.name))
            continue;
        for (const auto &[name, old] : stored_) {
            if (!old.applied || handed_in.contains(name) || !same_numbers(name, s.name) ||
                old.up != s.up)
                continue;
            pg::ledger("UPDATE migrate.migrations SET name = $2 WHERE id = $1::bigint",
                       {old.id, s.name});
            ledger::Event e;
            e.event = "renamed";
            e.migration_id = std::stoll(old.id);
            e.migration = s.name;
            e.detail = "was \"" + name + "\"";
            ledger::record_event(e, who_);
            pg::notice("migration \"" + name + "\" is now named \"" + s.name + "\"");
            renamed_[s.name] = name;
            break;
        }
    }
}

void Registry::warn_of_same_numbers(const std::set<std::string> &added) const
{
    std::map<std::vector<std::string>, std::string> seen;
    for (const auto &[name, stored] : stored_) {
        const std::vector<std::string> numbers = number_groups(name);
        if (numbers.empty() || stored.removed || renamed_.contains(name))
            continue;
        const auto [at, fresh] = seen.emplace(numbers, name);
        if (!fresh && (added.contains(name) || added.contains(at->second)))
            pg::warning("migrations \"" + at->second + "\" and \"" + name +
                            "\" have the same number",
                        "They run in the order of the rest of their names.");
    }
}

void require_other(const Submission &s)
{
    for (const std::string &name : s.requires_names)
        if (name == s.name)
            throw Error(sqlstate::prerequisite_state,
                        "migration \"" + s.name + "\" requires itself", "",
                        "Remove its name from its requirements.");
}

void require_unique(const std::vector<Submission> &submissions)
{
    std::set<std::string> names;
    for (const Submission &s : submissions) {
        require_other(s);
        if (!names.insert(s.name).second)
            throw Error(sqlstate::duplicate_object, "migration \"" + s.name + "\" was given twice",
                        "", "Two files have the same name; rename one of them.");
    }
}

void require_writable()
{
    require_same_version();
    if (pg::in_recovery() || pg::is_read_only())
        throw Error(sqlstate::read_only_transaction,
                    "cannot register migrations in a read-only transaction",
                    pg::in_recovery() ? "This server is a standby." : "",
                    pg::in_recovery() ? "Do it on the primary."
                                      : "Do it in a transaction that may write.");
}

} // namespace

std::vector<std::pair<std::string, std::string>> submit(const std::vector<Submission> &submissions,
                                                        bool whole_folder)
{
    require_writable();
    require_unique(submissions);
    while (!pg::lock_within(pg::RunnerLock::registry, pg::Hold::transaction, 1000))
        pg::check_for_interrupts();
    ledger::seal();
    Registry registry;
    if (whole_folder)
        registry.follow_renames(submissions);
    std::vector<std::pair<std::string, std::string>> results;
    std::set<std::string> added;
    for (const Submission &s : submissions) {
        if (!whole_folder)
            require_readable(s);
        results.emplace_back(s.name, registry.submit(s));
        if (results.back().second == "added")
            added.insert(s.name);
    }
    if (!added.empty())
        registry.warn_of_same_numbers(added);
    return results;
}

std::vector<std::pair<std::string, std::string>> upload(const std::vector<std::string> &paths,
                                                        const std::vector<std::string> &contents)
{
    require_writable();
    std::vector<Submission> submissions;
    for (std::size_t i = 0; i < paths.size(); i++)
        submissions.push_back(read_file(paths[i], contents[i]));
    return submit(submissions, true);
}

void remove(const std::string &name)
{
    require_writable();
    const std::vector<Migration> migrations = ledger::migrations();
    const Migration &m = find_migration(migrations, name);
    require_no_run(m.name);
    if (has_finished_steps(m))
        throw Error(sqlstate::prerequisite_state,
                    "migration \"" + m.name + "\" is " + (m.applied ? "applied" : "partly applied"),
                    "", "Take it back with migrate.rollback() first.");
    std::vector<Node> nodes;
    for (const Migration &other : migrations)
        nodes.push_back({other.name, other.requires_names});
    if (const std::vector<std::string> needed_by = dependents(nodes, m.name); !needed_by.empty())
        throw Error(
            sqlstate::prerequisite_state, "migration \"" + m.name + "\" is required by others",
            "\"" + needed_by.front() + "\" requires it.", "Remove that one first, or change it.");
    Request who;
    describe_caller(who);
    pg::ledger("UPDATE migrate.migrations SET removed_at = clock_timestamp(), unfinished_run = NULL"
               " WHERE id = $1::bigint",
               {text_of(m.id)});
    ledger::Event e;
    e.event = "removed";
    e.migration_id = m.id;
    e.migration = m.name;
    ledger::record_event(e, who);
}

void repair_text(const std::string &name, const std::optional<std::string> &up,
                 const std::optional<std::string> &down)
{
    require_writable();
    if (!up && !down)
        throw Error(sqlstate::invalid_parameter_value, "neither up nor down is given", "",
                    "Pass the text to accept: migrate.repair('" + name +
                        "', up => ...), or down => ....");
    const std::vector<Migration> migrations = ledger::migrations();
    const Migration &m = find_migration(migrations, name);
    require_no_run(m.name);
    Stored old = stored_migrations().at(m.name);
    Submission now{old.name, old.up, old.down, old.verify, old.contract, old.requires_names};
    if (up) {
        const Submission file = read_file(m.name, *up);
        now.up = file.up;
        if (file.down)
            now.down = file.down;
        if (file.verify)
            now.verify = file.verify;
    }
    if (down) {
        const std::string text = normalize_text(*down);
        pg::cut(m.name, text, DirectiveKind::down);
        now.down = trim(text).empty() ? pg::Value() : text;
    }
    Registry registry;
    if (!m.applied && m.unfinished_run != 0)
        registry.require_finished_part(old, now);
    registry.update(old, now, "repaired");
}

} // namespace migrate
