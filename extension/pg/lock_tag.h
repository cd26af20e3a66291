// LOCKTAG and its PG-free twin.  For pg/ only.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "pg/compat.h"
#include "pg/relation_locks.h"

namespace migrate::pg {

inline LOCKTAG server_tag(const LockTag &tag)
{
    return {tag.field1, tag.field2, tag.field3, tag.field4, tag.type, tag.method};
}

inline WantedLock wanted_lock(const LOCKTAG &tag, LOCKMODE mode)
{
    return {{tag.locktag_field1, tag.locktag_field2, tag.locktag_field3, tag.locktag_field4,
             tag.locktag_type, tag.locktag_lockmethodid},
            static_cast<LockMode>(mode)};
}

} // namespace migrate::pg
