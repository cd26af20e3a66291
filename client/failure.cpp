// SPDX-License-Identifier: PostgreSQL
#include "failure.h"

namespace migrate::client {

ExitCode exit_code_of(std::string_view sqlstate)
{
    constexpr std::string_view admin_shutdown = "57P01";
    if (sqlstate == sqlstate::history_conflict)
        return ExitCode::history_conflict;
    if (sqlstate == sqlstate::lock_not_available)
        return ExitCode::lock_not_obtained;
    if (sqlstate == sqlstate::query_canceled || sqlstate == sqlstate::run_interrupted ||
        sqlstate == admin_shutdown)
        return ExitCode::interrupted;
    return ExitCode::failed;
}

Failure client_failure(ExitCode code, std::string message, std::string detail, std::string hint)
{
    return {Failure::Origin::client, code,
            Error("", std::move(message), std::move(detail), std::move(hint))};
}

} // namespace migrate::client
