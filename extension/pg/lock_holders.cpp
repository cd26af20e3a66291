// Who holds a lock, and how long they are at it already: the lock table, the processes' entries in shared
// memory and their status, without SQL.
// SPDX-License-Identifier: PostgreSQL
#include <csignal>
#include <cstring>

#include "pg/boundary.h"
#include "pg/lock_tag.h"
#include "pg/workspace.h"

extern "C" {
#include "access/subtrans.h"
#include "access/twophase.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/backend_status.h"
#include "utils/timestamp.h"
}

namespace migrate::pg {

namespace {

const PgBackendStatus *status_of(int pid)
{
    const int count = pgstat_fetch_stat_numbackends();
    for (int i = 1; i <= count; i++) {
        const PgBackendStatus *status = compat::backend_status(i);
        if (status != nullptr && status->st_procpid == pid)
            return status;
    }
    return nullptr;
}

long long milliseconds_since(TimestampTz moment)
{
    return moment == 0 ? 0 : TimestampDifferenceMilliseconds(moment, GetCurrentTimestamp());
}

void describe_status(const PgBackendStatus &status, Holder &holder)
{
    holder.age = milliseconds_since(status.st_xact_start_timestamp);
    holder.idle = status.st_state == STATE_IDLEINTRANSACTION ||
                  status.st_state == STATE_IDLEINTRANSACTION_ABORTED;
    holder.silent = holder.idle ? milliseconds_since(status.st_state_start_timestamp) : 0;
    if (status.st_backendType == B_WAL_SENDER)
        holder.kind = Holder::Kind::walsender;
}

Holder describe_process(const PGPROC &process)
{
    Holder holder;
    const int pid = process.pid;
    const PGPROC *leader = process.lockGroupLeader; // entries are never freed
    holder.pid = leader != nullptr ? leader->pid : pid;
    if ((process.statusFlags & PROC_IS_AUTOVACUUM) != 0)
        holder.kind = (process.statusFlags & PROC_VACUUM_FOR_WRAPAROUND) != 0
                          ? Holder::Kind::wraparound
                          : Holder::Kind::autovacuum;
    if (const PgBackendStatus *status = status_of(pid); status != nullptr)
        describe_status(*status, holder);
    return holder;
}

// Its session may have gone, or go on with other transactions.
bool is_prepared(const VirtualTransactionId &id)
{
    bool more = false;
    return VirtualTransactionIdIsRecoveredPreparedXact(id) ||
           TransactionIdIsValid(TwoPhaseGetXidByVirtualXID(id, &more));
}

// C, as the next one: for use inside call().
Holder describe_holder(const VirtualTransactionId &id)
{
    const int number = compat::process_number(id);
    const PGPROC *process =
        VirtualTransactionIdIsRecoveredPreparedXact(id) ? nullptr : compat::process(number);
    Holder holder;
    if (process != nullptr && compat::local_transaction_of(*process) == id.localTransactionId)
        holder = describe_process(*process);
    else if (is_prepared(id))
        holder.kind = Holder::Kind::prepared;
    holder.process = number;
    holder.local = id.localTransactionId;
    return holder;
}

Holder describe_transaction(TransactionId id)
{
    Holder holder;
    int pid = BackendXidGetPid(id);
    if (pid == 0) // of a subtransaction
        pid = BackendXidGetPid(SubTransGetTopmostTransaction(id));
    if (pid == 0)
        holder.kind = Holder::Kind::prepared;
    else if (const PgBackendStatus *status = status_of(pid); status != nullptr)
        describe_status(*status, holder);
    holder.pid = pid;
    holder.transaction = id;
    return holder;
}

} // namespace

std::vector<Holder> holders_of(const WantedLock &lock)
{
    std::vector<Holder> holders;
    // Ages as of now, not as of the first look in this transaction.
    call([] { pgstat_clear_backend_activity_snapshot(); });
    if (const TransactionId id = transaction_of(lock); id != 0) {
        if (call([&] { return TransactionIdIsInProgress(id); }))
            holders.push_back(call([&] { return describe_transaction(id); }));
        return holders;
    }
    if (!is_on_object(lock) && lock.tag.type != LOCKTAG_ADVISORY)
        return holders;
    const LOCKTAG tag = server_tag(lock.tag);
    Workspace workspace;
    int count = 0;
    const VirtualTransactionId *ids =
        call([&] { return GetLockConflicts(&tag, static_cast<LOCKMODE>(lock.mode), &count); });
    for (int i = 0; i < count; i++)
        holders.push_back(call([&] { return describe_holder(ids[i]); }));
    workspace.close();
    return holders;
}

bool has_ended(const Holder &holder)
{
    return call([&] {
        if (holder.transaction != 0)
            return !TransactionIdIsInProgress(holder.transaction);
        return VirtualXactLock(compat::virtual_transaction(holder.process, holder.local), false);
    });
}

void cancel_autovacuum(int pid)
{
    // It is gone, or another process by now: as in the server's own code, that is no harm to speak of.
    const PGPROC *process = call([&] { return BackendPidGetProc(pid); });
    if (process != nullptr && (process->statusFlags & PROC_IS_AUTOVACUUM) != 0 &&
        (process->statusFlags & PROC_VACUUM_FOR_WRAPAROUND) == 0)
        kill(pid, SIGINT);
}

} // namespace migrate::pg
