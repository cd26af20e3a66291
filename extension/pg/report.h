// Messages to the user and the log, and clocks.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::pg {

void notice(const std::string &message, const std::string &detail = {},
            const std::string &hint = {});
void warning(const std::string &message, const std::string &detail = {},
             const std::string &hint = {});
void log(const std::string &message);

// Counts the time this process waits for locks, sampled every 10 ms, from one call to the other.
void start_counting_lock_waits();
long long counted_lock_wait(); // microseconds since the start; stops counting

void check_for_interrupts();

} // namespace migrate::pg
