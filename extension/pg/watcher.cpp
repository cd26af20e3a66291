// SPDX-License-Identifier: PostgreSQL
#include "pg/watcher.h"

#include <cstring>

#include "pg/boundary.h"
#include "pg/query.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "pg/worker.h"
#include "pg/worker_segment.h"

extern "C" {
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/procarray.h"
#include "tcop/tcopprot.h"
}

namespace migrate::pg {

void publish_alone_step(const AloneStep &step)
{
    SharedStep shared{};
    shared.run = step.run;
    shared.step = step.step;
    shared.runs = step.runs;
    shared.patience = step.settings.patience;
    shared.on_blocker_after = step.settings.on_blocker_after;
    shared.on_blocker = static_cast<int>(step.settings.on_blocker);
    const std::string roles = array_text(step.settings.protected_roles);
    if (roles.size() >= sizeof(shared.protected_roles))
        shared.on_blocker = static_cast<int>(OnBlocker::wait);
    strlcpy(shared.protected_roles, roles.c_str(), sizeof(shared.protected_roles));
    SegmentHeader *const header = shared_header();
    if (header == nullptr)
        return;
    SpinLockAcquire(&header->lock);
    header->alone = shared;
    SpinLockRelease(&header->lock);
}

void no_alone_step_runs() noexcept
{
    if (SegmentHeader *const header = shared_header(); header != nullptr) {
        SpinLockAcquire(&header->lock);
        header->alone.runs = false;
        SpinLockRelease(&header->lock);
    }
}

AloneStep published_alone_step()
{
    AloneStep step;
    SegmentHeader *const header = shared_header();
    if (header == nullptr)
        return step;
    SpinLockAcquire(&header->lock);
    const SharedStep shared = header->alone;
    SpinLockRelease(&header->lock);
    step.run = shared.run;
    step.step = shared.step;
    step.runs = shared.runs;
    step.settings.patience = shared.patience;
    step.settings.on_blocker = static_cast<OnBlocker>(shared.on_blocker);
    step.settings.on_blocker_after = shared.on_blocker_after;
    step.settings.protected_roles = step.settings.on_blocker == OnBlocker::wait || shared.run == 0
                                        ? std::vector<std::string>{}
                                        : read_array(shared.protected_roles);
    step.role = header->role;
    return step;
}

void start_watcher()
{
    static bool started = false;
    if (!started)
        start_process("migrate watcher", "migrate_watcher_main");
    started = true;
}

void run_watcher(unsigned long argument, const std::function<bool()> &look)
{
    call([&] {
        pqsignal(SIGTERM, die);
        pqsignal(SIGHUP, SignalHandlerForConfigReload);
        BackgroundWorkerUnblockSignals();
        MemoryContextSwitchTo(TopMemoryContext);
        dsm_segment *segment = dsm_attach(static_cast<dsm_handle>(argument));
        if (segment == nullptr)
            proc_exit(0); // the run is over already
        dsm_pin_mapping(segment);
        use_segment(segment);
        const SegmentHeader *header = shared_header();
        BackgroundWorkerInitializeConnectionByOid(header->database, header->session_user,
                                                  compat::bypass_login_check);
    });
    bool go_on = true;
    while (go_on) {
        if (const std::optional<Error> error = transaction([&] { go_on = look(); }))
            throw *error;
        sleep_for(1000);
        call([] { CHECK_FOR_INTERRUPTS(); });
    }
}

bool is_blocked(int pid)
{
    return call([&] {
        const PGPROC *process = BackendPidGetProc(pid);
        return process != nullptr && process->waitStatus == PROC_WAIT_STATUS_WAITING;
    });
}

} // namespace migrate::pg
