// SPDX-License-Identifier: PostgreSQL
#include "pg/helpers.h"

#include <csignal>
#include <optional>
#include <vector>

#include "pg/boundary.h"
#include "pg/worker_launch.h"

extern "C" {
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "storage/ipc.h"
}

namespace migrate::pg {

namespace {

// Leaked on purpose: it lives as long as the process.
std::vector<Started> &helpers()
{
    static auto *const all = new std::vector<Started>;
    return *all;
}

void signal_helper(const Started &helper)
{
    pid_t pid = 0;
    if (call([&] { return GetBackgroundWorkerPid(helper.handle, &pid); }) == BGWH_STARTED)
        kill(pid, SIGINT);
    else // it may not have started yet, and must not
        call([&] { TerminateBackgroundWorker(helper.handle); });
}

Error read_error(char *data, Size size)
{
    StringInfoData message;
    message.data = data;
    message.len = static_cast<int>(size);
    message.maxlen = -1;
    message.cursor = 1;
    ErrorData report{};
    ErrorData *into = &report;
    call([&] { pq_parse_errornotice(&message, into); });
    return error_of(report);
}

enum class State
{
    working,
    done,
    gone
};

// What it said until now; notices are in the log, too.
State hear(const Started &helper, std::optional<Error> &error)
{
    for (;;) {
        Size size = 0;
        void *data = nullptr;
        const shm_mq_result result =
            call([&] { return shm_mq_receive(helper.queue, &size, &data, true); });
        if (result == SHM_MQ_WOULD_BLOCK)
            return State::working;
        if (result == SHM_MQ_DETACHED)
            return State::gone;
        if (*static_cast<char *>(data) == 'E')
            error = read_error(static_cast<char *>(data), size);
        if (*static_cast<char *>(data) == 'e')
            return State::done;
    }
}

} // namespace

bool start_helper(const std::string &job)
{
    Started helper{};
    MemoryContext outer = MemoryContextSwitchTo(TopMemoryContext);
    const bool started = launch(job, &helper);
    MemoryContextSwitchTo(outer);
    if (!started)
        return false;
    call([&] { dsm_pin_mapping(helper.segment); }); // it outlives this transaction
    helpers().push_back(helper);
    return true;
}

int helpers_at_work()
{
    std::vector<Started> &all = helpers();
    for (std::size_t i = 0; i < all.size();) {
        std::optional<Error> error;
        const State state = hear(all[i], error);
        if (state == State::working) {
            i++;
            continue;
        }
        const Started helper = all[i];
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
        call([&] { dsm_detach(helper.segment); });
        if (error)
            throw *error;
        if (state == State::gone)
            throw Error(sqlstate::run_interrupted,
                        "a worker that helped with the backfill ended unexpectedly",
                        "The server log says why.",
                        "The same migrate.backfill() goes on where it stopped.");
    }
    return static_cast<int>(all.size());
}

void dismiss_helpers()
{
    std::vector<Started> &all = helpers();
    for (const Started &helper : all)
        signal_helper(helper);
    for (const Started &helper : all)
        call([&] {
            shm_mq_detach(helper.queue); // or it might wait for us to read
            WaitForBackgroundWorkerShutdown(helper.handle);
            dsm_detach(helper.segment);
        });
    all.clear();
}

} // namespace migrate::pg
