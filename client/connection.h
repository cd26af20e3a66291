// A connection to the server.  Every query is one unnamed, parameterised statement and nothing is set
// in the session, so that a pooler may hand each of them to another server process.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "conninfo.h"
#include "failure.h"
#include "output.h"

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

using Values = std::vector<std::optional<std::string>>;

// text[] as the server reads it.
std::string array_literal(const std::vector<std::string> &texts);

// Rows that a query returned.
class Rows
{
public:
    explicit Rows(PGresult *result) : result_(result, PQclear) {}

    int count() const { return PQntuples(result_.get()); }
    // Throws: nothing; a column that is not there reads as null.
    std::optional<std::string> value(int row, const char *column) const;
    std::string text(int row, const char *column) const { return value(row, column).value_or(""); }
    long long number(int row, const char *column) const;
    bool is_true(int row, const char *column) const { return text(row, column) == "t"; }

private:
    std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

class Connection
{
public:
    // Throws: Failure with ExitCode::cannot_connect.
    Connection(const ConnectionParameters &parameters, Output &output);

    // Sends one statement and waits for its rows.
    // Throws: Failure for an error of the server; ConnectionLost.
    Rows query(const std::string &sql, const Values &values = {});

    // The same in parts, for a caller that has more to wait for: send; then, whenever the socket is
    // readable (or writable, if wants_write()), advance, until it returns the rows.
    void send(const std::string &sql, const Values &values);
    std::optional<Rows> advance();
    bool wants_write() const { return wants_write_; }
    int socket() const { return PQsocket(connection_.get()); }

    // Asks the server to cancel what is running.  False with a reason on stderr if it cannot be asked.
    bool cancel();

    std::string place() const; // host:port/database
    std::string user() const { return PQuser(connection_.get()); }
    std::string database() const { return PQdb(connection_.get()); }
    int server_version() const { return PQserverVersion(connection_.get()); }
    std::string server_version_text() const;

private:
    std::optional<Rows> finish();

    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
    Output *output_;
    bool wants_write_ = false;
    std::unique_ptr<PGresult, decltype(&PQclear)> last_{nullptr, PQclear};
};

// A handle of libpq that begins to connect without waiting.
PGconn *start_connecting(const ConnectionParameters &parameters);

} // namespace migrate::client
