// SPDX-License-Identifier: PostgreSQL
#include "engine/online.h"

#include <algorithm>

#include "core/text.h"
#include "engine/attach.h"
#include "engine/backfill/target.h"
#include "engine/leaves.h"
#include "pg/actions.h"
#include "pg/backfill/statement.h"
#include "pg/parser.h"
#include "pg/partitions.h"
#include "pg/query.h"
#include "pg/settings.h"
#include "pg/transaction.h"

namespace migrate {

namespace {

using online::Facts;
using online::Part;

std::vector<std::string> key_columns(const Relation &relation)
{
    const std::vector<pg::Row> rows =
        pg::query("SELECT array_agg(a.attname ORDER BY k.n)::text FROM pg_index i,"
                  " unnest(i.indkey) WITH ORDINALITY AS k (number, n), pg_attribute a"
                  " WHERE i.indrelid = $1::oid AND i.indisprimary AND k.n <= i.indnkeyatts"
                  " AND a.attrelid = i.indrelid AND a.attnum = k.number",
                  {std::to_string(relation.id)});
    return rows.empty() || !rows[0][0] ? std::vector<std::string>{} : pg::read_array(*rows[0][0]);
}

std::string bound_of(const Relation &partition)
{
    const std::vector<pg::Row> rows =
        pg::query("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = $1::oid",
                  {std::to_string(partition.id)});
    return rows.empty() ? "" : rows[0][0].value_or("");
}

bool has_key(const Relation &relation)
{
    for (const pg::Row &row : pg::query("SELECT c.oid::text FROM pg_class c WHERE c.relkind = 'r'"
                                        " AND c.oid = ANY ($1::oid[])",
                                        {pg::family_text(relation.id)}))
        if (backfill::keys_of_table(static_cast<pg::ObjectId>(std::stoul(*row[0]))).empty())
            return false;
    return true;
}

// Without a key only where no row is found again: tried on an empty table of just this column, which is gone
// afterwards.
bool can_fill(const Action &column, const std::string &value)
{
    if (has_key(column.relation) || column.serial) // numbers of a sequence that is not there yet
        return true;
    bool stops = false;
    pg::attempt([&] {
        pg::command("CREATE TEMP TABLE migrate_probe (value " + column.type + ")");
        stops = pg::backfill::analyse("UPDATE pg_temp.migrate_probe SET value = " + value +
                                      " WHERE value IS NULL")
                    .ending == pg::backfill::Ending::stops;
        throw Error("", "undo"); // caught by attempt(): nothing of the probe stays
    });
    return stops;
}

bool is_below(const Relation &relation, const std::string &column)
{
    return !pg::query("SELECT 1 FROM pg_attribute a WHERE a.attrelid = ANY ($1::oid[])"
                      " AND a.attrelid <> $2::oid AND a.attname = $3 AND NOT a.attisdropped",
                      {pg::family_text(relation.id), std::to_string(relation.id), column})
                .empty();
}

bool watches_updates(const Relation &relation)
{
    return !pg::query("SELECT 1 FROM pg_class c WHERE c.oid = ANY ($1::oid[])"
                      " AND (c.relhasrules OR c.relforcerowsecurity"
                      // Published, an UPDATE needs a replica identity.
                      " OR (EXISTS (SELECT FROM pg_publication p WHERE p.pubupdate)"
                      " AND (c.relreplident = 'n' OR (c.relreplident = 'd' AND NOT EXISTS"
                      " (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))))"
                      " OR EXISTS (SELECT FROM pg_trigger t"
                      " WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'"
                      " AND t.tgtype & 16 <> 0 AND t.tgattr = ''))",
                      {pg::family_text(relation.id)})
                .empty();
}

Facts facts(pg::NamesToCome &names)
{
    Facts facts;
    facts.not_null_constraints = pg::not_null_is_constraint();
    facts.partitioned_foreign_keys = pg::not_null_is_constraint(); // 18 brought both
    facts.key_columns = key_columns;
    facts.has_primary_key = [](const Relation &relation) { return !key_columns(relation).empty(); };
    facts.bound_of = bound_of;
    facts.can_fill = can_fill;
    facts.is_below = is_below;
    facts.watches_updates = watches_updates;
    facts.attach_preparations = [&](const Action &action) {
        return attach_preparations(action, names);
    };
    facts.leaves = [&](const Action &action) { return leaves_lacking(action, names); };
    return facts;
}

Step step_of(const std::string &migration, const StudiedStatement &of, const Part &part)
{
    Step step;
    for (const std::string &text : part.statements) {
        step.statements.push_back(online_statement(migration, text, {of.number, of.statement}));
        if (step.statements.back().statement.alone != Alone::no)
            step.mode = Mode::alone;
    }
    OnlinePart info;
    info.written = of.statement.text;
    info.undo = part.undo;
    info.undoable = part.undoable;
    info.bad_rows = part.bad_rows;
    info.failure = part.failure;
    step.online = std::move(info);
    return step;
}

online::Mode mode_named(const std::string &name)
{
    return name == "off"      ? online::Mode::off
           : name == "always" ? online::Mode::always
                              : online::Mode::automatic;
}

bool is_about_rows(const Error &error)
{
    return error.sqlstate == "23505" || error.sqlstate == "23514" || error.sqlstate == "23503" ||
           error.sqlstate == "23502";
}

} // namespace

std::vector<Step> online_steps(const std::string &migration, const StudiedStatement &statement,
                               online::Mode mode, pg::NamesToCome &names)
{
    std::vector<Step> steps;
    for (const Part &part :
         online::parts_of(statement, facts(names), mode, pg::small_table_bytes()))
        steps.push_back(step_of(migration, statement, part));
    for (std::size_t i = 0; i < steps.size(); i++) {
        steps[i].online->part = static_cast<int>(i) + 1;
        steps[i].online->parts = static_cast<int>(steps.size());
    }
    return steps;
}

// An UPDATE is only ever there to be run in batches.
NumberedStatement online_statement(const std::string &migration, const std::string &text,
                                   const NumberedStatement &written)
{
    NumberedStatement own{written.number, {}};
    for (const Section &section : pg::cut(migration, text).sections)
        for (const Statement &statement : section.statements)
            own.statement = statement;
    own.statement.line = written.statement.line;
    if (own.statement.tag == "UPDATE")
        own.statement.alone = Alone::backfill;
    return own;
}

online::Mode online_mode_of(const Statement &statement, const std::string &of_section)
{
    for (const Directive &directive : statement.directives)
        if (directive.kind == DirectiveKind::online)
            return mode_named(directive.argument);
    return of_section.empty() ? pg::online_mode() : mode_named(of_section);
}

namespace {

constexpr int bad_rows_shown = 5;

std::string first_of(const std::string &query)
{
    return " FROM (" + query + ") AS bad ORDER BY bad LIMIT " + std::to_string(bad_rows_shown);
}

// "(7), (12)"
std::string first_rows(const std::string &query)
{
    std::string list;
    for (const pg::Row &row : pg::query_as_written("SELECT bad::text AS shown" + first_of(query)))
        list += (list.empty() ? "" : ", ") + row[0].value_or("");
    return list;
}

// "(a, b)=(1, 2) in 3 rows": the last column of the query says in how many.
std::string first_keys(const std::string &query)
{
    std::string list, columns, values, last_name, last_value;
    const auto end_key = [&] {
        if (!columns.empty())
            list += (list.empty() ? "(" : ", (") + columns + ")=(" + values + ") in " + last_value +
                    " rows";
        columns = values = last_name = last_value = "";
    };
    for (const pg::Row &row : pg::query_as_written(
             "SELECT part, quote_ident(name), value FROM (SELECT row_to_json(bad) AS bad_key, "
             "row_number() OVER "
             "(ORDER BY bad) AS number" +
             first_of(query) +
             ") AS bad_keys, json_each_text(bad_key) WITH ORDINALITY AS parts (name, value, part) "
             "ORDER BY number, part")) {
        if (*row[0] == "1")
            end_key();
        else {
            columns += (columns.empty() ? "" : ", ") + last_name;
            values += (values.empty() ? "" : ", ") + last_value;
        }
        last_name = *row[1];
        last_value = row[2].value_or("null");
    }
    end_key();
    return list;
}

} // namespace

Error with_bad_rows(Error error, const OnlinePart &part)
{
    if (part.bad_rows.empty() || !is_about_rows(error))
        return error;
    // An index that could not be unique: its query lists keys.
    const bool keys = error.sqlstate == "23505";
    std::string count, first;
    // Whoever runs it may not be allowed to read the table.
    const std::optional<Error> failure = pg::attempt([&] {
        count = *pg::query_as_written("SELECT count(*) FROM (" + part.bad_rows + ") AS bad")[0][0];
        first = keys ? first_keys(part.bad_rows) : first_rows(part.bad_rows);
    });
    if (failure || count == "0") // row security may hide them
        return error;
    if (!part.failure.empty()) {
        error.sqlstate = part.failure.substr(0, 5);
        error.message = part.failure.substr(6);
        error.constraint.clear();
    }
    const char *what =
        keys ? count == "1" ? " key is in more than one row: " : " keys are in more than one row: "
        : count == "1" ? " row is in the way: "
                       : " rows are in the way: ";
    error.detail += (error.detail.empty() ? "" : "  ") + count + what + first +
                    (std::stoll(count) > bad_rows_shown ? ", ..." : "") + ".";
    error.hint = "List them with \"" + part.bad_rows +
                 "\", correct them, and run migrate.apply() again: it goes on at this step.";
    return error;
}

} // namespace migrate
