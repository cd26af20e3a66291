// What a statement will lock, told from its parse tree and the catalogs before it runs.  PG-free.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/lock_mode.h"
#include "pg/catalog.h"

namespace migrate::pg {

struct RelationLock
{
    ObjectId relation;
    LockMode mode;
};

// What a statement does to all of an existing relation, and how large that is with its TOAST.
struct RelationWork
{
    ObjectId relation;
    bool scans;    // reads it from end to end
    bool rewrites; // writes it anew, with its indexes
    bool builds;   // reads it for a new index
    bool joins; // joins it with one that it scans, whole or by an index, as the planner thinks best
    std::uint64_t bytes;
};

struct Foretold
{
    // The strongest mode a relation; only relations that exist, catalogs and TOAST left out; ascending by
    // relation.
    std::vector<RelationLock> locks;

    // The statement runs code whose locks cannot be told (DO, CALL, functions, triggers with bodies):
    // `locks` is what is known.
    bool opaque = false;

    // The server will refuse it for want of rights.  Nothing must be locked for it, only run: it fails
    // before it locks.
    bool refused = false;

    // Of the existing relations that it reads, writes or builds over whole while it runs, their heaps and
    // TOAST: how long it may take.
    std::uint64_t bytes = 0;

    // The same by relation, ascending.
    std::vector<RelationWork> work;
};

// What the statement will lock, as seen from here: names are looked up with the session's search_path and
// as the current role.  Takes no lock but on catalogs, waits for nothing and changes nothing.  `statement`
// is one statement; names that mean nothing yet are left out, and a text that does not parse gives an
// empty answer: running it will tell.
// REQUIRES: a transaction.
Foretold foretell(const std::string &statement);

} // namespace migrate::pg
