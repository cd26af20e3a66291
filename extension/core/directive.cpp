// Reads directives.  Whatever begins with "migrate:" has to be understood completely, or it is an
// error: a directive that is silently a comment would run half of a file the wrong way.  Values
// that only the engine can judge (settings, batch sizes, expressions) are passed on as written.
// SPDX-License-Identifier: PostgreSQL
#include "core/directive.h"

#include "core/error.h"
#include "core/text.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace migrate {

namespace {

using Words = std::span<const std::string_view>;

constexpr std::string_view script_options[] = {"transaction", "online", "requires", "mode"};
constexpr std::string_view backfill_options[] = {"batch", "pause", "workers"};
constexpr std::string_view transaction_values[] = {"auto", "always", "never"};
constexpr std::string_view online_values[] = {"auto", "off", "always"};
constexpr std::string_view mode_values[] = {"expand"};

struct Grammar
{
    std::string_view word;
    DirectiveKind kind;
    Words options;
};

constexpr Grammar grammars[] = {
    {"up", DirectiveKind::up, script_options},
    {"down", DirectiveKind::down, script_options},
    {"verify", DirectiveKind::verify, {}},
    {"contract", DirectiveKind::contract, {}},
    {"allow", DirectiveKind::allow, {}},
    {"set", DirectiveKind::set, {}},
    {"backfill", DirectiveKind::backfill, backfill_options},
    {"online", DirectiveKind::online, {}},
    {"reverse", DirectiveKind::reverse, {}},
};

std::optional<Directive> read_short_form(const std::string &text);
bool take_prefix(std::string_view &text);
std::string_view take_word(std::string_view &text);
const Grammar &grammar_of(std::string_view word, std::string_view line);
void read_options(Directive &directive, const Grammar &grammar, std::string_view line,
                  std::string_view text);
void read_argument(Directive &directive, const Grammar &grammar, std::string_view line,
                   std::string_view text);

} // namespace

std::optional<Directive> read_directive(std::string_view comment)
{
    const std::string_view line = trim(comment.substr(0, comment.find('\n')));
    if (!line.starts_with("--"))
        return std::nullopt;
    std::string_view text = trim(line.substr(2));
    if (auto directive = read_short_form(lower_ascii(text)))
        return directive;
    if (!take_prefix(text))
        return std::nullopt;

    const Grammar &grammar = grammar_of(take_word(text), line);
    Directive directive{};
    directive.kind = grammar.kind;
    switch (grammar.kind) {
    case DirectiveKind::up:
    case DirectiveKind::down:
    case DirectiveKind::verify:
    case DirectiveKind::contract:
    case DirectiveKind::backfill:
        read_options(directive, grammar, line, text);
        break;
    case DirectiveKind::allow:
    case DirectiveKind::set:
    case DirectiveKind::online:
    case DirectiveKind::reverse:
        read_argument(directive, grammar, line, text);
        break;
    }
    return directive;
}

bool begins_section(const Directive &directive)
{
    return directive.kind == DirectiveKind::up || directive.kind == DirectiveKind::down ||
           directive.kind == DirectiveKind::verify || directive.kind == DirectiveKind::contract;
}

namespace {

std::string quoted(std::string_view text)
{
    return "\"" + abbreviate(text, 80) + "\"";
}

std::string detail_of(std::string_view line)
{
    return "The comment is " + quoted(line) + ".";
}

// "a, b and c"
std::string enumeration(Words words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); i++) {
        if (i > 0)
            text += i + 1 < words.size() ? ", " : " and ";
        text += words[i];
    }
    return text;
}

std::optional<Directive> read_short_form(const std::string &text)
{
    if (text != "up" && text != "down")
        return std::nullopt;
    Directive directive{};
    directive.kind = text == "up" ? DirectiveKind::up : DirectiveKind::down;
    directive.short_form = true;
    return directive;
}

// "migrate:", and also "migrate :" and "migrate: ", which are slips of the same intent.
bool take_prefix(std::string_view &text)
{
    constexpr std::string_view prefix = "migrate";
    if (lower_ascii(text.substr(0, prefix.size())) != prefix)
        return false;
    const std::string_view after = trim(text.substr(prefix.size()));
    if (!after.starts_with(':'))
        return false;
    text = trim(after.substr(1));
    return true;
}

std::string_view take_word(std::string_view &text)
{
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r\f\v"));
    text = trim(text.substr(word.size()));
    return word;
}

const Grammar &grammar_of(std::string_view word, std::string_view line)
{
    const auto *const found =
        std::find_if(std::begin(grammars), std::end(grammars),
                     [key = lower_ascii(word)](const Grammar &one) { return one.word == key; });
    if (found != std::end(grammars))
        return *found;
    std::string_view known[std::size(grammars)];
    std::transform(std::begin(grammars), std::end(grammars), known,
                   [](const Grammar &one) { return one.word; });
    throw Error(sqlstate::syntax_error,
                word.empty() ? "directive is missing after \"migrate:\""
                             : "unrecognized directive " + quoted(word),
                detail_of(line), "The directives are " + enumeration(known) + ".");
}

std::string hint_of(const Grammar &grammar)
{
    if (grammar.options.empty())
        return "The directive \"" + std::string(grammar.word) + "\" has no options.";
    return "The options of \"" + std::string(grammar.word) + "\" are " +
           enumeration(grammar.options) + ", each written as key:value without spaces.";
}

Words values_of(std::string_view key)
{
    return key == "transaction" ? Words(transaction_values)
           : key == "online"    ? Words(online_values)
           : key == "mode"      ? Words(mode_values)
                                : Words();
}

std::string read_value(std::string_view key, std::string_view text, std::string_view line)
{
    const Words known = values_of(key);
    if (known.empty())
        return std::string(text);
    std::string value = lower_ascii(text);
    if (key == "transaction" && (value == "true" || value == "false"))
        value = value == "true" ? "always" : "never";
    if (std::find(known.begin(), known.end(), value) == known.end())
        throw Error(sqlstate::syntax_error,
                    "unrecognized value " + quoted(text) + " of option " + quoted(key),
                    detail_of(line),
                    "Values of \"" + std::string(key) + "\" are: " + enumeration(known) + ".");
    return value;
}

// "a,b", without the empty names of "a,,b" and "a,": mostly a space that cut the list in two.
void check_list(std::string_view value, std::string_view line)
{
    if (value.starts_with(',') || value.ends_with(',') || value.find(",,") != value.npos)
        throw Error(sqlstate::syntax_error, "option \"requires\" has an empty name in its list",
                    detail_of(line), "Write the names with commas and without spaces.");
}

void read_options(Directive &directive, const Grammar &grammar, std::string_view line,
                  std::string_view text)
{
    while (!text.empty()) {
        const std::string_view option = take_word(text);
        const std::size_t colon = option.find(':');
        if (colon == option.npos || colon == 0 || colon + 1 == option.size())
            throw Error(sqlstate::syntax_error,
                        "option " + quoted(option) + " is not written as key:value",
                        detail_of(line), hint_of(grammar));
        const std::string key = lower_ascii(option.substr(0, colon));
        if (std::find(grammar.options.begin(), grammar.options.end(), key) == grammar.options.end())
            throw Error(sqlstate::syntax_error, "unrecognized option " + quoted(key),
                        detail_of(line), hint_of(grammar));
        std::string value = read_value(key, option.substr(colon + 1), line);
        if (key == "requires")
            check_list(value, line);
        if (!directive.options.emplace(key, std::move(value)).second)
            throw Error(sqlstate::syntax_error, "option " + quoted(key) + " is given twice",
                        detail_of(line), "Leave one of them.");
    }
}

// A value in single quotes is what stands between them, as in SQL's SET; any other is as written.
std::string read_setting(std::string_view text, std::string_view line)
{
    if (!text.starts_with('\''))
        return std::string(text);
    std::string value;
    for (std::size_t i = 1; i < text.size(); i++) {
        if (text[i] != '\'') {
            value += text[i];
        } else if (text.substr(i).starts_with("''")) {
            value += '\'';
            i++;
        } else if (i + 1 == text.size()) {
            return value;
        } else {
            break;
        }
    }
    throw Error(sqlstate::syntax_error,
                "value of directive \"set\" is not one string in single quotes", detail_of(line),
                "End it with a quote, and write a quote in it twice.");
}

void read_argument(Directive &directive, const Grammar &grammar, std::string_view line,
                   std::string_view text)
{
    if (text.empty())
        throw Error(sqlstate::syntax_error,
                    "directive \"" + std::string(grammar.word) + "\" has no argument",
                    detail_of(line),
                    "Write \"-- migrate:allow RULE reason\", \"-- migrate:set NAME = VALUE\", "
                    "\"-- migrate:online MODE\" or "
                    "\"-- migrate:reverse table.column = expression\".");
    directive.argument = text;
    if (grammar.kind == DirectiveKind::allow)
        directive.name = take_word(text);
    if (grammar.kind == DirectiveKind::online)
        directive.argument = read_value("online", text, line);
    if (grammar.kind != DirectiveKind::set)
        return;

    const std::size_t equals = text.find('=');
    const std::string_view name = trim(text.substr(0, equals));
    if (equals == text.npos || name.empty())
        throw Error(sqlstate::syntax_error, "directive \"set\" is not written as NAME = VALUE",
                    detail_of(line), "Write \"-- migrate:set NAME = VALUE\".");
    directive.name = lower_ascii(name);
    directive.argument = read_setting(trim(text.substr(equals + 1)), line);
}

} // namespace

} // namespace migrate
