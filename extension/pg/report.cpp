// SPDX-License-Identifier: PostgreSQL
#include "pg/report.h"

#include "pg/boundary.h"

namespace migrate::pg {

namespace {

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

bool interrupt_is_pending()
{
    return InterruptPending;
}

void check_for_interrupts()
{
    call([] { CHECK_FOR_INTERRUPTS(); });
}

} // namespace migrate::pg
