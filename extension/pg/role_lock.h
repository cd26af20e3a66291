// Looking at a statement evaluates some of it: casts of constants, domains, conditions that prove something.  What is
// evaluated so must not be able to change whose rights it has.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/compat.h"

extern "C" {
#include "miscadmin.h"
}

namespace migrate::pg {

// As long as this stands, SET ROLE, RESET ROLE and SET SESSION AUTHORIZATION are refused, as in a security-definer
// function.  Plain assignment, so a longjmp to outside of it does no harm: the transaction's abort restores both.
class RoleLock
{
public:
    RoleLock() : RoleLock(InvalidOid) {}
    explicit RoleLock(Oid role) // which is the current one meanwhile
    {
        GetUserIdAndSecContext(&user_, &context_);
        SetUserIdAndSecContext(OidIsValid(role) ? role : user_,
                               context_ | SECURITY_LOCAL_USERID_CHANGE);
    }
    ~RoleLock() { SetUserIdAndSecContext(user_, context_); }
    RoleLock(const RoleLock &) = delete;
    RoleLock &operator=(const RoleLock &) = delete;

private:
    Oid user_ = InvalidOid;
    int context_ = 0;
};

} // namespace migrate::pg
