// SPDX-License-Identifier: PostgreSQL
#include "engine/checklist.h"

#include <algorithm>
#include <span>

#include "core/allowance.h"
#include "core/compatibility.h"
#include "core/rules/facts.h"
#include "core/rules/rules.h"
#include "engine/call.h"
#include "engine/leftovers.h"
#include "engine/outlook.h"
#include "engine/run.h"

namespace migrate {

namespace {

using Rules = std::span<const std::string_view>;

constexpr std::string_view of_old_code[] = {"adding-required-field",
                                            "ban-drop-column",
                                            "ban-drop-schema",
                                            "ban-drop-table",
                                            "changing-schema",
                                            "dropping-object",
                                            "incompatible-column-type",
                                            "renaming-column",
                                            "renaming-enum-value",
                                            "renaming-object",
                                            "renaming-schema",
                                            "renaming-table",
                                            "big-bang",
                                            "ban-drop-database",
                                            "ban-drop-owned",
                                            "drop-cascade"};
constexpr std::string_view of_indexes[] = {
    "require-concurrent-index-creation", "require-concurrent-index-deletion",
    "require-concurrent-reindex",        "disallowed-unique-constraint",
    "adding-serial-primary-key-field",   "adding-exclusion-constraint"};
constexpr std::string_view of_locks[] = {"adding-exclusion-constraint",
                                         "adding-field-with-default",
                                         "adding-foreign-key-constraint",
                                         "adding-not-nullable-field",
                                         "adding-serial-primary-key-field",
                                         "attach-partition-scan",
                                         "ban-alter-domain-with-add-constraint",
                                         "cannot-inspect",
                                         "changing-column-type",
                                         "constraint-missing-not-valid",
                                         "disallowed-unique-constraint",
                                         "explicit-lock",
                                         "long-work-after-lock",
                                         "prefer-repack",
                                         "refresh-blocks-reads",
                                         "require-concurrent-index-creation",
                                         "require-concurrent-index-deletion",
                                         "require-concurrent-partition-detach",
                                         "require-concurrent-reindex",
                                         "table-rewrite"};

constexpr std::string_view of_way_back[] = {"no-way-back"};

bool is_one_of(std::string_view rule, Rules rules)
{
    return std::find(rules.begin(), rules.end(), rule) != rules.end();
}

class Checklist
{
public:
    void look_at(Outlook &outlook);
    std::vector<Point> done();

private:
    void look_at_old_code(const Outlook &outlook);
    void look_at_findings(const Outlook &outlook);
    void look_at_way_back(const Outlook &outlook);
    Verdict verdict_of_no_way_back() const;
    void look_at_locks(Outlook &outlook);
    void look_at_step(Outlook &outlook, const PlannedStep &planned);
    void add_lock(const Outlook &outlook, const NumberedStatement &last, const Effect &lock,
                  double seconds);
    Verdict accepted(const Outlook &outlook, int number, Rules rules, Verdict verdict) const;

    Point old_code_{"old code keeps working"}, indexes_{"indexes are built concurrently"},
        data_{"large data changes are batched"}, way_back_{"a way back is there"},
        locks_{"locks are held within the limit"}, leftovers_{"nothing is half-done"},
        dangers_{"no dangerous statements"};
    Findings found_; // by every rule for the migration at hand, accepted ones too
    int migrations_ = 0, warnings_ = 0;
    double longest_ = 0; // that a lock is held
};

std::string place_of(const Outlook &outlook, int line)
{
    return outlook.task.migration.name + (line > 0 ? " line " + std::to_string(line) : "") + ": ";
}

// What the author has accepted is told, and stops nobody.
Verdict Checklist::accepted(const Outlook &outlook, int number, Rules rules, Verdict verdict) const
{
    const bool accepts = std::any_of(found_.begin(), found_.end(), [&](const Finding &finding) {
        return (finding.number == number || number == 0) && is_one_of(finding.rule, rules) &&
               is_allowed(outlook.plan.study, finding);
    });
    return accepts ? std::min(verdict, Verdict::warning) : verdict;
}

void Checklist::look_at_old_code(const Outlook &outlook)
{
    for (const StudiedStatement &s : outlook.plan.study.statements) {
        const Compatibility old = compatibility_of(outlook.plan.study, s);
        if (old.verdict == OldCode::works)
            continue;
        const Verdict verdict = old.verdict == OldCode::fails
                                    ? accepted(outlook, s.number, of_old_code, Verdict::failed)
                                    : Verdict::warning;
        old_code_.add(verdict, place_of(outlook, s.statement.line) + old.reason);
    }
}

Verdict verdict_of(Severity severity)
{
    return severity == Severity::error     ? Verdict::failed
           : severity == Severity::warning ? Verdict::warning
                                           : Verdict::ok;
}

// Rows stay locked as long as tables do where a change works on a table's locks.
Verdict verdict_of_change(const Study &study, const Finding &finding)
{
    if (finding.severity == Severity::info)
        return Verdict::ok;
    const StudiedStatement &s = study.statements[static_cast<std::size_t>(finding.number) - 1];
    const bool known = std::any_of(s.actions.begin(), s.actions.end(), [](const Action &action) {
        return action.kind != ActionKind::insert && action.rows > 1 &&
               !rules::is_bound_only(action);
    });
    return known && rules::seconds_of(s) > rules::longest_hold(study.options) ? Verdict::failed
                                                                              : Verdict::warning;
}

void Checklist::look_at_findings(const Outlook &outlook)
{
    for (const Finding &finding : found_) {
        const bool allowed = is_allowed(outlook.plan.study, finding);
        const std::string text = place_of(outlook, finding.line) + finding.message;
        const auto capped = [&](Verdict verdict) {
            return allowed ? std::min(verdict, Verdict::warning) : verdict;
        };
        if (is_one_of(finding.rule, of_indexes))
            indexes_.add(capped(verdict_of(finding.severity)), text);
        if (finding.rule == "large-data-change")
            data_.add(capped(verdict_of_change(outlook.plan.study, finding)), text);
    }
    for (const Finding &finding : outlook.findings) {
        if (finding.severity == Severity::error)
            dangers_.add(Verdict::failed, place_of(outlook, finding.line) + finding.message + " (" +
                                              finding.rule + ")");
        warnings_ += finding.severity == Severity::warning;
    }
}

// The rule does not mind if all that is lost is what rows were before they were written.
Verdict Checklist::verdict_of_no_way_back() const
{
    const auto finding = std::find_if(found_.begin(), found_.end(),
                                      [](const Finding &one) { return one.rule == "no-way-back"; });
    return finding != found_.end() && finding->severity == Severity::info ? Verdict::warning
                                                                          : Verdict::failed;
}

void Checklist::look_at_way_back(const Outlook &outlook)
{
    const Reversal back = reversal_of(outlook.plan.study);
    const bool lost = back.way == WayBack::lost;
    if (back.way == WayBack::not_needed || (outlook.task.migration.has_down && !lost))
        return;
    if (outlook.task.migration.has_down)
        way_back_.add(Verdict::warning,
                      place_of(outlook, 0) + "there is a down script, but " + back.reason);
    else if (back.way == WayBack::derived)
        way_back_.add(Verdict::warning, place_of(outlook, 0) + "no down script is written");
    else
        way_back_.add(accepted(outlook, 0, of_way_back, verdict_of_no_way_back()),
                      place_of(outlook, 0) + "no down script, and none can be derived (" +
                          back.reason + ")");
}

void Checklist::add_lock(const Outlook &outlook, const NumberedStatement &last, const Effect &lock,
                         double seconds)
{
    const double limit = rules::longest_hold(outlook.plan.study.options);
    longest_ = std::max(longest_, seconds);
    if (seconds > limit)
        locks_.add(accepted(outlook, last.number, of_locks, Verdict::failed),
                   place_of(outlook, last.statement.line) + lock.relation.name + " is locked (" +
                       std::string(name_of(lock.lock)) + ") for " +
                       rules::seconds_in_words(seconds));
}

// VACUUM and ANALYZE of whatever there is.
bool locks_lightly(const StudiedStatement &s)
{
    return !s.actions.empty() &&
           std::all_of(s.actions.begin(), s.actions.end(), [](const Action &action) {
               return action.kind == ActionKind::vacuum || action.kind == ActionKind::analyze;
           });
}

// A lock is held from the statement that takes it to the end of its step.
void Checklist::look_at_step(Outlook &outlook, const PlannedStep &planned)
{
    std::optional<Effect> lock;
    double seconds = 0;
    for (const NumberedStatement &s : planned.step.statements)
        with_statement_as_run(outlook, planned, s, [&](const Study &, const StudiedStatement &run) {
            const Effect *const own = rules::strongest_effect(run);
            if (own && is_strong(own->lock) && (!lock || own->lock > lock->lock))
                lock = *own;
            if (lock)
                seconds += rules::seconds_of(run);
            if (run.opaque && !locks_lightly(run))
                locks_.add(accepted(outlook, s.number, of_locks, Verdict::warning),
                           place_of(outlook, s.statement.line) +
                               "the locks of its code cannot be told");
        });
    if (lock)
        add_lock(outlook, planned.step.statements.back(), *lock, seconds);
}

void Checklist::look_at_locks(Outlook &outlook)
{
    for (const PlannedStep &planned : outlook.plan.steps)
        if (planned.state != "carried")
            look_at_step(outlook, planned);
}

void Checklist::look_at(Outlook &outlook)
{
    migrations_++;
    found_ = rules::look(outlook.plan.study);
    look_at_old_code(outlook);
    look_at_findings(outlook);
    look_at_way_back(outlook);
    look_at_locks(outlook);
}

std::vector<Point> Checklist::done()
{
    const std::string pending = migrations_ == 0
                                    ? "nothing is pending"
                                    : std::to_string(migrations_) +
                                          (migrations_ == 1 ? " migration is" : " migrations are") +
                                          " pending";
    for (Point *point : {&old_code_, &indexes_, &data_, &way_back_, &locks_, &dangers_})
        point->set_otherwise(pending);
    if (longest_ > 0)
        locks_.set_otherwise("the longest is held for " + rules::seconds_in_words(longest_));
    if (warnings_ > 0)
        dangers_.set_otherwise(std::to_string(warnings_) +
                               (warnings_ == 1 ? " warning" : " warnings") +
                               "; migrate.plan() lists them");
    leftovers_.set_otherwise("no stopped run, no INVALID index, no helper");
    find_leftovers(leftovers_);
    return {old_code_, indexes_, data_, way_back_, locks_, leftovers_, dangers_};
}

} // namespace

std::string_view name_of(Verdict verdict)
{
    return verdict == Verdict::ok ? "ok" : verdict == Verdict::warning ? "warning" : "failed";
}

void Point::add(Verdict verdict, const std::string &evidence)
{
    verdict_ = std::max(verdict_, verdict);
    evidence_.emplace_back(verdict, evidence);
}

std::string Point::evidence() const
{
    constexpr std::size_t shown = 5;
    std::vector<std::pair<Verdict, std::string>> sorted = evidence_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.first > b.first; });
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, sorted.size()); i++)
        text += (i == 0 ? "" : "\n") + sorted[i].second;
    if (sorted.size() > shown)
        text += "\nand " + std::to_string(sorted.size() - shown) + " more";
    return text.empty() ? otherwise_ : text;
}

std::vector<Point> check(const std::optional<std::string> &target,
                         const std::optional<std::vector<std::string>> &only)
{
    require_same_version();
    Request request;
    describe_caller(request);
    request.target = target;
    request.only = only;
    Checklist checklist;
    look_ahead(request, [&](Outlook &outlook) { checklist.look_at(outlook); });
    return checklist.done();
}

} // namespace migrate
