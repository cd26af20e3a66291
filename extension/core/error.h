// An error as a value: what the user reads, and where it was raised.  PG-free, so that core, engine
// and client use the same type; pg/boundary turns it into a PostgreSQL error and back.
// Messages follow PostgreSQL's style guide: primary lower case without a period, detail and hint
// full sentences.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace migrate {

// SQLSTATEs the project raises.  Standard codes wherever one fits; class MG is our own, for what a
// client has to tell apart.
namespace sqlstate {
inline constexpr std::string_view feature_not_supported = "0A000";
inline constexpr std::string_view invalid_parameter_value = "22023";
inline constexpr std::string_view active_transaction = "25001";
inline constexpr std::string_view read_only_transaction = "25006";
inline constexpr std::string_view no_active_transaction = "25P01";
inline constexpr std::string_view insufficient_privilege = "42501";
inline constexpr std::string_view syntax_error = "42601";
inline constexpr std::string_view undefined_column = "42703";
inline constexpr std::string_view undefined_object = "42704";
inline constexpr std::string_view duplicate_object = "42710";
inline constexpr std::string_view insufficient_resources = "53000";
inline constexpr std::string_view program_limit_exceeded = "54000";
inline constexpr std::string_view prerequisite_state = "55000";
inline constexpr std::string_view lock_not_available = "55P03";
inline constexpr std::string_view query_canceled = "57014";
inline constexpr std::string_view serialization_failure = "40001";
inline constexpr std::string_view deadlock_detected = "40P01";
inline constexpr std::string_view history_conflict = "MG001"; // an applied migration's text changed
inline constexpr std::string_view run_interrupted = "MG002";  // the run stopped and can be resumed
inline constexpr std::string_view run_in_doubt = "MG003";     // a step may or may not have happened
inline constexpr std::string_view lock_held_too_long = "MG004"; // migrate.max_lock_hold
} // namespace sqlstate

struct Error
{
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    // What follows is filled when the error came from PostgreSQL, and travels back unchanged.
    std::string context;
    std::string schema, table, column, datatype, constraint;
    std::string internal_query;
    int position = 0;          // in the client's query, in characters from 1; 0 = none
    int internal_position = 0; // in internal_query
    const char *file = "";
    int line = 0;

    Error(std::string_view state, std::string text, std::string facts = {},
          std::string way_out = {}, const char *raised_in = __builtin_FILE(),
          int raised_at = __builtin_LINE())
        : sqlstate(state), message(std::move(text)), detail(std::move(facts)),
          hint(std::move(way_out)), file(raised_in), line(raised_at)
    {
    }
};

} // namespace migrate
