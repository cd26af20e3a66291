// Messages to the user and the log.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::pg {

void notice(const std::string &message, const std::string &detail = {},
            const std::string &hint = {});
void warning(const std::string &message, const std::string &detail = {},
             const std::string &hint = {});
void log(const std::string &message);

void check_for_interrupts();
bool interrupt_is_pending();

} // namespace migrate::pg
