// Arguments and results of SQL functions, for the entry files.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pg/compat.h"
#include "pg/query.h"

namespace migrate::pg {

class Arguments
{
public:
    explicit Arguments(FunctionCallInfo call) : call_(call) {}
    std::optional<std::string> text(int place) const;
    std::string required_text(int place, const char *name) const; // Throws: 22023 for null
    std::optional<std::vector<std::string>>
    texts(int place) const; // Throws: 22023 for a null element
    std::optional<int> integer(int place) const;
    std::optional<long long> big_integer(int place) const;
    std::optional<double> number(int place) const;
    bool flag(int place) const;
    // Of a jsonb object whose values are strings, numbers or booleans; empty for null.  Throws: 22023.
    std::vector<std::pair<std::string, std::string>> pairs(int place) const;
    // One of these words.  Throws: 22023 for another.
    std::optional<std::string> choice(int place, const char *name,
                                      const std::vector<std::string> &words) const;
    // Of an interval; 0 for null.  Throws: 22023 if it is negative or longer than 24 days.
    int milliseconds(int place, const char *name = "wait") const;

private:
    FunctionCallInfo call_;
};

// The rows of a set-returning function, in materialize mode.
class ResultSet
{
public:
    explicit ResultSet(FunctionCallInfo call);
    void add(const std::vector<Value> &values); // as text, in the order of the columns
    Datum done() { return Datum(0); }

private:
    FunctionCallInfo call_;
    AttInMetadata *columns_ = nullptr;
};

Datum text_datum(const std::string &text);

// Microseconds as the text of an interval.
std::string interval_text(long long microseconds);

} // namespace migrate::pg
