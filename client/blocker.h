// Whom a step waits for, in words: a row of migrate.blockers and how many more there are.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

namespace migrate::client {

struct Blocker
{
    long long pid = 0; // 0: a prepared transaction
    std::string gid;   // its name
    std::string role, application;
    std::string state;        // of the session, "prepared", or what kind of process it is
    double state_seconds = 0; // since when it is in that state
    double transaction_seconds = 0;
    std::string relation; // empty: it isn't a relation that is waited for
    std::string query;    // the last one of the session
    long long others = 0; // beside this one
};

// `waiting for pid 4711 (app, idle in transaction for 12 s) on users, and 2 more`: what has to fit on a
// terminal's line.
std::string wait_brief(const Blocker &blocker);

// The same with all names and the session's statement, on one line:
// `waiting for pid 4711 (app, billing, idle in transaction for 12 s) on users: UPDATE users …`.
std::string wait_text(const Blocker &blocker);

// That without what changes while nothing happens: times and statements.
std::string wait_summary(const Blocker &blocker);

} // namespace migrate::client
