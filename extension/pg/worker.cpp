// SPDX-License-Identifier: PostgreSQL
#include "pg/worker.h"

#include <csignal>
#include <cstring>
#include <dlfcn.h>
#include <optional>

#include "pg/boundary.h"
#include "pg/lock_watch.h"
#include "pg/query.h"
#include "pg/session.h"
#include "pg/transaction.h"
#include "pg/watcher.h"
#include "pg/worker_launch.h"
#include "pg/worker_segment.h"

extern "C" {
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "mb/pg_wchar.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/pmsignal.h"
#include "storage/shm_mq.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"
}

namespace migrate::pg {

namespace {

constexpr Size queue_size = 64 * 1024;
constexpr char engine_message = 'm', done_message = 'e';

// The one worker a caller can have at a time; also of a worker whose script calls for another one.
Started started{};
Started own{};        // in a worker: its way to the caller
pid_t worker_pid = 0; // while the caller waits for it
SegmentHeader *header_in_use = nullptr;
dsm_handle segment_handle = 0;

Size after_job(Size job_size)
{
    return MAXALIGN(MAXALIGN(sizeof(SegmentHeader)) + job_size);
}

bool register_process(const char *name, const char *function, BackgroundWorkerHandle **handle);

extern "C" {
// A caller that is terminated takes its worker's statement with it; one whose client is gone does not, and
// leaves somebody to look after it.
static void caller_exits(int, Datum)
{
    if (worker_pid != 0 && ClientConnectionLost)
        register_process("migrate watcher", "migrate_watcher_main", nullptr);
    else if (worker_pid != 0)
        kill(worker_pid, SIGINT);
}

// Named by address, so that the worker loads this very library.
void migrate_worker_main(Datum argument);
}

void set_library(BackgroundWorker &worker)
{
    Dl_info info;
    const char *path = "$libdir/migrate";
    if (dladdr(reinterpret_cast<void *>(&start_worker), &info) != 0 && info.dli_fname[0] == '/' &&
        std::strlen(info.dli_fname) < sizeof(worker.bgw_library_name))
        path = info.dli_fname;
    strlcpy(worker.bgw_library_name, path, sizeof(worker.bgw_library_name));
}

dsm_segment *make_segment(const std::string &job, shm_mq **queue)
{
    const Size offset = after_job(job.size());
    return call([&] {
        dsm_segment *segment = dsm_create(offset + queue_size, 0);
        char *base = static_cast<char *>(dsm_segment_address(segment));
        auto *header = reinterpret_cast<SegmentHeader *>(base);
        header->database = MyDatabaseId;
        header->session_user = GetSessionUserId();
        strlcpy(header->role, GetUserNameFromId(GetUserId(), false), sizeof(header->role));
        SpinLockInit(&header->lock);
        header->alone = SharedStep{};
        header->job_size = job.size();
        std::memcpy(base + MAXALIGN(sizeof(SegmentHeader)), job.data(), job.size());
        *queue = shm_mq_create(base + offset, queue_size);
        shm_mq_set_receiver(*queue, MyProc);
        return segment;
    });
}

// C: also for a process that exits.  It gets the segment as its argument.  Nobody hears of its end but who
// wants the handle.
bool register_process(const char *name, const char *function, BackgroundWorkerHandle **handle)
{
    BackgroundWorker worker{};
    strlcpy(worker.bgw_name, name, sizeof(worker.bgw_name));
    strlcpy(worker.bgw_type, name, sizeof(worker.bgw_type));
    strlcpy(worker.bgw_function_name, function, sizeof(worker.bgw_function_name));
    set_library(worker);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_ConsistentState;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_main_arg = UInt32GetDatum(segment_handle);
    worker.bgw_notify_pid = handle != nullptr ? MyProcPid : 0;
    return RegisterDynamicBackgroundWorker(&worker, handle);
}

// What came through the queue, as far as the caller is concerned.
struct Heard
{
    std::optional<Error> error;
    bool done = false, enough = false;
};

void show_notice(StringInfo message)
{
    call([&] {
        ErrorData report{};
        pq_parse_errornotice(message, &report);
        report.elevel = Min(report.elevel, WARNING);
        ThrowErrorData(&report);
    });
}

Error read_error(StringInfo message)
{
    ErrorData report{};
    ErrorData *into = &report;
    call([&] { pq_parse_errornotice(message, into); });
    return error_of(report);
}

void hear(const char *data, Size size, const Waiting &waiting, Heard &heard)
{
    StringInfoData message;
    message.data = const_cast<char *>(data);
    message.len = static_cast<int>(size);
    message.maxlen = -1;
    message.cursor = 1;
    switch (data[0]) {
    case engine_message:
        heard.enough = !waiting.on_message(std::string(data + 1, size - 1));
        break;
    case 'N':
        show_notice(&message);
        break;
    case 'E':
        heard.error = read_error(&message);
        break;
    case done_message:
        heard.done = true;
        break;
    default: // parameter status and the like: the worker's business
        break;
    }
}

void stop_worker()
{
    if (worker_pid != 0)
        kill(worker_pid, SIGINT);
    else // it may not have started yet, and must not
        call([] { TerminateBackgroundWorker(started.handle); });
    worker_pid = 0;
}

// Handles a cancel of the caller: it is the worker's statement that is meant.
void pass_on_cancel()
{
    if (QueryCancelPending && !ProcDiePending && !ClientConnectionLost) {
        QueryCancelPending = false;
        kill(worker_pid, SIGINT);
    }
    call([] { CHECK_FOR_INTERRUPTS(); });
}

void listen_to_worker(const Waiting &waiting, Heard &heard)
{
    TimestampTz checked = GetCurrentTimestamp();
    while (!heard.enough) {
        Size size = 0;
        void *data = nullptr;
        const shm_mq_result result =
            call([&] { return shm_mq_receive(started.queue, &size, &data, true); });
        if (result == SHM_MQ_SUCCESS) {
            hear(static_cast<const char *>(data), size, waiting, heard);
            continue;
        }
        if (result == SHM_MQ_DETACHED)
            return;
        if (TimestampDifferenceExceeds(checked, GetCurrentTimestamp(), 1000)) {
            waiting.every_second(worker_pid);
            checked = GetCurrentTimestamp();
        }
        waiting.before_sleep();
        sleep_for(1000);
        pass_on_cancel();
    }
}

// To the caller, between the messages that the server sends; nothing happens if nobody reads.
void send(const std::string &message)
{
    const char *data = message.data();
    const Size size = message.size();
    call([&] { shm_mq_send(own.queue, size, data, false, true); });
}

} // namespace

SegmentHeader *shared_header()
{
    return header_in_use;
}

void use_segment(dsm_segment *segment)
{
    header_in_use = segment ? static_cast<SegmentHeader *>(dsm_segment_address(segment)) : nullptr;
    segment_handle = segment ? dsm_segment_handle(segment) : 0;
}

void start_process(const char *name, const char *function)
{
    call([&] { register_process(name, function, nullptr); });
}

void sleep_for(int milliseconds)
{
    call([&] {
        WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
                  PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
    });
}

bool launch(const std::string &job, Started *launched)
{
    shm_mq *queue = nullptr;
    dsm_segment *segment = make_segment(job, &queue);
    const dsm_handle own = segment_handle;
    segment_handle = dsm_segment_handle(segment); // what the process gets as its argument
    BackgroundWorkerHandle *handle = nullptr;
    const bool registered =
        call([&] { return register_process("migrate worker", "migrate_worker_main", &handle); });
    segment_handle = own;
    if (!registered) {
        call([&] { dsm_detach(segment); });
        return false;
    }
    shm_mq_handle *attached = call([&] { return shm_mq_attach(queue, segment, handle); });
    *launched = Started{handle, attached, segment};
    return true;
}

bool start_worker(const std::string &job)
{
    static bool registered = false;
    if (!registered)
        call([] { before_shmem_exit(caller_exits, 0); });
    registered = true;
    if (!launch(job, &started))
        return false;
    if (!is_worker())
        use_segment(started.segment);
    return true;
}

void wait_for_worker(const Waiting &waiting)
{
    Heard heard;
    try {
        pid_t pid = 0;
        const BgwHandleStatus status =
            call([&] { return WaitForBackgroundWorkerStartup(started.handle, &pid); });
        worker_pid = status == BGWH_STARTED ? pid : 0;
        listen_to_worker(waiting, heard);
    } catch (const Error &) {
        stop_worker();
        call([] {
            shm_mq_detach(started.queue); // or it might wait for us to read
            WaitForBackgroundWorkerShutdown(started.handle);
        });
        throw;
    } catch (...) {
        stop_worker();
        throw;
    }
    worker_pid = 0;
    if (heard.error)
        throw *heard.error;
    if (!heard.done && !heard.enough)
        throw Error(sqlstate::run_interrupted,
                    "the worker that ran the migrations ended unexpectedly",
                    "The server log says why.",
                    "Look at migrate.status; the next migrate.apply() goes on where it stopped.");
    if (!is_worker())
        use_segment(nullptr);
    call([] { dsm_detach(started.segment); });
}

void run_worker(unsigned long argument, const std::function<void(const std::string &)> &work)
{
    std::string job;
    call([&] {
        pqsignal(SIGTERM, die);
        install_cancel_handler();
        pqsignal(SIGHUP, SignalHandlerForConfigReload);
        BackgroundWorkerUnblockSignals();
        MemoryContextSwitchTo(TopMemoryContext);
        dsm_segment *segment = dsm_attach(static_cast<dsm_handle>(argument));
        if (segment == nullptr)
            proc_exit(1); // the caller is gone already
        dsm_pin_mapping(segment);
        use_segment(segment);
        char *base = static_cast<char *>(dsm_segment_address(segment));
        const auto *header = reinterpret_cast<const SegmentHeader *>(base);
        auto *queue = reinterpret_cast<shm_mq *>(base + after_job(header->job_size));
        shm_mq_set_sender(queue, MyProc);
        shm_mq_handle *attached = shm_mq_attach(queue, segment, nullptr);
        pq_redirect_to_shm_mq(segment, attached);
        own.queue = attached;
        BackgroundWorkerInitializeConnectionByOid(header->database, header->session_user,
                                                  compat::bypass_login_check);
        process_session_preload_libraries();
        own.segment = segment;
    });
    const char *base = static_cast<const char *>(dsm_segment_address(own.segment));
    job.assign(base + MAXALIGN(sizeof(SegmentHeader)),
               reinterpret_cast<const SegmentHeader *>(base)->job_size);
    work(job);
    send(std::string(1, done_message));
}

bool is_worker()
{
    return MyBgworkerEntry != nullptr;
}

void end_without_server()
{
    if (!PostmasterIsAlive())
        call([] { proc_exit(1); });
}

void send_to_caller(const std::string &message)
{
    send(engine_message + message);
}

bool cancel_process(int pid)
{
    return query("SELECT pg_cancel_backend($1::integer)", {std::to_string(pid)})[0][0] == "t";
}

} // namespace migrate::pg
