// SPDX-License-Identifier: PostgreSQL
#include "pg/report.h"

#include "pg/boundary.h"

extern "C" {
#include "storage/proc.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

namespace migrate::pg {

namespace {

constexpr int sample_milliseconds = 10;
// Written by the timer's handler, which runs at any time: one plain counter.
volatile sig_atomic_t lock_wait_samples = 0;
TimeoutId sampler = MAX_TIMEOUTS;

extern "C" {
static void sample_lock_wait(void)
{
    if (MyProc != nullptr && MyProc->waitStatus == PROC_WAIT_STATUS_WAITING)
        lock_wait_samples = lock_wait_samples + 1;
}
}

void say(int level, const std::string &message, const std::string &detail, const std::string &hint)
{
    const char *text = message.c_str(), *facts = detail.c_str(), *way_out = hint.c_str();
    call([&] {
        ereport(level, errmsg_internal("%s", text), *facts ? errdetail_internal("%s", facts) : 0,
                *way_out ? errhint("%s", way_out) : 0);
    });
}

} // namespace

void notice(const std::string &message, const std::string &detail, const std::string &hint)
{
    say(NOTICE, message, detail, hint);
}

void warning(const std::string &message, const std::string &detail, const std::string &hint)
{
    say(WARNING, message, detail, hint);
}

void log(const std::string &message)
{
    const char *text = message.c_str();
    call([&] {
        ereport(LOG, errmsg_internal("%s", text), errhidestmt(true), errhidecontext(true));
    });
}

void start_counting_lock_waits()
{
    call([] {
        if (sampler == MAX_TIMEOUTS)
            sampler = RegisterTimeout(USER_TIMEOUT, sample_lock_wait);
        lock_wait_samples = 0;
        enable_timeout_every(
            sampler, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), sample_milliseconds),
            sample_milliseconds);
    });
}

long long counted_lock_wait()
{
    call([] {
        if (sampler != MAX_TIMEOUTS)
            disable_timeout(sampler, false);
    });
    return static_cast<long long>(lock_wait_samples) * sample_milliseconds * 1000;
}

void check_for_interrupts()
{
    call([] { CHECK_FOR_INTERRUPTS(); });
}

} // namespace migrate::pg
