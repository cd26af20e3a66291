// SQL functions for the tests of the C++ boundary, sql/boundary.sql, and of what is foretold of statements,
// sql/foretell*.sql, which create them themselves.  Nothing of this is in a build for users.
// SPDX-License-Identifier: PostgreSQL
#ifdef MIGRATE_TESTING
#include <chrono>
#include <exception>
#include <fstream>
#include <new>
#include <stdexcept>
#include <string>

#include "core/error.h"
#include "pg/arguments.h"
#include "pg/boundary.h"
#include "pg/foretell.h"
#include "pg/query.h"
#include "pg/transaction.h"

using namespace migrate;

namespace {

int witnesses_alive = 0;

// Is destroyed whenever C++ unwinds as it should.
struct Witness
{
    Witness() { witnesses_alive++; }
    ~Witness() { witnesses_alive--; }
    Witness(const Witness &) = delete;
    Witness &operator=(const Witness &) = delete;
    const std::string memory = std::string(1000, 'x');
};

Error full_error()
{
    Error error("MG001", "a message with 100% of \"everything\"", "The detail.", "The hint.");
    error.context = "the context";
    error.schema = "the schema";
    error.table = "the table";
    error.column = "the column";
    error.datatype = "the type";
    error.constraint = "the constraint";
    error.internal_query = "SELECT everything";
    error.internal_position = 8;
    return error;
}

[[noreturn]] void throw_kind(const std::string &kind)
{
    const Witness witness;
    if (kind == "full")
        throw full_error();
    if (kind == "position") {
        Error error("42601", "a position in the caller's query");
        error.position = 8;
        throw error;
    }
    if (kind == "plain")
        throw Error("22023", "only a message");
    if (kind == "long")
        throw Error("54000", std::string(100000, 'm'), std::string(100000, 'd'));
    if (kind == "bad_alloc")
        throw std::bad_alloc();
    if (kind == "length")
        throw std::length_error("a standard exception");
    if (kind == "int")
        throw 42;
    if (kind == "server")
        pg::query("SELECT 1 / 0");
    if (kind == "deep")
        pg::call([] { pg::server_error(ERRCODE_DATA_EXCEPTION, "raised by C", "With a hint."); });
    throw Error("22023", "no such kind");
}

std::string fields_of(const Error &e)
{
    return e.sqlstate + "|" + e.message + "|" + e.detail + "|" + e.hint + "|" + e.schema + "|" +
           e.table + "|" + e.column + "|" + e.datatype + "|" + e.constraint + "|" +
           std::to_string(e.position) + "|" + e.internal_query + "|" +
           std::to_string(e.internal_position) + "|" + e.context;
}

} // namespace

MIGRATE_FUNCTION(migrate_test_throw)
{
    const Witness witness;
    throw_kind(*pg::Arguments(fcinfo).text(0));
}

// The error of some SQL as C++ sees it; "none" if there is none.
MIGRATE_FUNCTION(migrate_test_attempt)
{
    const Witness witness;
    const std::string sql = *pg::Arguments(fcinfo).text(0);
    const std::optional<Error> error = pg::attempt([&] {
        const Witness inner;
        pg::query(sql);
    });
    return pg::text_datum(error ? fields_of(*error) : "none");
}

// The same, raised again as it is.
MIGRATE_FUNCTION(migrate_test_again)
{
    const Witness witness;
    const std::string sql = *pg::Arguments(fcinfo).text(0);
    if (const std::optional<Error> error = pg::attempt([&] { pg::query(sql); }))
        throw *error;
    return pg::text_datum("none");
}

// What C++ threw inside of a subtransaction.
MIGRATE_FUNCTION(migrate_test_attempt_throw)
{
    const Witness witness;
    const std::string kind = *pg::Arguments(fcinfo).text(0);
    const std::optional<Error> error = pg::attempt([&] { throw_kind(kind); });
    return pg::text_datum(error ? fields_of(*error) : "none");
}

// A cancel that arrives inside of a subtransaction.
MIGRATE_FUNCTION(migrate_test_cancel)
{
    const Witness witness;
    const std::optional<Error> error = pg::attempt([] {
        const Witness inner;
        pg::call([] {
            QueryCancelPending = true;
            InterruptPending = true;
            CHECK_FOR_INTERRUPTS();
        });
    });
    return pg::text_datum(error ? "caught" : "none");
}

// Witnesses alive, and whether an exception is still being handled.
MIGRATE_FUNCTION(migrate_test_left_over)
{
    return pg::text_datum(std::to_string(witnesses_alive) + " alive, " +
                          (std::current_exception() ? "handling" : "not handling"));
}

// Memory of this process in kilobytes.
MIGRATE_FUNCTION(migrate_test_resident)
{
    long long all = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;
    return Int64GetDatum(resident * 4);
}

// The locks that a statement will take: relation oid, mode text.
MIGRATE_FUNCTION(migrate_test_foretold)
{
    pg::ResultSet rows(fcinfo);
    for (const pg::RelationLock &lock : pg::foretell(*pg::Arguments(fcinfo).text(0)).locks)
        rows.add({std::to_string(lock.relation), std::string(name_of(lock.mode))});
    return rows.done();
}

// What else is foretold of it: opaque boolean, refused boolean, bytes bigint.
MIGRATE_FUNCTION(migrate_test_foretold_flags)
{
    pg::ResultSet rows(fcinfo);
    const pg::Foretold foretold = pg::foretell(*pg::Arguments(fcinfo).text(0));
    rows.add({foretold.opaque ? "t" : "f", foretold.refused ? "t" : "f",
              std::to_string(foretold.bytes)});
    return rows.done();
}

// What it does to all of a relation: relation oid, scans boolean, rewrites boolean, builds boolean,
// joins boolean.
MIGRATE_FUNCTION(migrate_test_foretold_work)
{
    pg::ResultSet rows(fcinfo);
    const auto text = [](bool value) { return std::string(value ? "t" : "f"); };
    for (const pg::RelationWork &work : pg::foretell(*pg::Arguments(fcinfo).text(0)).work)
        rows.add({std::to_string(work.relation), text(work.scans), text(work.rewrites),
                  text(work.builds), text(work.joins)});
    return rows.done();
}

// Microseconds that foretelling takes, the mean of so many times.
MIGRATE_FUNCTION(migrate_test_foretold_time)
{
    const std::string statement = *pg::Arguments(fcinfo).text(0);
    const int times = *pg::Arguments(fcinfo).integer(1);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; i++)
        pg::foretell(statement);
    const std::chrono::duration<double, std::micro> taken =
        std::chrono::steady_clock::now() - start;
    return Float8GetDatum(taken.count() / times);
}
#endif
