// How the client fails: an error as a value plus the exit code that a script can tell it by.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "core/error.h"

#include <string>
#include <string_view>

namespace migrate::client {

// What the process ends with; documented in --help and docs/client.md.
enum class ExitCode
{
    done = 0,
    failed = 1,
    usage = 2,
    pending = 3,           // migrations are pending, or the schema drifted
    history_conflict = 4,  // an applied migration's text changed
    lock_not_obtained = 5, // another run, or a lock in the way, outlasted the wait
    cannot_connect = 6,
    interrupted = 7, // stopped half-way; the same command goes on from there
};

// Thrown for everything that ends a command.  Not a std::exception: only main() and the few places
// that have an answer to it catch it.
struct Failure
{
    enum class Origin
    {
        client,
        server
    };

    Origin origin;
    ExitCode code;
    Error error;
    std::string severity = "ERROR"; // as the server said it, for errors of the server
};

// The connection broke.  Whoever waits for a run catches it, connects again and goes on waiting.
struct ConnectionLost
{
    std::string message;
};

// The exit code of an error that the server reported.
ExitCode exit_code_of(std::string_view sqlstate);

// An error of the client's own.
Failure client_failure(ExitCode code, std::string message, std::string detail = {},
                       std::string hint = {});

} // namespace migrate::client
