// A script studied: what its statements do, told by the server, after what the statements before them will have
// done.  See core/study.h.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <functional>
#include <vector>

#include "core/doubts.h"
#include "core/plan.h"
#include "core/study.h"
#include "core/world.h"
#include "pg/names_to_come.h"

namespace migrate {

// What goes from one script to the next: one of these for all that is planned together.
struct Prospect
{
    World world;
    DoubtsOfScript doubts;
    pg::NamesToCome names;
    bool is_open = false; // code was run that may have made anything
};

StudyOptions study_options();

// REQUIRES: a transaction, and the session as the script will find it.
// `each` is called for every statement before the next one is looked at: names that it chooses are taken then.
Study study(const std::vector<NumberedStatement> &statements, Prospect &prospect,
            const std::function<void(const StudiedStatement &)> &each = {});

// What is known when the steps are: which statements share a transaction, and which are run otherwise than
// written.
void note_steps(Study &study, const std::vector<Step> &steps);

} // namespace migrate
