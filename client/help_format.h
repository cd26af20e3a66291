// The layout of --help: options in one column, what they do in another, wrapped to 100 columns.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <CLI/CLI.hpp>

#include <string>

namespace migrate::client {

class HelpFormat : public CLI::Formatter
{
public:
    std::string make_help(const CLI::App *app, std::string name,
                          CLI::AppFormatMode mode) const override;
    std::string make_usage(const CLI::App *app, std::string name) const override;
    std::string make_option(const CLI::Option *option, bool is_positional) const override;
    std::string make_subcommand(const CLI::App *app) const override;
};

// Two columns; words of the second go to a new line at 100.
std::string two_columns(const std::string &left, const std::string &right);

} // namespace migrate::client
