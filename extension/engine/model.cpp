// SPDX-License-Identifier: PostgreSQL
#include "engine/model.h"

#include "core/fields.h"

namespace migrate {

namespace {

std::string text_of(bool value)
{
    return value ? "1" : "";
}

} // namespace

std::string_view name_of(Operation operation)
{
    switch (operation) {
    case Operation::apply:
        return "apply";
    case Operation::go_to:
        return "goto";
    case Operation::redo:
        return "redo";
    case Operation::backfill:
        return "backfill";
    default:
        return "rollback";
    }
}

std::string_view name_of(Direction direction)
{
    return direction == Direction::up ? "up" : "down";
}

DirectiveKind section_of(Direction direction)
{
    return direction == Direction::up ? DirectiveKind::up : DirectiveKind::down;
}

std::string encode(const Request &r)
{
    std::vector<Field> fields = {std::to_string(static_cast<int>(r.operation)),
                                 r.target,
                                 std::to_string(r.steps),
                                 std::to_string(r.run),
                                 text_of(r.cascade),
                                 text_of(r.detach),
                                 text_of(r.refuse_out_of_order),
                                 text_of(r.caller_keeps_snapshot),
                                 std::to_string(r.wait_milliseconds),
                                 r.role,
                                 r.settings,
                                 r.current_role,
                                 r.session_role,
                                 r.application_name,
                                 r.client_addr,
                                 std::to_string(r.call_settings.size())};
    for (const auto &[name, value] : r.call_settings) {
        fields.emplace_back(name);
        fields.emplace_back(value);
    }
    fields.emplace_back(text_of(r.only.has_value()));
    if (r.only)
        fields.insert(fields.end(), r.only->begin(), r.only->end());
    return encode_fields(fields);
}

Request decode_request(std::string_view bytes)
{
    const std::vector<Field> fields = decode_fields(bytes);
    std::size_t at = 0;
    const auto text = [&] { return *fields[at++]; };
    const auto flag = [&] { return !fields[at++]->empty(); };
    Request r;
    r.operation = static_cast<Operation>(std::stoi(text()));
    r.target = fields[at++];
    r.steps = std::stoi(text());
    r.run = std::stoll(text());
    r.cascade = flag();
    r.detach = flag();
    r.refuse_out_of_order = flag();
    r.caller_keeps_snapshot = flag();
    r.wait_milliseconds = std::stoi(text());
    r.role = text();
    r.settings = text();
    r.current_role = text();
    r.session_role = text();
    r.application_name = text();
    r.client_addr = text();
    for (int left = std::stoi(text()); left > 0; left--) {
        const std::string name = text();
        r.call_settings.emplace_back(name, text());
    }
    if (flag()) {
        r.only.emplace();
        while (at < fields.size())
            r.only->push_back(text());
    }
    return r;
}

std::string encode(const ReportRow &row)
{
    return encode_fields({std::to_string(row.run), row.migration, std::to_string(row.step),
                          row.statement, row.mode, std::to_string(row.duration),
                          std::to_string(row.lock_wait)});
}

ReportRow decode_row(std::string_view bytes)
{
    const std::vector<Field> fields = decode_fields(bytes);
    return {std::stoll(*fields[0]),
            *fields[1],
            std::stoi(*fields[2]),
            *fields[3],
            *fields[4],
            std::stoll(*fields[5]),
            std::stoll(*fields[6])};
}

} // namespace migrate
