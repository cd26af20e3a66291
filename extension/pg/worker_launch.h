// How a background worker is started on a job.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <string>

#include "pg/compat.h"

extern "C" {
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/shm_mq.h"
}

namespace migrate::pg {

struct Started
{
    BackgroundWorkerHandle *handle;
    shm_mq_handle *queue; // what the worker says
    dsm_segment *segment;
};

// False if no slot is free.
bool launch(const std::string &job, Started *launched);

} // namespace migrate::pg
