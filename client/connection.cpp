// SPDX-License-Identifier: PostgreSQL
#include "connection.h"

#include <fmt/format.h>

#include <poll.h>

#include <charconv>

namespace migrate::client {
namespace {

struct ParameterArrays
{
    explicit ParameterArrays(const ConnectionParameters &parameters);
    std::vector<const char *> keywords, values;
};

std::string without_newline(std::string text);
std::string field(const PGresult *result, int code);
Failure failure_of(const PGresult *result);
bool means_lost(const PGresult *error);
void take_notice(void *output, const PGresult *result);

} // namespace

std::string array_literal(const std::vector<std::string> &texts)
{
    std::size_t size = 2;
    for (const std::string &text : texts)
        size += text.size() + text.size() / 16 + 3;
    std::string literal;
    literal.reserve(size);
    literal += '{';
    for (const std::string &text : texts) {
        if (literal.size() > 1)
            literal += ',';
        literal += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\')
                literal += '\\';
            literal += c;
        }
        literal += '"';
    }
    literal += '}';
    return literal;
}

std::optional<std::string> Rows::value(int row, const char *column) const
{
    const int number = PQfnumber(result_.get(), column);
    if (number < 0 || PQgetisnull(result_.get(), row, number))
        return std::nullopt;
    return std::string(PQgetvalue(result_.get(), row, number),
                       static_cast<std::size_t>(PQgetlength(result_.get(), row, number)));
}

long long Rows::number(int row, const char *column) const
{
    const std::string digits = text(row, column);
    long long number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

Connection::Connection(const ConnectionParameters &parameters, Output &output)
    : connection_(nullptr, PQfinish), output_(&output)
{
    const ParameterArrays arrays(parameters);
    connection_.reset(PQconnectdbParams(arrays.keywords.data(), arrays.values.data(), 0));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        const std::string message = without_newline(PQerrorMessage(connection_.get()));
        const bool options_refused =
            message.find("unsupported startup parameter") != std::string::npos;
        throw client_failure(
            ExitCode::cannot_connect, message.empty() ? "out of memory" : message, {},
            options_refused
                ? "A pooler takes no search_path from the URL: leave schema out of it and "
                  "set it once with ALTER ROLE … SET search_path."
                : "");
    }
    PQsetNoticeReceiver(connection_.get(), take_notice, output_);
    PQsetnonblocking(connection_.get(), 1);
}

Rows Connection::query(const std::string &sql, const Values &values)
{
    send(sql, values);
    for (;;) {
        if (auto rows = advance())
            return std::move(*rows);
        pollfd socket_state{socket(), POLLIN, 0};
        if (wants_write_)
            socket_state.events |= POLLOUT;
        poll(&socket_state, 1, -1);
    }
}

void Connection::send(const std::string &sql, const Values &values)
{
    std::vector<const char *> texts;
    for (const auto &value : values)
        texts.push_back(value ? value->c_str() : nullptr);
    last_.reset();
    if (!PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(texts.size()), nullptr,
                           texts.data(), nullptr, nullptr, 0))
        throw ConnectionLost{without_newline(PQerrorMessage(connection_.get()))};
    wants_write_ = true;
}

std::optional<Rows> Connection::advance()
{
    PGconn *connection = connection_.get();
    const bool readable = PQconsumeInput(connection) == 1;
    if (wants_write_)
        wants_write_ = readable && PQflush(connection) == 1;
    // What came before a connection broke may say why, so it is read before giving up.
    while (!PQisBusy(connection)) {
        PGresult *result = PQgetResult(connection);
        if (!result)
            return finish();
        // The first error is the one that matters.
        if (!last_ || PQresultStatus(last_.get()) != PGRES_FATAL_ERROR)
            last_.reset(result);
        else
            PQclear(result);
    }
    if (!readable)
        throw ConnectionLost{without_newline(PQerrorMessage(connection))};
    return std::nullopt;
}

std::optional<Rows> Connection::finish()
{
    const ExecStatusType status = PQresultStatus(last_.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return Rows(last_.release());
    if (means_lost(last_.get()))
        throw ConnectionLost{without_newline(last_ ? PQresultErrorMessage(last_.get())
                                                   : PQerrorMessage(connection_.get()))};
    throw failure_of(last_.get());
}

bool Connection::cancel()
{
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> request(PQgetCancel(connection_.get()),
                                                                     PQfreeCancel);
    char complaint[256] = "connection is closed";
    if (request && PQcancel(request.get(), complaint, sizeof complaint))
        return true;
    output_->note(fmt::format("pg_migrate: error: could not send the cancel request: {}",
                              without_newline(complaint)));
    return false;
}

std::string Connection::place() const
{
    const std::string host = PQhost(connection_.get());
    const bool socket_directory = host.empty() || host.front() == '/' || host.front() == '@';
    return fmt::format("{}:{}/{}", socket_directory ? "[local]" : host, PQport(connection_.get()),
                       PQdb(connection_.get()));
}

std::string Connection::server_version_text() const
{
    const char *version = PQparameterStatus(connection_.get(), "server_version");
    return version ? version : std::to_string(server_version() / 10000);
}

PGconn *start_connecting(const ConnectionParameters &parameters)
{
    const ParameterArrays arrays(parameters);
    return PQconnectStartParams(arrays.keywords.data(), arrays.values.data(), 0);
}

namespace {

ParameterArrays::ParameterArrays(const ConnectionParameters &parameters)
{
    for (const auto &[keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
}

std::string without_newline(std::string text)
{
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
}

std::string field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? text : "";
}

Failure failure_of(const PGresult *result)
{
    const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
    Error error(sqlstate, field(result, PG_DIAG_MESSAGE_PRIMARY),
                field(result, PG_DIAG_MESSAGE_DETAIL), field(result, PG_DIAG_MESSAGE_HINT));
    error.context = field(result, PG_DIAG_CONTEXT);
    error.internal_query = field(result, PG_DIAG_INTERNAL_QUERY);
    const std::string position = field(result, PG_DIAG_INTERNAL_POSITION);
    std::from_chars(position.data(), position.data() + position.size(), error.internal_position);
    return {Failure::Origin::server, exit_code_of(sqlstate), std::move(error),
            field(result, PG_DIAG_SEVERITY)};
}

// No answer of the server's, a crash of it, or a pooler's word that it lost the server.  57P01 is not
// here: an administrator stopped us on purpose.  Nor is what a script of a migration says.
bool means_lost(const PGresult *error)
{
    const std::string sqlstate = field(error, PG_DIAG_SQLSTATE);
    const bool of_a_script =
        field(error, PG_DIAG_CONTEXT).find("migration \"") != std::string::npos;
    return sqlstate.empty() || sqlstate == "57P02" || sqlstate == "57P03" ||
           (sqlstate.starts_with("08") && !of_a_script);
}

void take_notice(void *output, const PGresult *result)
{
    static_cast<Output *>(output)->notice(
        {field(result, PG_DIAG_SEVERITY_NONLOCALIZED), field(result, PG_DIAG_MESSAGE_PRIMARY),
         field(result, PG_DIAG_MESSAGE_DETAIL), field(result, PG_DIAG_MESSAGE_HINT)});
}

} // namespace
} // namespace migrate::client
