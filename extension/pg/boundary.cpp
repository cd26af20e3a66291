// How an exception becomes a PostgreSQL error and back; see boundary.h for the rules.
// SPDX-License-Identifier: PostgreSQL
#include "pg/boundary.h"

#include <cstring>
#include <exception>
#include <new>

#include "pg/transaction.h"

extern "C" {
#include "utils/portal.h"
#include "utils/resowner.h"
#include "utils/timeout.h"
}

namespace migrate::pg {

namespace {

// Never throws, never longjmps: it runs while an exception is being handled.
const char *keep(const std::string &text)
{
    void *p = MemoryContextAllocExtended(ErrorContext, text.size() + 1,
                                         MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
    return p ? static_cast<char *>(std::memcpy(p, text.c_str(), text.size() + 1)) : "out of memory";
}

Report report_of(const char *sqlstate, const char *message)
{
    Report report{};
    report.sqlstate = sqlstate;
    report.message = message;
    report.detail = report.hint = report.context = report.schema = report.table = report.column =
        report.datatype = report.constraint = report.internal_query = "";
    report.file = __FILE__;
    report.line = __LINE__;
    return report;
}

Report report_of(const Error &e)
{
    Report report = report_of(keep(e.sqlstate), keep(e.message));
    report.detail = keep(e.detail);
    report.hint = keep(e.hint);
    report.context = keep(e.context);
    report.schema = keep(e.schema);
    report.table = keep(e.table);
    report.column = keep(e.column);
    report.datatype = keep(e.datatype);
    report.constraint = keep(e.constraint);
    report.internal_query = keep(e.internal_query);
    report.position = e.position;
    report.internal_position = e.internal_position;
    report.file = e.file;
    report.line = e.line;
    return report;
}

void add_fields(const Report &r)
{
    if (*r.schema)
        err_generic_string(PG_DIAG_SCHEMA_NAME, r.schema);
    if (*r.table)
        err_generic_string(PG_DIAG_TABLE_NAME, r.table);
    if (*r.column)
        err_generic_string(PG_DIAG_COLUMN_NAME, r.column);
    if (*r.datatype)
        err_generic_string(PG_DIAG_DATATYPE_NAME, r.datatype);
    if (*r.constraint)
        err_generic_string(PG_DIAG_CONSTRAINT_NAME, r.constraint);
}

std::string text_or_empty(const char *text)
{
    return text ? text : "";
}

} // namespace

Report describe_current_exception() noexcept
{
    try {
        throw;
    } catch (const ServerError &) {
        Report report = report_of("", "");
        report.pending = true;
        return report;
    } catch (const Error &e) {
        return report_of(e);
    } catch (const std::bad_alloc &) {
        return report_of("53200", "out of memory");
    } catch (const std::exception &e) {
        return report_of("XX000", keep(e.what()));
    } catch (...) {
        return report_of("XX000", "unrecognized C++ exception");
    }
}

void raise(const Report &r)
{
    if (r.pending) {
        MemoryContextSwitchTo(ErrorContext); // as errfinish() leaves it
        PG_RE_THROW();
    }
    errstart(ERROR, TEXTDOMAIN);
    errcode(
        MAKE_SQLSTATE(r.sqlstate[0], r.sqlstate[1], r.sqlstate[2], r.sqlstate[3], r.sqlstate[4]));
    errmsg_internal("%s", r.message);
    if (*r.detail)
        errdetail_internal("%s", r.detail);
    if (*r.hint)
        errhint("%s", r.hint);
    if (*r.context)
        errcontext_msg("%s", r.context);
    if (*r.internal_query)
        internalerrquery(r.internal_query);
    if (r.internal_position > 0)
        internalerrposition(r.internal_position);
    if (r.position > 0)
        errposition(r.position);
    add_fields(r);
    errfinish(r.file, r.line, nullptr);
    pg_unreachable();
}

void server_error(int sqlerrcode, const char *message, const char *hint, const char *detail)
{
    errstart(ERROR, TEXTDOMAIN);
    errcode(sqlerrcode);
    errmsg_internal("%s", message);
    if (detail != nullptr)
        errdetail_internal("%s", detail);
    if (hint != nullptr)
        errhint("%s", hint);
    errfinish(__FILE__, __LINE__, __func__);
    pg_unreachable();
}

Error error_of(const ErrorData &report)
{
    Error error(unpack_sql_state(report.sqlerrcode), text_or_empty(report.message),
                text_or_empty(report.detail), text_or_empty(report.hint));
    error.context = text_or_empty(report.context);
    error.schema = text_or_empty(report.schema_name);
    error.table = text_or_empty(report.table_name);
    error.column = text_or_empty(report.column_name);
    error.datatype = text_or_empty(report.datatype_name);
    error.constraint = text_or_empty(report.constraint_name);
    error.internal_query = text_or_empty(report.internalquery);
    error.position = report.cursorpos;
    error.internal_position = report.internalpos;
    return error;
}

Error take_pending_error()
{
    // ErrorContext is reset by FlushErrorState, so the copy lives elsewhere for a moment: in a context of
    // its own, because FreeErrorData does not free all that CopyErrorData copies (file and function name).
    MemoryContextSwitchTo(TopMemoryContext);
    MemoryContext own = nullptr;
    ErrorData *report = call([&] {
        own = AllocSetContextCreate(TopMemoryContext, "migrate error", ALLOCSET_SMALL_SIZES);
        MemoryContextSwitchTo(own);
        ErrorData *copy = CopyErrorData();
        MemoryContextSwitchTo(TopMemoryContext);
        FlushErrorState();
        return copy;
    });
    Error error = error_of(*report);
    call([=] { MemoryContextDelete(own); });
    return error;
}

std::optional<Error> attempt_parsing(const Body &f)
{
    const MemoryContext memory = CurrentMemoryContext;
    try {
        f();
        return std::nullopt;
    } catch (const ServerError &) {
        std::optional<Error> failure = take_pending_error();
        MemoryContextSwitchTo(memory);
        return failure;
    } catch (const Error &error) {
        return error;
    }
}

std::optional<Error> attempt(const Body &f)
{
    const MemoryContext memory = CurrentMemoryContext;
    const ResourceOwner owner = CurrentResourceOwner;
    const auto back = [&] {
        MemoryContextSwitchTo(memory);
        CurrentResourceOwner = owner;
    };
    const auto rollback = [&] {
        call([] { RollbackAndReleaseCurrentSubTransaction(); });
        back();
    };

    call([] { BeginInternalSubTransaction(nullptr); });
    MemoryContextSwitchTo(memory);
    std::optional<Error> failure;
    try {
        f();
        call([] { ReleaseCurrentSubTransaction(); });
        back();
        return failure;
    } catch (const ServerError &) {
        failure = take_pending_error();
        rollback();
    } catch (const Error &error) {
        rollback();
        return error;
    } catch (...) {
        rollback(); // the owner of an internal subtransaction must always end it
        throw;
    }
    if (failure->sqlstate ==
        sqlstate::query_canceled) // it cancels the whole statement, as in PL/pgSQL
        throw *failure;
    return failure;
}

namespace {

// See failed_command_committed().
bool committed_inside = false;

// One transaction around f: begin, f, commit; an error aborts it and is handed over.
template <typename Begin, typename Commit>
std::optional<Error> guarded(Begin begin, const Body &f, Commit commit)
{
    const auto abort = [] {
        call([] {
            disable_all_timeouts(false);
            PortalErrorCleanup();
            AbortOutOfAnyTransaction();
            MemoryContextSwitchTo(TopMemoryContext);
        });
    };
    std::optional<Error> failure;
    LocalTransactionId first = InvalidLocalTransactionId;
    const auto note_commits = [&] { committed_inside = compat::local_transaction() != first; };
    try {
        call(begin);
        first = compat::local_transaction();
        f();
        call(commit);
        MemoryContextSwitchTo(TopMemoryContext);
        return failure;
    } catch (const ServerError &) {
        note_commits();
        failure = take_pending_error();
        abort();
    } catch (const Error &error) {
        note_commits();
        failure = error;
        abort();
    } catch (...) {
        abort();
        throw;
    }
    return failure;
}

} // namespace

std::optional<Error> transaction(const Body &f)
{
    // A real transaction block, as a client's BEGIN makes one: LOCK TABLE, SAVEPOINT and SET LOCAL
    // work in it.
    return guarded(
        [] {
            StartTransactionCommand();
            BeginTransactionBlock();
            CommitTransactionCommand();
            StartTransactionCommand();
        },
        f,
        [] {
            EndTransactionBlock(false);
            CommitTransactionCommand();
        });
}

void transaction_despite_cancel(const Body &f)
{
    constexpr int most_tries = 10;
    for (int tries = 1;; tries++) {
        const std::optional<Error> error = transaction(f);
        if (!error)
            return;
        if (error->sqlstate != sqlstate::query_canceled || tries == most_tries)
            throw *error;
    }
}

bool failed_command_committed()
{
    return committed_inside;
}

std::optional<Error> top_level_command(const Body &f)
{
    return guarded([] { StartTransactionCommand(); }, f, [] { CommitTransactionCommand(); });
}

} // namespace migrate::pg
