#!/usr/bin/env bash
# What differs between versions of PostgreSQL stands in extension/pg/compat.h and compat_trees.h alone.
. "$(dirname "$0")/lib.bash"
offences=$(search 'PG_VERSION_NUM' --include='*.cpp' --include='*.h' extension client | grep -vE '^extension/pg/compat(_trees)?\.h:' || true)
verdict "$offences" "add an inline function or a constant to extension/pg/compat.h (parse trees and lock levels: compat_trees.h), with the reason, and use that."
