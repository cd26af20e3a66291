#!/usr/bin/env bash
# What differs between versions of PostgreSQL stands in extension/pg/compat.h alone.
. "$(dirname "$0")/lib.bash"
offences=$(search 'PG_VERSION_NUM' --include='*.cpp' --include='*.h' extension client | grep -v '^extension/pg/compat\.h:' || true)
verdict "$offences" "add an inline function or a constant to extension/pg/compat.h, with the reason, and use that."
