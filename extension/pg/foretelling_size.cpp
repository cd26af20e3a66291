// How large relations are, without opening them: pg_class.relpages may be old, and the server's own functions
// lock what they measure.
// SPDX-License-Identifier: PostgreSQL
#include <sys/stat.h>

#include "pg/foretelling.h"

extern "C" {
#include "access/htup_details.h"
#include "common/relpath.h"
#include "storage/bufpage.h"
#include "storage/fd.h"
#include "utils/lsyscache.h"
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

// As the planner estimates it: as many in a page as when it was last analyzed, or as the columns' types let
// expect.
double rows_of(Oid relation)
{
    const Form_pg_class row = class_of(relation);
    if (row == nullptr || !RELKIND_HAS_TABLE_AM(row->relkind))
        return 0;
    const double pages = static_cast<double>(bytes_of_heap(row) / BLCKSZ);
    if (row->reltuples >= 0 && row->relpages > 0)
        return static_cast<double>(row->reltuples) / row->relpages * pages;
    int32 width = 0;
    for (AttrNumber number = 1; number <= row->relnatts; number++) {
        Oid type, collation;
        int32 modifier;
        get_atttypetypmodcoll(relation, number, &type, &modifier, &collation);
        width += OidIsValid(type) ? get_typavgwidth(type, modifier) : 0;
    }
    const auto tuple = static_cast<Size>(MAXALIGN(width) + MAXALIGN(SizeofHeapTupleHeader));
    return pages *
           static_cast<double>((BLCKSZ - SizeOfPageHeaderData) / (tuple + sizeof(ItemIdData)));
}

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
