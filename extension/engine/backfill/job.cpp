// SPDX-License-Identifier: PostgreSQL
#include "engine/backfill/job.h"

#include "core/fields.h"

namespace migrate::backfill {

namespace {

// Requests begin with a length, which is a digit.
constexpr std::string_view mark = "backfill ";

std::string flag(bool value)
{
    return value ? "1" : "";
}

} // namespace

std::vector<std::string> stored_options(const Options &o)
{
    return {std::to_string(o.batch), std::to_string(o.pause),       std::to_string(o.target),
            flag(o.skip_errors),     std::to_string(o.max_skipped), flag(o.allow_unsafe),
            flag(o.may_leave)};
}

void read_stored_options(const std::vector<std::string> &stored, Options &o)
{
    o.batch = std::stoll(stored.at(0));
    o.pause = std::stoi(stored.at(1));
    o.target = std::stoi(stored.at(2));
    o.skip_errors = !stored.at(3).empty();
    o.max_skipped = std::stod(stored.at(4));
    o.allow_unsafe = !stored.at(5).empty();
    o.may_leave = !stored.at(6).empty();
}

bool is_job(std::string_view bytes)
{
    return bytes.starts_with(mark);
}

std::string encode(const Job &job)
{
    const Options &o = job.options;
    std::vector<Field> fields = {std::to_string(static_cast<int>(job.duty)),
                                 encode(job.session),
                                 o.statement,
                                 std::to_string(o.workers),
                                 std::to_string(o.rows_per_second),
                                 o.remaining,
                                 flag(job.restart),
                                 std::to_string(job.run),
                                 std::to_string(job.parent_run),
                                 std::to_string(job.leader),
                                 std::to_string(job.worker),
                                 flag(job.by_blocks),
                                 flag(job.watch_key),
                                 std::to_string(job.rows_per_unit),
                                 job.relation,
                                 job.locked_role,
                                 flag(job.in_shares)};
    for (const std::string &option : stored_options(o))
        fields.emplace_back(option);
    return std::string(mark) + encode_fields(fields);
}

Job decode_job(std::string_view bytes)
{
    bytes.remove_prefix(mark.size());
    const std::vector<Field> f = decode_fields(bytes);
    Job job;
    job.duty = static_cast<Duty>(std::stoi(*f[0]));
    job.session = decode_request(*f[1]);
    job.options.statement = *f[2];
    job.options.workers = std::stoi(*f[3]);
    job.options.rows_per_second = std::stod(*f[4]);
    job.options.remaining = f[5];
    job.restart = !f[6]->empty();
    job.run = std::stoll(*f[7]);
    job.parent_run = std::stoll(*f[8]);
    job.leader = std::stoi(*f[9]);
    job.worker = std::stoi(*f[10]);
    job.by_blocks = !f[11]->empty();
    job.watch_key = !f[12]->empty();
    job.rows_per_unit = std::stod(*f[13]);
    job.relation = *f[14];
    job.locked_role = *f[15];
    job.in_shares = !f[16]->empty();
    std::vector<std::string> stored;
    for (std::size_t i = 17; i < f.size(); i++)
        stored.push_back(*f[i]);
    read_stored_options(stored, job.options);
    return job;
}

std::string encode(const Report &r)
{
    return encode_fields({std::to_string(static_cast<int>(r.kind)), std::to_string(r.run),
                          std::to_string(r.rows), std::to_string(r.skipped),
                          std::to_string(r.batches), std::to_string(r.duration)});
}

Report decode_report(std::string_view bytes)
{
    const std::vector<Field> f = decode_fields(bytes);
    return {static_cast<Report::Kind>(std::stoi(*f[0])),
            std::stoll(*f[1]),
            std::stoll(*f[2]),
            std::stoll(*f[3]),
            std::stoll(*f[4]),
            std::stoll(*f[5])};
}

} // namespace migrate::backfill
