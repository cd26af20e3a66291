#!/usr/bin/env bash
# PostgreSQL's errors and C++ exceptions meet in one place only.
. "$(dirname "$0")/lib.bash"
offences=$(search '\bPG_(TRY|CATCH|FINALLY|RE_THROW)\b|\be(report|log)\( *(ERROR|FATAL|PANIC)' \
               --include='*.cpp' --include='*.h' extension | grep -v '^extension/pg/boundary\.' || true)
verdict "$offences" "throw migrate::Error instead of reporting; wrap calls into the server in pg::call(), and pg::attempt() where an error is to be caught."
