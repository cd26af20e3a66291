// Memory for work that leaves nothing behind but C++ values.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/boundary.h"

namespace migrate::pg {

// Parse trees and scanner buffers live here, and go together.
class Workspace
{
public:
    Workspace()
    {
        context_ = call([] {
            return AllocSetContextCreate(CurrentMemoryContext, "migrate script",
                                         ALLOCSET_DEFAULT_SIZES);
        });
        outer_ = MemoryContextSwitchTo(context_);
    }
    ~Workspace() { MemoryContextSwitchTo(outer_); } // freed with its parent, or by close()
    Workspace(const Workspace &) = delete;
    Workspace &operator=(const Workspace &) = delete;
    void reset()
    {
        MemoryContext context = context_;
        call([=] { MemoryContextReset(context); });
    }
    void close()
    {
        MemoryContextSwitchTo(outer_);
        MemoryContext context = context_;
        call([=] { MemoryContextDelete(context); });
    }

private:
    MemoryContext context_ = nullptr, outer_ = nullptr;
};

} // namespace migrate::pg
