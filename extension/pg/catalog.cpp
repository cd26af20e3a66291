// SPDX-License-Identifier: PostgreSQL
#include "pg/catalog.h"

#include "pg/boundary.h"
#include "pg/query.h"

extern "C" {
#include "catalog/namespace.h"
#include "storage/lmgr.h"
#include "utils/regproc.h"
#include "utils/varlena.h"
}

namespace migrate::pg {

ObjectId relation_id(const std::string &name)
{
    if (name.empty())
        return 0;
    const char *text = name.c_str();
    return call([&] {
        RangeVar *relation = makeRangeVarFromNameList(compat::qualified_name(text));
        return RangeVarGetRelid(relation, NoLock, true);
    });
}

void hold_relation(ObjectId relation)
{
    call([&] { LockRelationOid(relation, AccessShareLock); });
}

std::string installed_version()
{
    const std::vector<Row> rows =
        query("SELECT extversion FROM pg_extension WHERE extname = 'migrate'");
    return rows.empty() ? "" : rows[0][0].value_or("");
}

} // namespace migrate::pg
