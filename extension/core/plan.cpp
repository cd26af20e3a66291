// SPDX-License-Identifier: PostgreSQL
#include "core/plan.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/text.h"

namespace migrate {

namespace {

bool is_maybe(Alone alone)
{
    return alone == Alone::reindex_maybe || alone == Alone::cluster_maybe ||
           alone == Alone::subscription_maybe || alone == Alone::procedure_maybe ||
           alone == Alone::backfill_maybe;
}

// "BEGIN WORK ISOLATION LEVEL ..." without its first words.
std::string options_of_begin(const std::string &tokens)
{
    static constexpr std::string_view heads[] = {"begin transaction", "begin work", "begin",
                                                 "start transaction"};
    const std::string lower = lower_ascii(tokens);
    for (const std::string_view head : heads)
        if (lower.starts_with(head))
            return std::string(trim(std::string_view(tokens).substr(head.size())));
    return {};
}

class Planner
{
public:
    Planner(const std::string &name, const PlanFacts &facts, int after)
        : name_(name), facts_(facts), after_(after)
    {
    }
    void add(const NumberedStatement &next, const Statement &source, TransactionMode mode);
    void end_section();
    void break_group() { close_group(); }
    std::vector<Step> steps() { return std::move(steps_); }

private:
    void add_transaction_control(const NumberedStatement &next);
    void add_alone(const NumberedStatement &next, TransactionMode mode);
    bool add_online(const NumberedStatement &next);
    void add_to_group(const NumberedStatement &next, TransactionMode mode);
    bool uses_added_value(const Statement &statement) const;
    void refuse_role(const NumberedStatement &next) const;
    void remember_enums(const Statement &statement);
    void close_group();
    [[noreturn]] void refuse(const NumberedStatement &at, std::string_view state,
                             std::string message, std::string detail, std::string hint) const;

    const std::string &name_;
    const PlanFacts &facts_;
    const int after_;
    std::vector<Step> steps_;
    std::vector<const Statement *> earlier_;
    Step group_;
    bool in_block_ = false, in_finished_block_ = false;
    NumberedStatement block_begin_;
    std::set<std::string> new_types_, new_values_; // of the group: made in it, added in it
};

void Planner::refuse(const NumberedStatement &at, std::string_view state, std::string message,
                     std::string detail, std::string hint) const
{
    Error error(state, std::move(message), std::move(detail), std::move(hint));
    error.context = "migration \"" + name_ + "\", statement " + std::to_string(at.number) +
                    ", line " + std::to_string(at.statement.line);
    throw error;
}

void Planner::close_group()
{
    if (!group_.statements.empty())
        steps_.push_back(std::move(group_));
    group_ = Step{};
    new_types_.clear();
    new_values_.clear();
}

void Planner::add_transaction_control(const NumberedStatement &next)
{
    const Statement &s = next.statement;
    if (s.role == Role::begin) {
        if (in_block_)
            refuse(next, sqlstate::active_transaction, "there is already a transaction in progress",
                   "It began in line " + std::to_string(block_begin_.statement.line) + ".",
                   "Remove one BEGIN, or end the first transaction with COMMIT.");
        close_group();
        in_block_ = true;
        block_begin_ = next;
        group_.atomic = true;
        group_.begin_options = options_of_begin(s.tokens);
        return;
    }
    if (!in_block_)
        refuse(next, sqlstate::no_active_transaction, "there is no transaction in progress",
               "COMMIT stands without a BEGIN before it.",
               "Remove it: every migration runs in transactions by itself.");
    if (!s.extra.empty())
        refuse(next, sqlstate::feature_not_supported,
               "COMMIT AND CHAIN cannot be used in a migration", "",
               "Write COMMIT; BEGIN; instead.");
    in_block_ = false;
    close_group();
}

void Planner::add_alone(const NumberedStatement &next, TransactionMode mode)
{
    if (in_block_ || mode == TransactionMode::always)
        refuse(next, sqlstate::active_transaction,
               next.statement.tag + " cannot run inside a transaction block",
               in_block_
                   ? "The block began in line " + std::to_string(block_begin_.statement.line) + "."
                   : "The section says transaction:always.",
               in_block_ ? "Move it out of BEGIN ... COMMIT." : "Remove transaction:always.");
    close_group();
    Step step;
    step.mode = Mode::alone;
    step.statements.push_back(next);
    steps_.push_back(std::move(step));
}

// A label is used where a later statement holds it, or asks for all labels.  Better one split too many:
// without it the server refuses the statement (55P04).
bool Planner::uses_added_value(const Statement &statement) const
{
    if (statement.role == Role::enum_value)
        return false;
    return std::any_of(new_values_.begin(), new_values_.end(), [&](const std::string &label) {
        return statement.text.find(label) != std::string::npos ||
               lower_ascii(statement.text).find("enum_") != std::string::npos ||
               (statement.copy && statement.copy->text.find(label) != std::string::npos);
    });
}

void Planner::remember_enums(const Statement &statement)
{
    if (statement.role == Role::create_type)
        new_types_.insert(statement.object);
    if (statement.role == Role::enum_value &&
        !(facts_.new_enum_accepts_added_values && new_types_.contains(statement.object)))
        new_values_.insert(statement.extra);
}

void Planner::add_to_group(const NumberedStatement &next, TransactionMode mode)
{
    if (mode == TransactionMode::automatic && !in_block_ && uses_added_value(next.statement))
        close_group();
    remember_enums(next.statement);
    group_.atomic = group_.atomic || mode == TransactionMode::always;
    group_.statements.push_back(next);
    if (mode == TransactionMode::never && !in_block_)
        close_group();
}

bool Planner::add_online(const NumberedStatement &next)
{
    if (std::any_of(group_.statements.begin(), group_.statements.end(),
                    [](const NumberedStatement &s) { return binds_transaction(s.statement); }))
        return false;
    std::vector<Step> steps = facts_.online ? facts_.online(next) : std::vector<Step>{};
    if (steps.empty())
        return false;
    close_group();
    std::move(steps.begin(), steps.end(), std::back_inserter(steps_));
    return true;
}

// What no migration may hold.
void Planner::refuse_role(const NumberedStatement &next) const
{
    switch (next.statement.role) {
    case Role::prepare_transaction:
        refuse(next, sqlstate::feature_not_supported,
               "PREPARE TRANSACTION cannot be used in a migration",
               "A prepared transaction would keep its locks after the migration has ended.",
               "Write COMMIT instead.");
    case Role::copy_out:
        refuse(next, sqlstate::feature_not_supported,
               "COPY TO STDOUT cannot be used in a migration",
               "A migration has no client to send the data to.",
               "Copy to a file on the server, or use psql.");
    case Role::listen:
        refuse(next, sqlstate::feature_not_supported, "LISTEN cannot be used in a migration",
               "A migration has no client to notify.", "Let the application LISTEN.");
    case Role::rollback:
        refuse(next, sqlstate::feature_not_supported, "ROLLBACK cannot be used in a migration",
               "A transaction that is rolled back leaves nothing to migrate to.",
               "Remove it, or use SAVEPOINT and ROLLBACK TO SAVEPOINT.");
    default:
        break;
    }
}

void Planner::add(const NumberedStatement &next, const Statement &source, TransactionMode mode)
{
    const Statement &s = next.statement;
    NumberedStatement settled = next;
    // Whoever asks for one transaction gets it.
    const bool one_transaction = in_block_ || in_finished_block_ || mode == TransactionMode::always;
    if (s.alone == Alone::backfill_maybe && one_transaction)
        settled.statement.alone = Alone::no;
    else if (is_maybe(s.alone) && !facts_.stands_alone(s, earlier_))
        settled.statement.alone = Alone::no;
    earlier_.push_back(&source);
    refuse_role(next);
    if (s.role == Role::begin || s.role == Role::commit) {
        // Steps end where transactions do: a block that has been run is left out as a whole.
        if (next.number <= after_ || in_finished_block_) {
            in_finished_block_ = s.role == Role::begin;
            return;
        }
        return add_transaction_control(next);
    }
    if (next.number <= after_)
        return;
    if (!one_transaction && add_online(settled))
        return;
    if (settled.statement.alone != Alone::no)
        add_alone(settled, mode);
    else
        add_to_group(settled, mode);
}

void Planner::end_section()
{
    if (in_block_)
        refuse(block_begin_, sqlstate::no_active_transaction, "the transaction is not ended",
               "BEGIN stands without a COMMIT after it.", "Add COMMIT, or remove BEGIN.");
}

} // namespace

std::vector<NumberedStatement> statements_in_order(const Script &script, DirectiveKind kind)
{
    std::vector<const Section *> sections;
    for (const Section &section : script.sections)
        if (section.kind == kind)
            sections.push_back(&section);
    if (kind == DirectiveKind::down)
        std::reverse(sections.begin(), sections.end());
    std::vector<NumberedStatement> all;
    for (const Section *section : sections)
        for (const Statement &statement : section->statements)
            all.push_back({static_cast<int>(all.size()) + 1, statement, section->online});
    return all;
}

std::vector<Step> plan_script(const std::string &name, const Script &script, DirectiveKind kind,
                              const PlanFacts &facts, int after)
{
    Planner planner(name, facts, after);
    std::vector<const Section *> sections;
    for (const Section &section : script.sections)
        if (section.kind == kind)
            sections.push_back(&section);
    if (kind == DirectiveKind::down)
        std::reverse(sections.begin(), sections.end());
    int number = 0;
    for (const Section *section : sections) {
        if (section->transaction != TransactionMode::automatic)
            planner.break_group();
        for (const Statement &statement : section->statements)
            planner.add({++number, statement}, statement, section->transaction);
        planner.end_section();
        if (section->transaction != TransactionMode::automatic)
            planner.break_group();
    }
    planner.break_group();
    return planner.steps();
}

bool binds_transaction(const Statement &s)
{
    static constexpr std::string_view tags[] = {"LOCK TABLE", "DECLARE CURSOR",  "FETCH",
                                                "MOVE",       "SET CONSTRAINTS", "CLOSE CURSOR"};
    const std::string tokens = lower_ascii(s.tokens);
    return s.role == Role::savepoint ||
           std::find(std::begin(tags), std::end(tags), s.tag) != std::end(tags) ||
           tokens.starts_with("set local ") || tokens.starts_with("set transaction ") ||
           tokens.find(" on commit ") != std::string::npos ||
           (tokens.find("set_config") != std::string::npos &&
            tokens.find(", false )") == std::string::npos) ||
           tokens.find("_xact_lock") != std::string::npos;
}

std::string_view name_of(Mode mode)
{
    return mode == Mode::transaction ? "transaction" : "alone";
}

} // namespace migrate
