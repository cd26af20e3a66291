// The process that leads a backfill: finds or begins the run, works on it with its helpers, proves that
// nothing is left, ends it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "engine/backfill/job.h"

namespace migrate::backfill {

// In a worker, outside of any transaction.  Throws: the run's error, which the ledger has by then.
void lead(const Job &job, const Announce &announce);

// The same as a step of a run of migrations, in its process and its session.
void lead_step(const Job &job);

// In a helper's process: works until no piece is left.
void help(const Job &job);

} // namespace migrate::backfill
