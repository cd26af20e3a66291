// Walks the requirements depth first: each wanted migration in the order of names, and right before
// it what it requires.  So a requirement is moved forward and nothing else changes its place; the
// smallest order of the whole graph would instead move the one that requires it behind its
// neighbours.  The walk keeps its own stack, because a chain may be as long as the history.
// SPDX-License-Identifier: PostgreSQL
#include "core/graph.h"

#include "core/error.h"
#include "core/text.h"
#include "core/version.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace migrate {

namespace {

// Every name that is known, as a number.  Names that are done are known without a node, too: their
// files may be gone.  Views into what the constructor got, which has to live longer.
class Names
{
public:
    template <typename Strings>
    Names(const std::vector<Node> &nodes, const Strings &others);

    int count() const { return static_cast<int>(names_.size()); }
    std::string_view name(int i) const { return names_[i].name; }
    int rank(int i) const { return names_[i].rank; }
    std::span<const std::string> requirements(int i) const;

    // The name itself, or all that the short form fits.  Sorted by compare_names.
    std::vector<int> fitting(std::string_view written);

    // For a hint: what was probably meant; empty if nothing is close.
    std::string_view nearest(std::string_view written) const;

    void sort(std::vector<int> &numbers) const;

private:
    struct Known
    {
        std::string_view name;
        const Node *node; // null: only the name is known
        int rank;         // place in the order of compare_names
    };
    void add(std::string_view name, const Node *node);
    void rank_all();

    std::vector<Known> names_;
    std::unordered_map<std::string_view, int> by_name_;
    // Made for the first short form: most histories have none.
    std::optional<std::unordered_map<std::string, std::vector<int>>> by_numbers_;
};

// One walk, over several starts.
class Walk
{
public:
    Walk(Names &names, const std::set<std::string> &done);
    void visit(int start);
    std::vector<std::string> take() { return std::move(order_); }

private:
    enum class State : char
    {
        unseen,
        open, // on the stack; leave() makes it finished
        finished
    };
    struct Frame
    {
        int migration;
        std::vector<int> requirements;
        std::size_t next;
    };
    void enter(int migration);
    void leave();
    std::vector<int> requirements_of(int migration);
    [[noreturn]] void report_cycle(int again) const;

    Names &names_;
    std::vector<bool> done_;
    std::vector<State> state_;
    std::vector<Frame> stack_;
    std::vector<std::string> order_;
};

int find_one(Names &names, std::string_view written, const std::string &what);

} // namespace

std::vector<std::string> execution_order(const std::vector<Node> &nodes,
                                         const std::vector<std::string> &wanted,
                                         const std::set<std::string> &done)
{
    Names names(nodes, done);
    std::vector<int> starts;
    starts.reserve(wanted.size());
    for (const std::string &name : wanted)
        starts.push_back(find_one(names, name, "migration \"" + name + "\""));
    names.sort(starts);
    Walk walk(names, done);
    for (const int start : starts)
        walk.visit(start);
    return walk.take();
}

// A short form that fits several counts for each of them: this answers what may depend on `name`,
// and it may have been unambiguous when it was followed.
std::vector<std::string> dependents(const std::vector<Node> &nodes, const std::string &name)
{
    Names names(nodes, std::span<const std::string>(&name, 1));
    std::vector<std::vector<int>> required_by(names.count());
    for (int i = 0; i < names.count(); i++) {
        for (const std::string &written : names.requirements(i)) {
            for (const int required : names.fitting(written))
                required_by[required].push_back(i);
        }
    }
    std::vector<int> reached = names.fitting(name);
    std::vector<bool> seen(names.count());
    seen[reached[0]] = true;
    for (std::size_t next = 0; next < reached.size(); next++) {
        for (const int i : required_by[reached[next]]) {
            if (!seen[i])
                reached.push_back(i);
            seen[i] = true;
        }
    }
    reached.erase(reached.begin());
    names.sort(reached);
    std::vector<std::string> result;
    result.reserve(reached.size());
    for (const int i : reached)
        result.emplace_back(names.name(i));
    return result;
}

namespace {

constexpr std::size_t most_names_listed = 6; // in messages, which are read on a terminal

std::string quoted(std::string_view name)
{
    return "\"" + std::string(name) + "\"";
}

std::string key_of_numbers(std::string_view name)
{
    std::string key;
    for (const std::string &group : number_groups(name))
        key += group + ".";
    return key;
}

// Levenshtein's distance, regardless of case.
std::size_t distance(const std::string &left, const std::string &right)
{
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j < row.size(); j++)
        row[j] = j;
    for (std::size_t i = 1; i <= left.size(); i++) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); j++) {
            const std::size_t changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

template <typename Strings>
Names::Names(const std::vector<Node> &nodes, const Strings &others)
{
    by_name_.reserve(nodes.size() + others.size());
    for (const Node &node : nodes)
        add(node.name, &node);
    for (const std::string &name : others)
        add(name, nullptr);
    rank_all();
}

void Names::add(std::string_view name, const Node *node)
{
    if (by_name_.emplace(name, count()).second)
        names_.push_back({name, node, 0});
}

void Names::rank_all()
{
    std::vector<std::pair<std::string, int>> keys;
    keys.reserve(names_.size());
    for (int i = 0; i < count(); i++)
        keys.emplace_back(sort_key(name(i)), i);
    std::sort(keys.begin(), keys.end());
    for (int rank = 0; rank < count(); rank++)
        names_[keys[rank].second].rank = rank;
}

std::span<const std::string> Names::requirements(int i) const
{
    const Node *node = names_[i].node;
    return node ? std::span<const std::string>(node->requires_names)
                : std::span<const std::string>();
}

void Names::sort(std::vector<int> &numbers) const
{
    std::sort(numbers.begin(), numbers.end(),
              [this](int left, int right) { return rank(left) < rank(right); });
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

std::vector<int> Names::fitting(std::string_view written)
{
    if (const auto exact = by_name_.find(written); exact != by_name_.end())
        return {exact->second};
    const std::string key = key_of_numbers(written);
    if (key.empty())
        return {};
    if (!by_numbers_) {
        by_numbers_.emplace();
        for (int i = 0; i < count(); i++)
            (*by_numbers_)[key_of_numbers(name(i))].push_back(i);
    }
    std::vector<int> found;
    if (const auto same = by_numbers_->find(key); same != by_numbers_->end())
        std::copy_if(same->second.begin(), same->second.end(), std::back_inserter(found),
                     [&](int i) { return abbreviates(written, name(i)); });
    sort(found);
    return found;
}

std::string_view Names::nearest(std::string_view written) const
{
    constexpr std::size_t longest = 200; // the work is the product of the lengths
    const std::string wanted = lower_ascii(written);
    std::size_t best = std::min<std::size_t>(3, wanted.size() / 3) + 1;
    int found = -1;
    for (int i = 0; i < count() && wanted.size() <= longest; i++) {
        const std::string_view candidate = name(i);
        if (std::max(candidate.size(), wanted.size()) >
            best + std::min(candidate.size(), wanted.size()))
            continue;
        const std::size_t away = distance(wanted, lower_ascii(candidate));
        if (away < best || (away == best && found >= 0 && rank(i) < rank(found))) {
            best = away;
            found = i;
        }
    }
    for (int i = 0; i < count() && found < 0; i++) {
        if (same_numbers(written, name(i)))
            found = i;
    }
    return found < 0 ? std::string_view() : name(found);
}

// `what` says in the message who asks for it.
int find_one(Names &names, std::string_view written, const std::string &what)
{
    const std::vector<int> found = names.fitting(written);
    if (found.size() == 1)
        return found[0];
    if (found.empty()) {
        const std::string_view near = names.nearest(written);
        throw Error(sqlstate::undefined_object, what + " does not exist",
                    "There is no migration with this name.",
                    near.empty() ? "Add the migration, or correct the name."
                                 : "Perhaps you meant " + quoted(near) + ".");
    }
    std::string list;
    for (std::size_t i = 0; i < found.size() && i < most_names_listed; i++)
        list += (i > 0 ? ", " : "") + quoted(names.name(found[i]));
    throw Error(sqlstate::undefined_object, what + " is ambiguous",
                "It fits " + std::to_string(found.size()) + " migrations: " + list +
                    (found.size() > most_names_listed ? ", ..." : "."),
                "Write the whole name.");
}

Walk::Walk(Names &names, const std::set<std::string> &done)
    : names_(names), done_(names.count()), state_(names.count(), State::unseen)
{
    for (const std::string &name : done)
        done_[names_.fitting(name)[0]] = true;
}

void Walk::visit(int start)
{
    if (state_[start] == State::unseen)
        enter(start);
    while (!stack_.empty()) {
        Frame &frame = stack_.back();
        if (frame.next == frame.requirements.size()) {
            leave();
            continue;
        }
        const int required = frame.requirements[frame.next++];
        if (state_[required] == State::open)
            report_cycle(required);
        if (state_[required] == State::unseen)
            enter(required);
    }
}

void Walk::enter(int migration)
{
    state_[migration] = State::open;
    stack_.push_back({migration, requirements_of(migration), 0});
}

void Walk::leave()
{
    const int migration = stack_.back().migration;
    state_[migration] = State::finished;
    if (!done_[migration])
        order_.emplace_back(names_.name(migration));
    stack_.pop_back();
}

// What is done has run, so a requirement of it that has gone since, or has become ambiguous, must
// not stop the others.
std::vector<int> Walk::requirements_of(int migration)
{
    std::vector<int> required;
    for (const std::string &written : names_.requirements(migration)) {
        if (done_[migration] && names_.fitting(written).size() != 1)
            continue;
        required.push_back(find_one(names_, written,
                                    "migration " + quoted(written) + ", required by " +
                                        quoted(names_.name(migration)) + ","));
    }
    names_.sort(required);
    return required;
}

// The cycle begins with its first name, wherever the walk came into it, and says who has a part in
// it.  The middle of a long one is left out.
void Walk::report_cycle(int again) const
{
    std::vector<int> cycle;
    for (std::size_t i = stack_.size(); cycle.empty() || cycle.back() != again;)
        cycle.push_back(stack_[--i].migration);
    std::reverse(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(),
                std::min_element(cycle.begin(), cycle.end(),
                                 [&](int a, int b) { return names_.rank(a) < names_.rank(b); }),
                cycle.end());
    if (cycle.size() == 1)
        throw Error(sqlstate::prerequisite_state,
                    "migration " + quoted(names_.name(again)) + " requires itself",
                    "It could never run.", "Remove the migration from its own requirements.");
    std::string path;
    for (std::size_t i = 0; i < cycle.size(); i++) {
        if (i + 1 < most_names_listed || i + 1 == cycle.size())
            path += quoted(names_.name(cycle[i])) + " requires ";
        else if (i + 1 == most_names_listed)
            path += "... requires ";
    }
    throw Error(sqlstate::prerequisite_state,
                "migrations require each other: " + path + quoted(names_.name(cycle[0])),
                "None of these " + std::to_string(cycle.size()) +
                    " migrations can run before the others.",
                "Remove one of these requirements.");
}

} // namespace

} // namespace migrate
