// SPDX-License-Identifier: PostgreSQL
#include "core/study.h"

#include <algorithm>

namespace migrate {

LockMode strongest_lock(const StudiedStatement &statement)
{
    LockMode strongest = LockMode::none;
    for (const Effect &effect : statement.effects)
        if (!effect.relation.is_new)
            strongest = std::max(strongest, effect.lock);
    return strongest;
}

} // namespace migrate
