// How large relations are, without opening them: pg_class.relpages may be old, and the server's own functions
// lock what they measure.
// SPDX-License-Identifier: PostgreSQL
#include <sys/stat.h>

#include "pg/foretelling.h"

extern "C" {
#include "common/relpath.h"
#include "storage/fd.h"
}

namespace migrate::pg {

namespace {

// A file for every gigabyte.
uint64 bytes_of_file(const char *path)
{
    uint64 sum = 0;
    char name[MAXPGPATH];
    for (unsigned segment = 0;; segment++) {
        struct stat found;
        if (segment == 0)
            strlcpy(name, path, MAXPGPATH);
        else
            pg_snprintf(name, MAXPGPATH, "%s.%u", path, segment);
        if (stat(name, &found) != 0)
            return sum;
        sum += found.st_size;
    }
}

uint64 bytes_of_heap(const FormData_pg_class *row)
{
    const bool temporary = row->relpersistence == RELPERSISTENCE_TEMP;
    if (!OidIsValid(row->relfilenode))
        return 0;
    const Oid space = OidIsValid(row->reltablespace) ? row->reltablespace : MyDatabaseTableSpace;
    return bytes_of_file(compat::relation_path(space, row->relfilenode, temporary));
}

} // namespace

uint64 bytes_of(Oid relation)
{
    const Form_pg_class row = class_of(relation);
    if (row == nullptr || !RELKIND_HAS_STORAGE(row->relkind))
        return 0;
    const Form_pg_class toast =
        OidIsValid(row->reltoastrelid) ? class_of(row->reltoastrelid) : nullptr;
    return bytes_of_heap(row) + (toast ? bytes_of_heap(toast) : 0);
}

} // namespace migrate::pg
