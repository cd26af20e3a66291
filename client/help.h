// The texts of --help: a sentence and examples for every command.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "options.h"

namespace migrate::client::help {

struct Text
{
    const char *summary;
    const char *examples;
};

extern const char *const summary;
extern const char *const program; // what follows the list of commands
const Text &of(Command command);

} // namespace migrate::client::help
