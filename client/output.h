// What the user sees, and where: results on stdout, everything that happens on the way on stderr.
// With --json stdout carries one JSON document and nothing else, errors included.
// The line of progress that is rewritten on a terminal is this class's, so that no other text is ever
// printed into it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "caret.h"
#include "display.h"
#include "failure.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::client {

enum class Format
{
    text,
    json
};

// A NOTICE or WARNING of the server.
struct Notice
{
    std::string severity;
    std::string message, detail, hint;
};

class Output
{
public:
    explicit Output(Format format);

    Format format() const { return format_; }
    bool json() const { return format_ == Format::json; }
    bool live() const { return live_; } // stderr is a terminal
    Colors colors() const { return stdout_colors_; }
    // Of the terminal that results are shown on; 0 without one.
    std::size_t width() const;

    // On stdout; nothing with --json.
    void result(std::string_view text);
    // The one document of --json; nothing without.
    void document(std::string_view json);

    // On stderr, a line.
    void note(std::string_view line);
    void notice(const Notice &notice);
    void failure(const Failure &failure, const std::vector<File> &files);
    // Of one among several: without a document of its own.
    void failure(const Failure &failure, const std::optional<Location> &location);

    // The line of progress, on a terminal only.
    void status_line(std::string_view text);
    void clear_status_line();

    // All notices so far, for the JSON document.
    std::string notices_json() const;

private:
    void error_text(std::string_view text);

    Format format_;
    bool live_;
    bool status_shown_ = false;
    Colors stdout_colors_, stderr_colors_;
    std::vector<std::string> notices_;
};

// As psql prints it: "ERROR:  message", the place in the file, DETAIL, HINT, CONTEXT; our own as
// "pg_migrate: error: message", "detail:", "hint:".
std::string render(const Failure &failure, const std::optional<Location> &location, Colors colors);
std::string render(const Notice &notice, Colors colors);

// {"error": {"sqlstate": …, "message": …, "detail", "hint", "context", "file", "line", "column"}}
std::string error_json(const Failure &failure,
                       const std::optional<Location> &location); // within it
std::string failure_json(const Failure &failure, const std::optional<Location> &location);

} // namespace migrate::client
