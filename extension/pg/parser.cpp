// The cutter.  A statement is the shortest text up to a semicolon that the grammar accepts; it is
// extended to the next semicolon only where the error is at the end of the input (BEGIN ATOMIC bodies,
// rules with several actions).  COPY data and psql's backslash lines stand between statements and are
// taken out here, because the grammar knows neither.
// SPDX-License-Identifier: PostgreSQL
#include "pg/parser.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "pg/boundary.h"
#include "pg/classify.h"
#include "pg/lexer.h"
#include "pg/string_rules.h"
#include "pg/transaction.h"
#include "pg/workspace.h"

extern "C" {
#include "parser/parser.h"
}

namespace migrate::pg {

namespace {

class Cutter
{
public:
    Cutter(const std::string &name, const std::string &text, DirectiveKind whole)
        : name_(name), text_(text), whole_(whole), lexer_(text)
    {
    }
    // What a statement's tokens and trees take is given back after it.
    Script run(Workspace &scratch);

private:
    Token next();
    int line_of(std::size_t offset);
    void read_gap(std::size_t from, std::size_t to);
    void read_comment(std::size_t from, std::size_t to);
    void begin_section(const Directive &directive, std::size_t from, std::size_t to);
    void end_section(std::size_t at);
    Section &section();
    void read_statement(Token first);
    bool accept(std::size_t begin, std::size_t end, bool may_go_on);
    void finish(Statement statement, std::size_t end);
    void read_copy_data(Statement &statement, std::size_t end);
    void read_psql_line(const Token &backslash);
    Error located(Error error, std::size_t offset) const;

    const std::string &name_, &text_;
    const DirectiveKind whole_;
    Lexer lexer_;
    Script script_;
    std::vector<Directive> pending_;
    std::size_t last_end_ = 0; // of the token before
    std::size_t counted_ = 0;  // up to here newlines are counted: the line is line_
    int line_ = 1;
    int depth_ = 0; // open parentheses in the current statement
    bool in_statement_ = false, standard_strings_ = true;
    bool implicit_ = false;               // statements came before any section directive
    std::optional<std::size_t> cut_here_; // a section directive inside an unfinished statement
    std::optional<Error> first_refusal_;
    std::string tokens_;
};

Error Cutter::located(Error error, std::size_t offset) const
{
    int number = 1;
    for (const Section &s : script_.sections)
        number += !script_.sections.empty() && s.kind == script_.sections.back().kind
                      ? static_cast<int>(s.statements.size())
                      : 0;
    error.context = "migration \"" + name_ + "\", statement " + std::to_string(number) + ", line " +
                    std::to_string(line_at(text_, offset));
    return error;
}

// line_at() for offsets that mostly grow, in one pass over the text.
int Cutter::line_of(std::size_t offset)
{
    if (offset < counted_) {
        counted_ = 0;
        line_ = 1;
    }
    line_ += line_at(std::string_view(text_).substr(counted_), offset - counted_) - 1;
    counted_ = offset;
    return line_;
}

Section &Cutter::section()
{
    if (script_.sections.empty()) {
        Section whole;
        whole.kind = whole_;
        script_.sections.push_back(whole);
        implicit_ = true;
    }
    return script_.sections.back();
}

void Cutter::end_section(std::size_t at)
{
    if (script_.sections.empty())
        return;
    Section &last = script_.sections.back();
    last.end = at;
    const std::size_t body = last.begin + last.header;
    last.blank = trim(std::string_view(text_).substr(body, at - body)).empty();
}

void Cutter::begin_section(const Directive &directive, std::size_t from, std::size_t to)
{
    if (implicit_ && directive.kind == DirectiveKind::up)
        throw located(Error(sqlstate::syntax_error,
                            "statements stand before the first \"up\" section", "",
                            "Move them below the line that begins the section."),
                      from);
    end_section(from);
    Section next;
    next.kind = directive.kind;
    next.begin = from;
    next.header = to - from;
    next.line = line_of(from);
    if (const auto mode = directive.options.find("transaction"); mode != directive.options.end())
        next.transaction = mode->second == "always"  ? TransactionMode::always
                           : mode->second == "never" ? TransactionMode::never
                                                     : TransactionMode::automatic;
    if (const auto online = directive.options.find("online"); online != directive.options.end())
        next.online = online->second;
    if (const auto names = directive.options.find("requires"); names != directive.options.end()) {
        std::string_view rest = names->second;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (const std::string_view one = trim(rest.substr(0, comma)); !one.empty())
                next.requires_names.emplace_back(one);
            rest.remove_prefix(std::min(rest.size(), comma + 1));
        }
    }
    script_.sections.push_back(std::move(next));
}

void Cutter::read_comment(std::size_t from, std::size_t to)
{
    const std::size_t line_start = from == 0 ? 0 : text_.rfind('\n', from - 1) + 1;
    if (!trim(std::string_view(text_).substr(line_start, from - line_start)).empty())
        return; // behind something else on its line
    std::optional<Directive> directive;
    try {
        directive = read_directive(std::string_view(text_).substr(from, to - from));
    } catch (const Error &error) {
        throw located(error, from);
    }
    if (!directive)
        return;
    if (!begins_section(*directive)) {
        if (directive->kind == DirectiveKind::set)
            script_.settings[directive->name] = directive->argument;
        else
            pending_.push_back(*directive);
        return;
    }
    if (directive->short_form && depth_ > 0)
        return; // a comment between the columns of a table
    if (in_statement_) {
        if (!cut_here_)
            cut_here_ = from;
        return;
    }
    begin_section(*directive, from, to);
}

// Comments between two tokens; strings cannot be here, so two dashes are always a comment.
void Cutter::read_gap(std::size_t from, std::size_t to)
{
    int nested = 0;
    for (std::size_t i = from; i + 1 < to && !cut_here_; i++) {
        const std::string_view two = std::string_view(text_).substr(i, 2);
        if (two == "/*") {
            nested++;
            i++;
        } else if (two == "*/" && nested > 0) {
            nested--;
            i++;
        } else if (two == "--" && nested == 0) {
            const std::size_t end = std::min(text_.find('\n', i), to);
            read_comment(i, end);
            i = end;
        }
    }
}

Token Cutter::next()
{
    Token token;
    std::optional<Error> refused = attempt_parsing([&] { token = lexer_.next(); });
    if (refused) {
        const std::size_t at =
            lexer_.base() + byte_offset(lexer_.scanned(), std::max(0, refused->position - 1));
        const std::size_t line_start = at == 0 ? 0 : text_.rfind('\n', at - 1) + 1;
        const std::size_t line_end = std::min(text_.find('\n', at), text_.size());
        refused->internal_query = text_.substr(line_start, line_end - line_start);
        refused->internal_position =
            characters(std::string_view(text_).substr(line_start, at - line_start)) + 1;
        refused->position = 0;
        throw located(*refused, at);
    }
    read_gap(last_end_, token.begin);
    last_end_ = token.end;
    return token;
}

Script Cutter::run(Workspace &scratch)
{
    for (Token token = next(); token.code != 0; token = next()) {
        scratch.reset();
        call([] { CHECK_FOR_INTERRUPTS(); });
        if (token.code == ';')
            continue;
        if (token.code == '\\')
            read_psql_line(token);
        else
            read_statement(token);
    }
    section();
    end_section(text_.size());
    return std::move(script_);
}

void Cutter::read_psql_line(const Token &backslash)
{
    const std::size_t end = std::min(text_.find('\n', backslash.begin), text_.size());
    const std::string_view line =
        std::string_view(text_).substr(backslash.begin, end - backslash.begin);
    const std::string_view command = line.substr(0, line.find_first_of(" \t\n", 1));
    if (in_statement_ || (command != "\\restrict" && command != "\\unrestrict"))
        throw located(
            Error(sqlstate::syntax_error,
                  "psql command \"" + std::string(command) + "\" cannot be used in a migration",
                  "Migrations run inside the server, which does not know psql's commands.",
                  "Write it as SQL, or remove it."),
            backslash.begin);
    lexer_.restart(end);
    last_end_ = end;
}

void Cutter::read_statement(Token first)
{
    const std::size_t begin = first.begin;
    std::size_t end = first.end;
    in_statement_ = true;
    depth_ = 0;
    cut_here_.reset();
    first_refusal_.reset();
    tokens_ = lexer_.text_of(first);
    section();
    depth_ += first.code == '(';
    for (;;) {
        const Token token = next();
        const bool cut = cut_here_.has_value();
        if (token.code == '\\' && !cut)
            read_psql_line(token);
        if (cut || token.code == 0 || token.code == ';') {
            if (accept(begin, token.code == ';' && !cut ? token.begin : end,
                       token.code == ';' && !cut)) {
                in_statement_ = false;
                cut_here_.reset();
                if (cut) { // look at the directive and what follows again, between statements now
                    last_end_ = end;
                    lexer_.restart(end);
                }
                return;
            }
        }
        end = token.end;
        depth_ += (token.code == '(') - (token.code == ')');
        tokens_ += ' ' + lexer_.text_of(token);
    }
}

// Parses the text; false if it wants to go on to the next semicolon.
bool Cutter::accept(std::size_t begin, std::size_t end, bool may_go_on)
{
    Statement statement;
    statement.text = std::string(trim(std::string_view(text_).substr(begin, end - begin)));
    const char *text = statement.text.c_str();
    std::optional<Error> refused;
    {
        const StringRules rules(standard_strings_);
        refused = attempt_parsing([&] {
            List *trees = call([&] { return raw_parser(text, RAW_PARSE_DEFAULT); });
            if (list_length(trees) == 1)
                classify(linitial_node(RawStmt, trees), statement);
        });
    }
    if (!refused) {
        statement.line = line_of(begin);
        statement.tokens = std::move(tokens_);
        finish(std::move(statement), end);
        return true;
    }
    if (!first_refusal_) {
        first_refusal_ = refused;
        first_refusal_->internal_query = statement.text;
        first_refusal_->internal_position = refused->position;
        first_refusal_->position = 0;
    }
    if (may_go_on && refused->sqlstate == sqlstate::syntax_error &&
        refused->position > characters(statement.text))
        return false;
    throw located(*first_refusal_,
                  begin + byte_offset(std::string_view(text_).substr(begin),
                                      std::max(0, first_refusal_->internal_position - 1)));
}

void Cutter::finish(Statement statement, std::size_t end)
{
    if (statement.role == Role::session_setting &&
        statement.object == "standard_conforming_strings") {
        const std::string value =
            lower_ascii(statement.tokens.substr(statement.tokens.rfind(' ') + 1));
        standard_strings_ =
            !(value == "off" || value == "'off'" || value == "false" || value == "0");
        lexer_.set_standard_conforming_strings(standard_strings_);
    }
    statement.directives = std::move(pending_);
    pending_.clear();
    if (statement.role == Role::copy_in)
        read_copy_data(statement, end);
    section().statements.push_back(std::move(statement));
}

// The rows begin on the line after the statement and end before the line "\.", or with the file.
void Cutter::read_copy_data(Statement &statement, std::size_t end)
{
    CopyData data;
    std::size_t at = std::min(text_.find('\n', end), text_.size());
    const std::string_view behind =
        trim(std::string_view(text_).substr(std::min(end + 1, at), at - std::min(end + 1, at)));
    if (!behind.empty() && !behind.starts_with("--"))
        throw located(Error(sqlstate::syntax_error,
                            "\"" + abbreviate(behind, 60) + "\" stands behind COPY ... FROM STDIN",
                            "The rows begin on the next line.",
                            "Move it below the line \"\\.\" that ends the rows."),
                      end);
    at += at < text_.size();
    const std::size_t begin = at;
    data.line = line_of(begin);
    bool last = false;
    while (at < text_.size() && !last) {
        const std::size_t line_end = std::min(text_.find('\n', at), text_.size());
        last = std::string_view(text_).substr(at, line_end - at) == "\\.";
        const std::size_t next_line = std::min(line_end + 1, text_.size());
        if (last || next_line == text_.size())
            data.text = text_.substr(begin, (last ? at : next_line) - begin);
        at = next_line;
    }
    statement.copy = std::move(data);
    // Behind its semicolon the scanner has read nothing yet.
    if (text_[end] == ';')
        lexer_.skip(begin, at);
    else
        lexer_.restart(at);
    last_end_ = at;
}

} // namespace

Script cut(const std::string &name, const std::string &text, DirectiveKind whole)
{
    Workspace workspace;
    Cutter cutter(name, text, whole);
    Workspace scratch;
    Script script = cutter.run(scratch);
    scratch.close();
    workspace.close();
    return script;
}

} // namespace migrate::pg
