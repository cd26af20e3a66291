// What the server would do with the folder as it is now, without keeping anything of it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include "session.h"

#include <optional>

namespace migrate::client {

// One transaction that always ends with ROLLBACK.  In it the folder's files are uploaded, if there are any and
// the server can take them, and the settings of --set are in force.
class Trial
{
public:
    explicit Trial(Session &session);
    // Throws: Failure.
    void begin();
    ~Trial();
    Trial(const Trial &) = delete;
    Trial &operator=(const Trial &) = delete;

private:
    bool upload();
    void set();
    void end() noexcept;

    Session &session_;
    bool begun_ = false;
};

} // namespace migrate::client
