// What the names that the server chooses are made of.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "pg/action_reader.h"
#include "pg/boundary.h"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace migrate::pg {

std::string joined(const std::vector<std::string> &names)
{
    std::string all;
    for (const std::string &name : names) {
        all += (all.empty() ? "" : "_") + name;
        if (all.size() >= NAMEDATALEN)
            break;
    }
    return all.substr(0, NAMEDATALEN - 1);
}

std::vector<std::string> each_once(const std::vector<std::string> &names)
{
    std::vector<std::string> all;
    for (const std::string &name : names) {
        std::string own = name;
        for (int n = 1; std::find(all.begin(), all.end(), own) != all.end(); n++) {
            const std::string number = std::to_string(n);
            const char *text = name.c_str();
            const int size = static_cast<int>(name.size());
            const int room = NAMEDATALEN - 1 - static_cast<int>(number.size());
            const int length = call([&] { return pg_mbcliplen(text, size, room); });
            own = name.substr(0, static_cast<std::size_t>(length)) + number;
        }
        all.push_back(own);
    }
    return all;
}

} // namespace migrate::pg
