// SPDX-License-Identifier: PostgreSQL
#include "output.h"

#include "core/json.h"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace migrate::client {
namespace {

Colors colors_for(int descriptor);
std::size_t terminal_width(int descriptor);
void put(std::FILE *stream, std::string_view text);
std::string labelled(std::string_view label, std::string_view text);
std::string text_or_null(std::string_view text);

} // namespace

Output::Output(Format format)
    : format_(format), live_(isatty(STDERR_FILENO) == 1), stdout_colors_(colors_for(STDOUT_FILENO)),
      stderr_colors_(colors_for(STDERR_FILENO))
{
}

void Output::result(std::string_view text)
{
    if (json())
        return;
    clear_status_line();
    put(stdout, text);
}

void Output::document(std::string_view text)
{
    if (!json())
        return;
    clear_status_line();
    put(stdout, text);
    put(stdout, "\n");
}

void Output::note(std::string_view line)
{
    error_text(std::string(line) + "\n");
}

void Output::notice(const Notice &notice)
{
    notices_.push_back(JsonObject()
                           .add_string("severity", notice.severity)
                           .add_string("message", notice.message)
                           .add("detail", text_or_null(notice.detail))
                           .add("hint", text_or_null(notice.hint))
                           .text());
    error_text(render(notice, stderr_colors_));
}

void Output::failure(const Failure &failure, const std::vector<File> &files)
{
    const auto location = locate(failure.error, files);
    document(failure_json(failure, location));
    this->failure(failure, location);
}

void Output::failure(const Failure &failure, const std::optional<Location> &location)
{
    if (!json())
        error_text(render(failure, location, stderr_colors_));
}

std::size_t Output::width() const
{
    return isatty(STDOUT_FILENO) == 1 ? terminal_width(STDOUT_FILENO) : 0;
}

void Output::status_line(std::string_view text)
{
    if (!live_)
        return;
    // To the line's start, the text, and whatever the last one left behind is erased.
    put(stderr,
        fmt::format("\r{}\x1b[K", fitted(one_line(text), terminal_width(STDERR_FILENO) - 1)));
    status_shown_ = true;
}

void Output::clear_status_line()
{
    if (!status_shown_)
        return;
    put(stderr, "\r\x1b[K");
    status_shown_ = false;
}

std::string Output::notices_json() const
{
    return json_array(notices_);
}

void Output::error_text(std::string_view text)
{
    clear_status_line();
    put(stderr, text);
}

std::string render(const Failure &failure, const std::optional<Location> &location, Colors colors)
{
    const Error &error = failure.error;
    const bool server = failure.origin == Failure::Origin::server;
    std::string text;
    if (server)
        text = labelled(colored(failure.severity + ":", Color::red, colors) + "  ", error.message);
    else
        text =
            labelled("pg_migrate: " + colored("error:", Color::red, colors) + " ", error.message);
    if (location)
        text += render(*location, colors);
    text += labelled(server ? "DETAIL:  " : "detail: ", error.detail);
    text += labelled(server ? "HINT:  " : "hint: ", error.hint);
    text += labelled("CONTEXT:  ", error.context);
    return text;
}

std::string render(const Notice &notice, Colors colors)
{
    std::string text;
    if (notice.severity == "NOTICE" || notice.severity == "INFO") // the report of a step, as it is
        text = notice.message + "\n";
    else
        text = colored(notice.severity + ":", Color::yellow, colors) + "  " + notice.message + "\n";
    return text + labelled("DETAIL:  ", notice.detail) + labelled("HINT:  ", notice.hint);
}

std::string failure_json(const Failure &failure, const std::optional<Location> &location)
{
    return JsonObject().add("error", error_json(failure, location)).text();
}

std::string error_json(const Failure &failure, const std::optional<Location> &location)
{
    const Error &error = failure.error;
    JsonObject object;
    object.add("sqlstate", text_or_null(error.sqlstate))
        .add_string("message", error.message)
        .add("detail", text_or_null(error.detail))
        .add("hint", text_or_null(error.hint))
        .add("context", text_or_null(error.context))
        .add("file", location ? json_string(location->path) : "null")
        .add("line", location && location->line > 0 ? std::to_string(location->line) : "null")
        .add("column", location && location->offset ? std::to_string(location->column()) : "null")
        .add("exit_code", std::to_string(static_cast<int>(failure.code)));
    return object.text();
}

namespace {

Colors colors_for(int descriptor)
{
    const char *no_color = std::getenv("NO_COLOR");
    const char *term = std::getenv("TERM");
    const bool dumb = !term || std::string_view(term) == "dumb";
    return isatty(descriptor) == 1 && !(no_color && *no_color) && !dumb ? Colors::on : Colors::off;
}

std::size_t terminal_width(int descriptor)
{
    winsize size{};
    const bool known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 10;
    return known ? size.ws_col : 80;
}

void put(std::FILE *stream, std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

// Nothing for no text.
std::string labelled(std::string_view label, std::string_view text)
{
    return text.empty() ? std::string() : fmt::format("{}{}\n", label, text);
}

std::string text_or_null(std::string_view text)
{
    return text.empty() ? "null" : json_string(text);
}

} // namespace
} // namespace migrate::client
