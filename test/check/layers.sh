#!/usr/bin/env bash
# client and engine see core, engine also pg's PostgreSQL-free headers, core nothing; the server's headers are
# for extension/pg and the entry files.
. "$(dirname "$0")/lib.bash"
server='postgres(_ext|_fe)?\.h|fmgr\.h|funcapi\.h|miscadmin\.h|(access|catalog|commands|executor|libpq|nodes|optimizer|parser|pgstat|port|postmaster|replication|rewrite|storage|tcop|utils)/[a-z_]+\.h|pg/(compat|boundary)\.h'

offences=$(
    search "#include *[<\"]($server)" --include='*.cpp' --include='*.h' extension/core extension/engine client test/unit
    search '#include *"(pg|engine)/' --include='*.cpp' --include='*.h' extension/core client test/unit
    search '#include *"engine/' --include='*.cpp' --include='*.h' extension/pg
    search '#include *"client/' --include='*.cpp' --include='*.h' extension
)
verdict "$offences" "move what needs the server into extension/pg behind a header without PostgreSQL's types, and call that."
