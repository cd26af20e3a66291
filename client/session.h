// What one command works with: its options, where it prints, its folder, its connection.  Folder and
// connection are opened when they are first asked for.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "connection.h"
#include "directory.h"
#include "interrupt.h"
#include "options.h"
#include "output.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace migrate::client {

// What migrate.upload() said.
struct Uploaded
{
    std::vector<std::string> json; // a row each
    std::map<std::string, std::vector<std::string>>
        names; // by result: added, changed, unchanged, …
};

class Session
{
public:
    Session(const Options &options, Output &output) : options_(options), output_(output) {}

    const Options &options() const { return options_; }
    Output &output() { return output_; }

    // Throws: Failure.
    const std::vector<File> &files();
    bool has_folder() const;
    // For telling where an error stands: what can be read now, and no error if nothing can.
    const std::vector<File> &files_if_readable() noexcept;

    // A command that changes something says where when it connects, before it does anything:
    // "host:port/database as role" on stderr.
    // Throws: Failure.
    Connection &connection();
    const ConnectionParameters &parameters();

    // After ConnectionLost: tries until --reconnect has passed or Ctrl-C comes.
    // Throws: Failure with ExitCode::interrupted.
    void reconnect(const ConnectionLost &lost, Interrupts &interrupts);

    // Sends the folder's files in one round trip: migrate.upload().
    Uploaded upload();
    // Says what an upload changed.
    void note_changes(const Uploaded &uploaded);

    // CREATE EXTENSION IF NOT EXISTS migrate, also if others do it at the same time.
    void create_extension();

    // An error that means "no extension here" becomes one that says what to do about it.
    Failure explained(Failure failure);

private:
    Failure missing_extension();
    void announce();

    const Options &options_;
    Output &output_;
    std::optional<std::vector<File>> files_;
    std::optional<ConnectionParameters> parameters_;
    std::vector<std::string> dropped_; // parameters of the URL
    std::optional<Connection> connection_;
};

} // namespace migrate::client
