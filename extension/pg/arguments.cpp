// SPDX-License-Identifier: PostgreSQL
#include "pg/arguments.h"

#include "core/error.h"
#include "pg/boundary.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
}

namespace migrate::pg {

namespace {

// Apart from the class, whose member text() hides the type that the server's macro names.
std::string text_of(Datum value)
{
    return call([&] { return TextDatumGetCString(value); });
}

} // namespace

std::optional<std::string> Arguments::text(int place) const
{
    if (call_->args[place].isnull)
        return std::nullopt;
    return text_of(call_->args[place].value);
}

std::string Arguments::required_text(int place, const char *name) const
{
    std::optional<std::string> value = text(place);
    if (!value)
        throw Error(sqlstate::invalid_parameter_value, std::string(name) + " must not be null");
    return *value;
}

std::optional<std::vector<std::string>> Arguments::texts(int place) const
{
    if (call_->args[place].isnull)
        return std::nullopt;
    const Datum value = call_->args[place].value;
    Datum *elements = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    call([&] {
        deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements,
                          &nulls, &count);
    });
    std::vector<std::string> texts;
    for (int i = 0; i < count; i++) {
        if (nulls[i])
            throw Error(sqlstate::invalid_parameter_value, "array must not contain nulls");
        texts.push_back(text_of(elements[i]));
    }
    return texts;
}

std::vector<std::pair<std::string, std::string>> Arguments::pairs(int place) const
{
    std::vector<std::pair<std::string, std::string>> pairs;
    if (call_->args[place].isnull)
        return pairs;
    const Datum value = call_->args[place].value;
    const std::string object =
        call([&] { return DatumGetCString(DirectFunctionCall1(jsonb_out, value)); });
    if (object[0] != '{')
        throw Error(sqlstate::invalid_parameter_value, "settings must be a JSON object", "",
                    "Write settings => '{\"lock_patience\": \"1min\"}'.");
    for (const Row &row :
         query("SELECT key, value #>> '{}', jsonb_typeof(value) FROM jsonb_each($1::jsonb)",
               {object})) {
        if (*row[2] != "string" && *row[2] != "number" && *row[2] != "boolean")
            throw Error(sqlstate::invalid_parameter_value,
                        "the value of setting \"" + *row[0] + "\" must not be " +
                            (*row[2] == "null" ? "null" : "an " + *row[2]));
        pairs.emplace_back(*row[0], *row[1]);
    }
    return pairs;
}

std::optional<int> Arguments::integer(int place) const
{
    return call_->args[place].isnull ? std::nullopt
                                     : std::optional(DatumGetInt32(call_->args[place].value));
}

std::optional<long long> Arguments::big_integer(int place) const
{
    return call_->args[place].isnull
               ? std::nullopt
               : std::optional<long long>(DatumGetInt64(call_->args[place].value));
}

std::optional<double> Arguments::number(int place) const
{
    return call_->args[place].isnull ? std::nullopt
                                     : std::optional(DatumGetFloat8(call_->args[place].value));
}

std::optional<std::string> Arguments::choice(int place, const char *name,
                                             const std::vector<std::string> &words) const
{
    const std::optional<std::string> value = text(place);
    std::string known;
    for (const std::string &word : words) {
        if (!value || *value == word)
            return value;
        known += (known.empty() ? "'" : " or '") + word + "'";
    }
    throw Error(sqlstate::invalid_parameter_value,
                "invalid value for " + std::string(name) + ": \"" + *value + "\"", "",
                "Use " + known + ".");
}

bool Arguments::flag(int place) const
{
    return !call_->args[place].isnull && DatumGetBool(call_->args[place].value);
}

int Arguments::milliseconds(int place, const char *name) const
{
    if (call_->args[place].isnull)
        return 0;
    const Interval *interval = DatumGetIntervalP(call_->args[place].value);
    const double value = static_cast<double>(interval->time) / 1000.0 +
                         (interval->day + 30.0 * interval->month) * 86400000.0;
    if (value < 0 || value > 2147483647.0)
        throw Error(sqlstate::invalid_parameter_value, std::string(name) + " is out of range",
                    "It must be between 0 and 24 days.");
    return value > 0 && value < 1 ? 1 : static_cast<int>(value);
}

ResultSet::ResultSet(FunctionCallInfo fcinfo) : call_(fcinfo)
{
    columns_ = call([&] {
        InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
        const ReturnSetInfo *info = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
        MemoryContext outer = MemoryContextSwitchTo(info->econtext->ecxt_per_query_memory);
        AttInMetadata *made = TupleDescGetAttInMetadata(info->setDesc);
        MemoryContextSwitchTo(outer);
        return made;
    });
}

void ResultSet::add(const std::vector<Value> &values)
{
    std::vector<char *> texts;
    for (const Value &value : values)
        texts.push_back(value ? const_cast<char *>(value->c_str()) : nullptr);
    char **raw = texts.data();
    call([&] {
        const ReturnSetInfo *info = reinterpret_cast<ReturnSetInfo *>(call_->resultinfo);
        tuplestore_puttuple(info->setResult, BuildTupleFromCStrings(columns_, raw));
    });
}

Datum text_datum(const std::string &text)
{
    const char *raw = text.c_str();
    return call([&] { return CStringGetTextDatum(raw); });
}

std::string interval_text(long long microseconds)
{
    std::string fraction = std::to_string(microseconds % 1000000);
    fraction.insert(0, 6 - fraction.size(), '0');
    return "PT" + std::to_string(microseconds / 1000000) + "." + fraction + "S";
}

} // namespace migrate::pg
