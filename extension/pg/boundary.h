// The one place where PostgreSQL's longjmp and C++ exceptions meet.
//
//     PostgreSQL --entry()--> C++ --call()--> PostgreSQL
//
// No exception leaves entry(); no longjmp passes call().  Between the two, ordinary C++ holds.
// 1. Every function PostgreSQL can call is entry(...) and nothing else.
// 2. Every PostgreSQL call that can ERROR is inside call(...).  When in doubt, inside.
// 3. A call() body is C: it captures by reference, makes no object with a destructor, calls nothing
//    that throws.  Arguments are prepared before, results copied after.
// 4. To raise: throw Error(...).  No PG_TRY, no ereport(ERROR) outside boundary.cpp.
// 5. ServerError is caught only here, by attempt() and transaction(); catch (...) elsewhere ends in
//    throw.  A swallowed one stays on PostgreSQL's error stack, which is five deep.
// 6. No call() in destructors, noexcept functions, comparators or callbacks that run during commit.
// 7. No pointer into a memory context survives the statement that obtained it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <type_traits>

#include "core/error.h"
#include "pg/compat.h"

namespace migrate::pg {

// PostgreSQL raised an ERROR.  Its report stays on PostgreSQL's error stack, so nothing is copied and
// nothing is lost.  Not a std::exception: only entry(), attempt() and transaction() may catch it.
struct ServerError final
{
};

// What entry() raises once every C++ object is gone.  Trivial, so a longjmp may pass it.  The strings
// live in ErrorContext.
struct Report
{
    bool pending;
    const char *sqlstate, *message, *detail, *hint, *context, *file;
    const char *schema, *table, *column, *datatype, *constraint, *internal_query;
    int position, internal_position, line;
};

Report describe_current_exception() noexcept;
[[noreturn]] void raise(const Report &report);

// Runs f, which calls PostgreSQL; an ERROR arrives as ServerError.
template <typename F>
std::invoke_result_t<F> call(F f)
{
    using Result = std::invoke_result_t<F>;
    static_assert(std::is_trivially_destructible_v<F>,
                  "capture by reference: a longjmp skips destructors");
    static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>,
                  "copy it outside call()");
    struct Saved
    {
        sigjmp_buf *const jump = PG_exception_stack;
        ErrorContextCallback *const context = error_context_stack;
        const MemoryContext memory = CurrentMemoryContext;
        ~Saved()
        {
            PG_exception_stack = jump;
            error_context_stack = context;
        }
    } const saved;
    sigjmp_buf here;
    if (sigsetjmp(here, 0) != 0) {
        CurrentMemoryContext = saved.memory;
        throw ServerError{};
    }
    PG_exception_stack = &here;
    return f();
}

// Runs f, which is C++; whatever it throws leaves as a PostgreSQL ERROR, after every destructor ran.
template <typename F>
std::invoke_result_t<F> entry(F f)
{
    Report report;
    try {
        return f();
    } catch (...) {
        report = describe_current_exception();
    }
    raise(report); // outside the handler: the exception object is destroyed before the longjmp
}

// The pending server error as a value; takes it off PostgreSQL's error stack.
// REQUIRES: a ServerError was just caught, and the transaction is about to be rolled back.
Error take_pending_error();

// Raises from C code that runs inside call(), where nothing may be thrown.  `hint` and `detail` may be null.
[[noreturn]] void server_error(int sqlerrcode, const char *message, const char *hint,
                               const char *detail = nullptr);

// A PostgreSQL error report as a value.
Error error_of(const ErrorData &report);

} // namespace migrate::pg

// Defines an SQL-callable function: the body is C++ and may throw.
#define MIGRATE_FUNCTION(name)                                                                     \
    static Datum name##_body(FunctionCallInfo fcinfo);                                             \
    extern "C" {                                                                                   \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        return migrate::pg::entry([=] { return name##_body(fcinfo); });                            \
    }                                                                                              \
    }                                                                                              \
    static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
