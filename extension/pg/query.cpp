// SPI behind pg/query.h.
// SPDX-License-Identifier: PostgreSQL
#include "pg/query.h"

#include <map>

#include "pg/boundary.h"
#include "pg/transaction.h"

extern "C" {
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
}

namespace migrate::pg {

namespace {

// Settings under which our own SQL runs, whatever the script or the caller has set.
// Returns the level that AtEOXact_GUC() leaves again; an error leaves it by itself.
int enter_own_settings()
{
    return call([] {
        const int level = NewGUCNestLevel();
        const auto set = [](const char *name, const char *value) {
            set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                              false);
        };
        set("search_path", "pg_catalog, pg_temp");
        set("lock_timeout", "0");
        set("DateStyle", "ISO, MDY");
        set("IntervalStyle", "postgres");
        set("bytea_output", "hex");
        set("quote_all_identifiers", "off");
        set("jit", "off"); // compiling takes seconds, running milliseconds
        return level;
    });
}

SPIPlanPtr prepare(const std::string &sql, std::size_t parameters)
{
    // Leaked on purpose: it lives as long as the process and must have no static destructor.
    static auto *const plans = new std::map<std::string, SPIPlanPtr, std::less<>>;
    if (const auto found = plans->find(sql); found != plans->end())
        return found->second;
    std::vector<Oid> types(parameters, TEXTOID);
    const char *text = sql.c_str();
    const int count = static_cast<int>(parameters);
    Oid *type = types.data();
    const SPIPlanPtr plan = call([&] {
        SPIPlanPtr made = SPI_prepare(text, count, type);
        if (made != nullptr)
            SPI_keepplan(made);
        return made;
    });
    if (plan == nullptr)
        throw Error("XX000", "could not prepare a statement of the engine: " + sql);
    plans->emplace(sql, plan);
    return plan;
}

std::vector<Row> copy_rows()
{
    std::vector<Row> rows;
    if (SPI_tuptable == nullptr)
        return rows;
    SPITupleTable *const table = SPI_tuptable;
    const int columns = table->tupdesc->natts;
    rows.reserve(table->numvals);
    for (uint64 i = 0; i < table->numvals; i++) {
        Row row;
        row.reserve(static_cast<std::size_t>(columns));
        for (int column = 1; column <= columns; column++) {
            char *value =
                call([&] { return SPI_getvalue(table->vals[i], table->tupdesc, column); });
            row.push_back(value ? Value(value) : Value());
            if (value != nullptr)
                pfree(value);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

// What f, which executes one statement by SPI, leaves.  In the worker there is no portal around us that would
// hold a snapshot.  An error ends both with the transaction.
template <typename F>
std::vector<Row> rows_of(const std::string &sql, F f)
{
    const bool needs_snapshot = !ActiveSnapshotSet();
    call([&] {
        if (needs_snapshot)
            PushActiveSnapshot(GetTransactionSnapshot());
        SPI_connect();
    });
    const int code = f();
    if (code < 0)
        throw Error("XX000", "could not execute a statement of the engine: " + sql);
    std::vector<Row> rows = copy_rows();
    call([&] {
        SPI_finish();
        if (needs_snapshot)
            PopActiveSnapshot();
    });
    return rows;
}

std::vector<Row> execute(const std::string &sql, const std::vector<Value> &parameters)
{
    const std::size_t count = parameters.size();
    std::vector<const char *> texts(count);
    for (std::size_t i = 0; i < count; i++)
        texts[i] = parameters[i] ? parameters[i]->c_str() : nullptr;
    std::vector<Datum> values(count);
    std::string nulls(count, ' ');
    return rows_of(sql, [&] {
        const SPIPlanPtr plan = prepare(sql, count);
        return call([&] {
            for (std::size_t i = 0; i < count; i++) {
                values[i] = texts[i] ? CStringGetTextDatum(texts[i]) : Datum(0);
                nulls[i] = texts[i] ? ' ' : 'n';
            }
            return SPI_execute_plan(plan, values.data(), nulls.data(), false, 0);
        });
    });
}

std::vector<Row> execute_once(const std::string &sql, bool read_only)
{
    const char *text = sql.c_str();
    return rows_of(sql, [&] { return call([&] { return SPI_execute(text, read_only, 0); }); });
}

Oid ledger_owner()
{
    return call([] {
        const Oid schema = get_namespace_oid("migrate", false);
        const Oid table = get_relname_relid("runs", schema);
        HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
        if (!HeapTupleIsValid(tuple))
            return InvalidOid;
        const Oid owner = ((Form_pg_class)GETSTRUCT(tuple))->relowner;
        ReleaseSysCache(tuple);
        return owner;
    });
}

// Role, security context and read-only mode of the caller.  Restoring them is plain assignment, so a
// destructor may do it.
class Identity
{
public:
    explicit Identity(Oid owner)
    {
        GetUserIdAndSecContext(&user_, &context_);
        SetUserIdAndSecContext(owner, context_ | SECURITY_LOCAL_USERID_CHANGE);
        XactReadOnly = XactReadOnly && RecoveryInProgress();
    }
    ~Identity()
    {
        SetUserIdAndSecContext(user_, context_);
        XactReadOnly = read_only_;
    }
    Identity(const Identity &) = delete;
    Identity &operator=(const Identity &) = delete;

private:
    Oid user_ = InvalidOid;
    int context_ = 0;
    const bool read_only_ = XactReadOnly;
};

} // namespace

std::vector<Row> query(std::string_view sql, const std::vector<Value> &parameters)
{
    const int level = enter_own_settings();
    std::vector<Row> rows = execute(std::string(sql), parameters);
    call([&] { AtEOXact_GUC(true, level); });
    return rows;
}

void command(const std::string &sql)
{
    const int level = enter_own_settings();
    execute_once(sql, false);
    call([&] { AtEOXact_GUC(true, level); });
}

std::vector<Row> query_as_written(const std::string &sql)
{
    return execute_once(sql, true);
}

void as_ledger_owner(const std::function<void()> &f)
{
    const Oid owner = ledger_owner();
    if (owner == InvalidOid)
        throw Error(sqlstate::undefined_object, "the tables of extension \"migrate\" are missing",
                    "", "Run CREATE EXTENSION migrate in this database.");
    const Identity identity(owner);
    f();
}

std::vector<Row> ledger(std::string_view sql, const std::vector<Value> &parameters)
{
    std::vector<Row> rows;
    as_ledger_owner([&] { rows = query(sql, parameters); });
    return rows;
}

std::string array_text(const std::vector<std::string> &elements)
{
    std::string text = "{";
    for (const std::string &element : elements) {
        text += text.size() > 1 ? ",\"" : "\"";
        for (const char c : element) {
            if (c == '"' || c == '\\')
                text += '\\';
            text += c;
        }
        text += '"';
    }
    return text + "}";
}

std::vector<std::string> read_array(std::string_view text)
{
    std::vector<std::string> elements;
    std::string element;
    bool quoted = false, any = false;
    for (std::size_t i = 1; i + 1 < text.size(); i++) {
        const char c = text[i];
        if (c == '"') {
            quoted = !quoted;
            any = true;
        } else if (c == '\\') {
            element += text[++i];
        } else if (c == ',' && !quoted) {
            elements.push_back(std::move(element));
            element.clear();
        } else {
            element += c;
            any = true;
        }
    }
    if (any || !element.empty())
        elements.push_back(std::move(element));
    return elements;
}

} // namespace migrate::pg
