// SPDX-License-Identifier: PostgreSQL
#include "engine/selection.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/graph.h"
#include "core/version.h"
#include "engine/ledger.h"

namespace migrate {

namespace {

std::string list_of(const std::vector<Migration> &migrations)
{
    std::string text;
    for (const Migration &m : migrations)
        text += (text.empty() ? "\"" : ", \"") + m.name + "\"";
    return text;
}

// Being taken back: its last run went down and did not end.
bool is_going_down(const Migration &m)
{
    if (m.unfinished_run == 0)
        return false;
    const std::vector<ledger::StoredStep> steps = ledger::stored_steps(m.unfinished_run, m.id);
    return !steps.empty() && steps.front().direction == Direction::down;
}

// Some of its way down has been gone, and not all of it.
bool is_partly_undone(const Migration &m)
{
    if (m.unfinished_run == 0)
        return false;
    const std::vector<ledger::StoredStep> steps = ledger::stored_steps(m.unfinished_run, m.id);
    return std::any_of(steps.begin(), steps.end(), [](const ledger::StoredStep &s) {
        return s.direction == Direction::down &&
               (s.finished() || s.state == "started" || s.state == "in doubt");
    });
}

Error partly_taken_back(const Migration &m)
{
    return Error(sqlstate::prerequisite_state, "migration \"" + m.name + "\" is partly taken back",
                 "Run " + std::to_string(m.unfinished_run) + " stopped on the way down.",
                 "Finish it first: SELECT migrate.rollback();");
}

// Applied or partly so, in the order to take them back: unfinished ones first, then the newest.
std::vector<Migration> newest_first(const std::vector<Migration> &migrations)
{
    std::vector<Migration> done;
    for (const Migration &m : migrations)
        if (m.applied || m.unfinished_run != 0)
            done.push_back(m);
    std::stable_sort(done.begin(), done.end(), [](const Migration &a, const Migration &b) {
        if ((a.unfinished_run != 0) != (b.unfinished_run != 0))
            return a.unfinished_run != 0;
        if (a.unfinished_run != b.unfinished_run)
            return a.unfinished_run > b.unfinished_run;
        return a.applied_order > b.applied_order;
    });
    return done;
}

std::vector<Task> downs(const std::vector<Migration> &migrations)
{
    std::vector<Task> tasks;
    for (const Migration &m : migrations)
        tasks.push_back({m, Direction::down, false});
    return tasks;
}

class Selector
{
public:
    Selector(const Request &request, const std::vector<Migration> &migrations)
        : request_(request), migrations_(migrations)
    {
    }
    std::vector<Task> select();

private:
    std::vector<Task> ups(const std::vector<std::string> &wanted) const;
    std::vector<Task> apply() const;
    std::vector<Task> rollback_steps() const;
    std::vector<Task> rollback_target() const;
    std::vector<Task> rollback_run() const;
    std::vector<Task> go_to() const;
    std::vector<Task> redo() const;
    void mark_out_of_order(std::vector<Task> &tasks) const;

    const Request &request_;
    const std::vector<Migration> &migrations_;
};

std::vector<Task> Selector::ups(const std::vector<std::string> &wanted) const
{
    std::vector<Node> nodes;
    std::set<std::string> done;
    std::map<std::string, const Migration *> by_name;
    for (const Migration &m : migrations_) {
        nodes.push_back({m.name, m.requires_names});
        by_name[m.name] = &m;
        if (m.applied)
            done.insert(m.name);
    }
    std::vector<Task> tasks;
    for (const std::string &name : execution_order(nodes, wanted, done)) {
        const Migration &m = *by_name.at(name);
        if (is_going_down(m))
            throw partly_taken_back(m);
        tasks.push_back({m, Direction::up, false});
    }
    return tasks;
}

std::vector<Task> Selector::apply() const
{
    std::set<std::string> only;
    for (const std::string &name : request_.only.value_or(std::vector<std::string>{}))
        only.insert(find_migration(migrations_, name).name);
    std::string limit;
    if (request_.target)
        limit = find_migration(migrations_, *request_.target).name;
    std::vector<std::string> wanted;
    for (const Migration &m : migrations_) {
        if ((request_.only && !only.contains(m.name)) ||
            (!limit.empty() && compare_names(m.name, limit) > 0))
            continue;
        if (!m.applied)
            wanted.push_back(m.name);
        else if (is_partly_undone(m))
            throw partly_taken_back(m);
    }
    std::vector<Task> tasks = ups(wanted);
    mark_out_of_order(tasks);
    return tasks;
}

void Selector::mark_out_of_order(std::vector<Task> &tasks) const
{
    std::string last;
    for (const Migration &m : migrations_)
        if (m.applied)
            last = m.name;
    std::vector<Migration> late;
    for (Task &task : tasks) {
        task.out_of_order = !last.empty() && compare_names(task.migration.name, last) < 0;
        if (task.out_of_order)
            late.push_back(task.migration);
    }
    if (!late.empty() && request_.refuse_out_of_order)
        throw Error(sqlstate::prerequisite_state,
                    "pending migrations are older than the last one applied",
                    list_of(late) + (late.size() == 1 ? " comes" : " come") + " before \"" + last +
                        "\", which is applied.",
                    "Give them newer names, or set migrate.out_of_order = warn to run them now.");
}

std::vector<Task> Selector::rollback_steps() const
{
    if (request_.steps < 1)
        throw Error(sqlstate::invalid_parameter_value, "number of steps must be at least 1");
    std::vector<Migration> done = newest_first(migrations_);
    done.resize(std::min(done.size(), static_cast<std::size_t>(request_.steps)));
    return downs(done);
}

std::vector<Task> Selector::rollback_target() const
{
    const Migration &target = find_migration(migrations_, *request_.target);
    if (!target.applied && target.unfinished_run == 0)
        throw Error(sqlstate::prerequisite_state,
                    "migration \"" + target.name + "\" is not applied", "",
                    "Look at migrate.status for what is.");
    std::vector<Migration> later = newest_first(migrations_);
    later.erase(std::find_if(later.begin(), later.end(),
                             [&](const Migration &m) { return m.id == target.id; }),
                later.end());
    if (!later.empty() && !request_.cascade)
        throw Error(sqlstate::prerequisite_state,
                    "migrations were applied after \"" + target.name + "\"",
                    "Newest first: " + list_of(later) + ".",
                    "Take them back as well with migrate.rollback('" + target.name +
                        "', cascade => true).");
    later.push_back(target);
    return downs(later);
}

std::vector<Task> Selector::rollback_run() const
{
    if (!ledger::outcome_of(request_.run).exists)
        throw Error(sqlstate::undefined_object,
                    "run " + std::to_string(request_.run) + " does not exist", "",
                    "Look at migrate.history for the runs there were.");
    std::vector<Migration> mine, others;
    for (const Migration &m : newest_first(migrations_)) {
        const bool of_run =
            m.unfinished_run == request_.run || (m.applied && m.applied_run == request_.run);
        if (of_run) {
            if (!others.empty())
                throw Error(sqlstate::prerequisite_state,
                            "migrations were applied after run " + std::to_string(request_.run),
                            "Newest first: " + list_of(others) + ".", "Take them back first.");
            mine.push_back(m);
        } else if (m.applied || m.unfinished_run != 0) {
            others.push_back(m);
        }
    }
    return downs(mine);
}

std::vector<Task> Selector::go_to() const
{
    const Migration &target = find_migration(migrations_, *request_.target);
    std::vector<Migration> later;
    for (const Migration &m : newest_first(migrations_))
        if (compare_names(m.name, target.name) > 0)
            later.push_back(m);
    std::vector<Task> tasks = downs(later);
    std::vector<std::string> wanted;
    for (const Migration &m : migrations_) {
        if (compare_names(m.name, target.name) > 0)
            continue;
        if (!m.applied)
            wanted.push_back(m.name);
        else if (is_partly_undone(m))
            throw partly_taken_back(m);
    }
    std::vector<Task> up = ups(wanted);
    if (later.empty())
        mark_out_of_order(up);
    tasks.insert(tasks.end(), up.begin(), up.end());
    return tasks;
}

std::vector<Task> Selector::redo() const
{
    std::vector<Task> tasks = rollback_steps();
    std::vector<Task> again(tasks.rbegin(), tasks.rend());
    for (Task &task : again) {
        task.direction = Direction::up;
        task.migration.applied = false;
        task.migration.unfinished_run = 0;
        tasks.push_back(task);
    }
    return tasks;
}

std::vector<Task> Selector::select()
{
    switch (request_.operation) {
    case Operation::apply:
        return apply();
    case Operation::rollback_steps:
        return rollback_steps();
    case Operation::rollback_target:
        return rollback_target();
    case Operation::rollback_run:
        return rollback_run();
    case Operation::go_to:
        return go_to();
    case Operation::redo:
        return redo();
    case Operation::backfill:
        break;
    }
    return {};
}

} // namespace

std::vector<Task> select_tasks(const Request &request, const std::vector<Migration> &migrations)
{
    return Selector(request, migrations).select();
}

const Migration &find_migration(const std::vector<Migration> &migrations, const std::string &name)
{
    const Migration *found = nullptr;
    for (const Migration &m : migrations)
        if (m.name == name)
            return m;
    for (const Migration &m : migrations) {
        if (!abbreviates(name, m.name))
            continue;
        if (found != nullptr)
            throw Error(sqlstate::undefined_object, "migration name \"" + name + "\" is not unique",
                        "It may mean \"" + found->name + "\" or \"" + m.name + "\".",
                        "Write the whole name.");
        found = &m;
    }
    if (found == nullptr)
        throw Error(
            sqlstate::undefined_object, "migration \"" + name + "\" does not exist",
            migrations.empty() ? "No migrations have been uploaded to this database."
                               : "The last one known is \"" + migrations.back().name + "\".",
            "Upload it with pg_migrate or migrate.add(); migrate.status lists what is known.");
    return *found;
}

std::string nothing_to_do(const Request &request, const std::vector<Migration> &migrations)
{
    switch (request.operation) {
    case Operation::apply:
    case Operation::go_to:
        if (migrations.empty())
            return "nothing to do: no migrations have been uploaded to this database";
        return request.target
                   ? "nothing to do: \"" + find_migration(migrations, *request.target).name +
                         "\" is applied already"
                   : "nothing to do: no migration is pending";
    case Operation::rollback_run:
        return "nothing to do: nothing that run " + std::to_string(request.run) +
               " applied is still there";
    default:
        return "nothing to do: no migration is applied";
    }
}

} // namespace migrate
