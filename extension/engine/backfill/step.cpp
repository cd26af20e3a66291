// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/step.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "engine/backfill/lead.h"
#include "engine/backfill/target.h"
#include "engine/backfill/trouble.h"
#include "engine/call.h"
#include "pg/actions.h"
#include "pg/backfill/settings.h"
#include "pg/backfill/statement.h"
#include "pg/foretell.h"
#include "pg/free_locks.h"
#include "pg/query.h"
#include "pg/report.h"
#include "pg/session.h"
#include "pg/transaction.h"

namespace migrate::backfill {

namespace {

using pg::backfill::Facts;

// Milliseconds of a batch that nobody asked for, so that nobody feels it: whoever wants a row of a batch waits for
// its end.
constexpr int unasked_target = 20;

[[noreturn]] void refuse_option(const std::string &name, const std::string &value)
{
    throw Error(sqlstate::invalid_parameter_value,
                "invalid value for " + name + " of -- migrate:backfill: \"" + value + "\"", "",
                "Write batch:ROWS, pause:MILLISECONDS or workers:NUMBER.");
}

int number_of(const std::string &name, const std::string &value)
{
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    std::string_view unit(end, static_cast<std::size_t>(value.data() + value.size() - end));
    if (name == "pause" && unit == "s") {
        number *= 1000;
        unit = "";
    }
    if (name == "pause" && unit == "ms")
        unit = "";
    if (error != std::errc() || number < (name == "pause" ? 0 : 1) || !unit.empty())
        refuse_option(name, value);
    return number;
}

Options options_of(const Statement &statement)
{
    Options options;
    options.statement = statement.text;
    for (const Directive &directive : statement.directives) {
        if (directive.kind != DirectiveKind::backfill)
            continue;
        for (const auto &[name, value] : directive.options) {
            const int number = number_of(name, value);
            if (name == "batch")
                options.batch = number;
            else if (name == "pause")
                options.pause = number;
            else
                options.workers = number;
        }
    }
    return options;
}

bool is_asked(const Statement &statement)
{
    for (const Directive &directive : statement.directives)
        if (directive.kind == DirectiveKind::backfill)
            return true;
    return false;
}

std::int64_t rows_of(const Target &target)
{
    std::int64_t rows = 0;
    for (const Leaf &leaf : target.leaves)
        rows += leaf.rows;
    return rows;
}

// Not so if its WHERE names the row by a unique key.
bool goes_over_all(const pg::Foretold &foretold)
{
    return foretold.bytes > 0;
}

bool are_many(double rows)
{
    return rows > static_cast<double>(pg::backfill::settings().small_update);
}

// As the catalogs have it, without a lock: of the table, or its partitions.
bool looks_large(const pg::Foretold &foretold)
{
    double rows = 0;
    for (const pg::RelationLock &lock : foretold.locks)
        if (lock.mode == LockMode::row_exclusive)
            rows += pg::describe_relation(lock.relation).rows;
    return are_many(rows) && goes_over_all(foretold);
}

// Whether it is large, and provably the same in batches.  Proving evaluates parts of it.
bool judge(const Statement &statement, const pg::Foretold &foretold)
{
    if (!looks_large(foretold))
        return false;
    const Facts facts = pg::backfill::analyse(statement.text);
    const Target target = look_at(facts);
    return are_many(static_cast<double>(rows_of(target))) &&
           is_the_same(facts, target, options_of(statement));
}

bool is_altered(const Statement &statement, const std::vector<const Statement *> &earlier)
{
    return pg::backfill::target_of(statement.text) != 0 &&
           std::any_of(earlier.begin(), earlier.end(),
                       [](const Statement *one) { return one->tag == "ALTER TABLE"; });
}

} // namespace

void mark_asked(const std::string &migration, Script &script)
{
    for (Section &section : script.sections)
        for (Statement &statement : section.statements) {
            if (!is_asked(statement))
                continue;
            if (statement.tag != "UPDATE" && statement.tag != "DELETE")
                throw Error(sqlstate::feature_not_supported,
                            "-- migrate:backfill stands before " + statement.tag +
                                " in migration \"" + migration + "\"",
                            "Only UPDATE and DELETE can be run in batches.", "Remove it.");
            options_of(statement);
            statement.alone = Alone::backfill;
        }
}

bool runs_in_batches(const Statement &statement, const std::vector<const Statement *> &earlier)
{
    if (statement.alone != Alone::backfill_maybe)
        return true;
    const pg::Foretold foretold = pg::foretell(statement.text);
    bool yes = false;
    const std::optional<Error> error =
        pg::attempt_with_free_locks(foretold, [&] { yes = judge(statement, foretold); });
    if (!error)
        return yes;
    const bool unknown =
        error->sqlstate == sqlstate::lock_not_available ||
        (error->sqlstate == sqlstate::undefined_column && is_altered(statement, earlier));
    return unknown && looks_large(foretold);
}

std::string describe_step(const Statement &statement)
{
    constexpr std::int64_t many = 1000000;
    std::string text;
    const auto error = pg::attempt_with_free_locks(pg::foretell(statement.text), [&] {
        const Facts facts = pg::backfill::analyse(statement.text);
        const Target target = look_at(facts);
        const std::int64_t rows = rows_of(target);
        text = "in batches, by " + choose_method(facts, target, options_of(statement)).text +
               ", of about " + std::to_string(rows) + " rows";
        if (rows >= many)
            text += "; use detach => true, so that nobody has to wait for it";
    });
    if (!error)
        return text;
    // An earlier statement of the script may change what stands in the way.
    return error->sqlstate == sqlstate::feature_not_supported
               ? "in batches as asked; as things are, " + error->message
               : "in batches; how is decided when its turn comes";
}

std::string note_before_step()
{
    return *pg::ledger("SELECT coalesce(max(id), 0) FROM migrate.runs")[0][0];
}

bool step_was_done(const Statement &statement, const std::string &note)
{
    return !pg::ledger("SELECT 1 FROM migrate.backfills b JOIN migrate.runs r ON r.id = b.run"
                       " WHERE b.run > $1::bigint AND r.outcome = 'done'"
                       " AND (b.tokens = $2 OR $2 = '' AND position(b.statement IN"
                       " replace($3, '''''', '''')) > 0)",
                       {note.empty() ? "0" : note,
                        statement.alone == Alone::backfill_call
                            ? std::string()
                            : pg::backfill::tokens_of(statement.text),
                        statement.text})
                .empty();
}

void run_step(const Statement &statement, const std::function<void()> &as_written)
{
    if (statement.alone == Alone::backfill_maybe) {
        bool yes = false;
        if (const std::optional<Error> error = pg::transaction([&] {
                // What is wrong with it the server says when it is run as written.
                pg::attempt([&] { yes = judge(statement, pg::foretell(statement.text)); });
            }))
            throw *error;
        if (!yes)
            return as_written();
    }
    Job job;
    job.options = options_of(statement);
    if (!is_asked(statement)) {
        job.options.target = std::min(unasked_target, pg::backfill::settings().batch_time);
        job.options.may_leave = true;
    }
    if (const std::optional<Error> error = pg::transaction([&] {
            describe_caller(job.session);
            if (pg::session_role_is_superuser() && !pg::current_role_is_superuser())
                job.locked_role = job.session.current_role;
            job.session.role = job.session.current_role;
            for (const pg::Row &row :
                 pg::ledger("SELECT run FROM migrate.active_steps() WHERE pid = pg_backend_pid()"))
                job.parent_run = std::stoll(*row[0]);
        }))
        throw *error;
    lead_step(job);
}

} // namespace migrate::backfill
