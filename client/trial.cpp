// SPDX-License-Identifier: PostgreSQL
#include "trial.h"

namespace migrate::client {

Trial::Trial(Session &session) : session_(session) {}

Trial::~Trial()
{
    end();
}

void Trial::begin()
{
    const bool uploads = session_.has_folder() && !session_.files().empty();
    session_.connection().query("BEGIN");
    begun_ = true;
    if (uploads && !upload()) {
        end();
        session_.connection().query("BEGIN");
        begun_ = true;
    }
    set();
}

// False on a server that cannot take the files; what it has already can still be looked at.
bool Trial::upload()
{
    try {
        if (session_.options().create_extension)
            session_.create_extension();
        session_.upload();
        return true;
    } catch (const Failure &failure) {
        if (failure.error.sqlstate != sqlstate::read_only_transaction)
            throw;
        session_.output().note("pg_migrate: the server is read-only, so this is about what was "
                               "uploaded before");
        return false;
    }
}

// Settings decide about steps, too.  They end with the transaction.
void Trial::set()
{
    if (session_.options().settings.empty())
        return;
    session_.connection().query(
        "SELECT migrate.version()"); // until the library is loaded any name is good
    for (const std::string &setting : session_.options().settings) {
        const auto [name, value] = name_and_value_of(setting);
        const bool prefixed = name.starts_with("migrate.");
        session_.connection().query("SELECT pg_catalog.set_config($1, $2, true)",
                                    {prefixed ? name : "migrate." + name, value});
    }
}

void Trial::end() noexcept
{
    if (!begun_)
        return;
    begun_ = false;
    try {
        session_.connection().query("ROLLBACK");
    } catch (...) { // without a connection there is nothing to roll back
    }
}

} // namespace migrate::client
