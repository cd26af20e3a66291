// pg_migrate: uploads migration files and calls the functions of the extension `migrate`.
// SPDX-License-Identifier: PostgreSQL
#include "commands.h"
#include "options.h"
#include "output.h"
#include "session.h"

#include <algorithm>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

using namespace migrate::client;

namespace {

ExitCode tell(Output &output, const Failure &failure, const std::vector<File> &files = {})
{
    output.failure(failure, files);
    return failure.code;
}

ExitCode run(const Options &options, Output &output)
{
    Session session(options, output);
    try {
        return run_command(session);
    } catch (const Failure &failure) {
        const Failure told = session.explained(failure);
        return tell(output, told, session.files_if_readable());
    } catch (const ConnectionLost &lost) {
        return tell(output,
                    client_failure(ExitCode::interrupted, "lost the connection to the server",
                                   lost.message, "Run the same command again."));
    }
}

ExitCode run(std::vector<std::string> arguments)
{
    // Errors in the command line obey --json too.
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    Output output(json ? Format::json : Format::text);
    try {
        const CommandLine line = parse_command_line(std::move(arguments));
        if (line.options)
            return run(*line.options, output);
        Output(Format::text).result(line.text);
        return ExitCode::done;
    } catch (const Failure &failure) {
        return tell(output, failure);
    } catch (const std::exception &problem) { // out of memory, a file system that is gone
        return tell(output, client_failure(ExitCode::failed, problem.what()));
    }
}

} // namespace

int main(int count, char **values)
{
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe is an error of write(), not the end of a run
    return static_cast<int>(run(std::vector<std::string>(values + 1, values + count)));
}
