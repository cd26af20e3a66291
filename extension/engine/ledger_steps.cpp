// The steps of runs: as they were planned, and what became of them.
// SPDX-License-Identifier: PostgreSQL
#include "engine/ledger.h"

#include "engine/ledger_values.h"

namespace migrate::ledger {

namespace {

pg::Value held_text(const StepOutcome &outcome)
{
    return outcome.lock_mode.empty() ? pg::Value() : pg::Value(text(outcome.lock_held));
}

std::vector<int> read_numbers(const std::string &array)
{
    std::vector<int> numbers;
    for (const std::string &element : pg::read_array(array))
        numbers.push_back(std::stoi(element));
    return numbers;
}

} // namespace

std::vector<StoredStep> stored_steps(std::int64_t run, std::int64_t migration)
{
    std::vector<StoredStep> steps;
    for (const pg::Row &row : pg::ledger(
             "SELECT run, step, direction, mode, begin_options, statements, numbers, state, note,"
             " written, part, parts, undo, bad_rows, failure FROM migrate.run_steps WHERE run = "
             "$1::bigint "
             "AND migration_id = $2::bigint ORDER "
             "BY step",
             {text(run), text(migration)})) {
        StoredStep s;
        s.run = number(row[0]);
        s.step = static_cast<int>(number(row[1]));
        s.direction = *row[2] == "up" ? Direction::up : Direction::down;
        s.mode = *row[3] == "alone" ? Mode::alone : Mode::transaction;
        s.begin_options = *row[4];
        s.statements = pg::read_array(*row[5]);
        s.numbers = read_numbers(*row[6]);
        s.state = *row[7];
        s.note = row[8].value_or("");
        if (row[9])
            s.online = OnlinePart{*row[9],
                                  static_cast<int>(number(row[10])),
                                  static_cast<int>(number(row[11])),
                                  pg::read_array(row[12].value_or("{}")),
                                  row[12].has_value(),
                                  row[14].value_or(""),
                                  row[13].value_or("")};
        // Restored rows are their restorer's word.
        if (s.statements.empty() || s.statements.size() != s.numbers.size())
            throw Error(sqlstate::prerequisite_state,
                        "step " + std::to_string(s.step) + " of run " + text(run) +
                            " is damaged in the history",
                        "Its statements and their numbers differ in length.",
                        "Take the migration back with migrate.mark(), and apply it again.");
        steps.push_back(std::move(s));
    }
    // A redo goes down and up again in one run: what counts is the way it was last on.
    if (!steps.empty())
        std::erase_if(steps, [last = steps.back().direction](const StoredStep &step) {
            return step.direction != last;
        });
    return steps;
}

void record_steps(std::int64_t run, const Task &task, const std::vector<StepRow> &rows)
{
    for (const StepRow &row : rows) {
        std::vector<std::string> statements, numbers, lines;
        for (const NumberedStatement &s : row.plan->statements) {
            statements.push_back(s.statement.text);
            numbers.push_back(std::to_string(s.number));
            lines.push_back(std::to_string(s.statement.line));
        }
        const StepOutcome &o = row.outcome;
        const std::optional<OnlinePart> &online = row.plan->online;
        const bool done = o.duration >= 0;
        pg::ledger(
            "INSERT INTO migrate.run_steps (run, step, migration_id, migration, direction,"
            " step_of_migration, steps_of_migration, mode, begin_options, statements, numbers,"
            " lines, state, started_at, ended_at, lock_wait, attempts, note, lock_mode, lock_held,"
            " written, part, parts, undo, bad_rows, failure)"
            " VALUES ($1::bigint,"
            " $2::integer, $3::bigint, $4, $5, $6::integer, $7::integer, $8, $9, $10::text[],"
            " $11::integer[], $12::integer[], $13,"
            " clock_timestamp() - $14::bigint * interval '1 microsecond',"
            " CASE WHEN $14 IS NOT NULL THEN clock_timestamp() END,"
            " $15::bigint * interval '1 microsecond', $17::integer, $16, $18,"
            " $19::bigint * interval '1 microsecond', $20, $21::integer, $22::integer,"
            " $23::text[], $24, $25)"
            " ON CONFLICT (run, step) DO NOTHING",
            {text(run),
             std::to_string(row.step),
             text(task.migration.id),
             task.migration.name,
             std::string(name_of(task.direction)),
             std::to_string(row.of_migration),
             std::to_string(row.steps_of_migration),
             std::string(name_of(row.plan->mode)),
             row.plan->begin_options,
             pg::array_text(statements),
             pg::array_text(numbers),
             pg::array_text(lines),
             row.state,
             done ? text(o.duration) : pg::Value(),
             done ? text(o.lock_wait) : pg::Value(),
             or_null(row.note),
             done ? std::to_string(o.attempts) : "0",
             or_null(o.lock_mode),
             held_text(o),
             online ? pg::Value(online->written) : pg::Value(),
             online ? pg::Value(std::to_string(online->part)) : pg::Value(),
             online ? pg::Value(std::to_string(online->parts)) : pg::Value(),
             online && online->undoable ? pg::Value(pg::array_text(online->undo)) : pg::Value(),
             online ? or_null(online->bad_rows) : pg::Value(),
             online ? or_null(online->failure) : pg::Value()});
    }
}

void record_step_state(std::int64_t run, int step, const std::string &state,
                       const std::string &note)
{
    pg::ledger("UPDATE migrate.run_steps SET state = $3, note = coalesce($4, note),"
               " started_at = CASE WHEN $3 = 'started' THEN clock_timestamp() ELSE started_at END,"
               " attempts = attempts + CASE WHEN $3 = 'started' THEN 1 ELSE 0 END"
               " WHERE run = $1::bigint AND step = $2::integer",
               {text(run), std::to_string(step), state, or_null(note)});
}

namespace {

void record_outcome(std::int64_t run, int step, const std::string &state, const StepOutcome &o)
{
    pg::ledger("UPDATE migrate.run_steps SET state = $3, ended_at = clock_timestamp(),"
               " started_at = clock_timestamp() - $4::bigint * interval '1 microsecond',"
               " lock_wait = $5::bigint * interval '1 microsecond', lock_mode = $7,"
               " lock_held = $8::bigint * interval '1 microsecond',"
               " attempts = greatest(attempts, $6::integer)"
               " WHERE run = $1::bigint AND step = $2::integer",
               {text(run), std::to_string(step), state, text(o.duration), text(o.lock_wait),
                std::to_string(o.attempts), or_null(o.lock_mode), held_text(o)});
}

} // namespace

void record_step_failed(std::int64_t run, int step, const StepOutcome &outcome)
{
    record_outcome(run, step, "failed", outcome);
}

void record_step_done(std::int64_t run, int step, const StepOutcome &outcome)
{
    record_outcome(run, step, "done", outcome);
}

void record_held(std::int64_t run, const std::vector<std::pair<int, long long>> &held)
{
    if (held.empty())
        return;
    std::vector<std::string> steps, times;
    for (const auto &[step, time] : held) {
        steps.push_back(std::to_string(step));
        times.push_back(text(time));
    }
    pg::ledger("UPDATE migrate.run_steps s SET lock_held = h.held * interval '1 microsecond'"
               " FROM unnest($2::integer[], $3::bigint[]) AS h (step, held)"
               " WHERE s.run = $1::bigint AND s.step = h.step",
               {text(run), pg::array_text(steps), pg::array_text(times)});
}

} // namespace migrate::ledger
