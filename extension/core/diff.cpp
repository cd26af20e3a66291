// The edit is found with Myers' greedy algorithm: for each number of edits d, the furthest point
// that d edits reach on each diagonal.  All rows are kept, to walk back from the end, which costs
// memory in the square of d; so d and the work are bounded, and beyond that the lines between the
// common beginning and the common end are shown as replaced.  That is still a correct diff.
// SPDX-License-Identifier: PostgreSQL
#include "core/diff.h"

#include "core/text.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

namespace migrate {

namespace {

constexpr int max_edits = 4000;          // 8 million points, 32 MB
constexpr long long max_work = 20000000; // points and compared lines, well under a second

// Lines keep their LF here, so that a missing one at the end of the text is a difference.
using Lines = std::vector<std::string_view>;

// Which lines go and which come; the others are the same, in the same order.
struct Edit
{
    std::vector<char> removed, added;
};

// Removed lines [old_begin, old_end) with [new_begin, new_end) in their place.
struct Change
{
    std::size_t old_begin, old_end, new_begin, new_end;
};

// Keeps the first lines and counts the others.
class Output
{
public:
    explicit Output(std::size_t max_lines) : max_lines_(max_lines) {}
    void line(std::string_view mark, std::string_view text);
    std::string finish();

private:
    std::string text_;
    std::size_t lines_ = 0;
    std::size_t max_lines_;
};

Lines lines_of(std::string_view text);
Edit edit_of(const Lines &before, const Lines &after);
std::vector<Change> changes_of(const Edit &edit);
std::size_t hunk_end(const std::vector<Change> &changes, std::size_t begin, std::size_t context);
void write_hunk(Output &output, const Lines &before, const Lines &after, const Change *begin,
                const Change *end, std::size_t context);

} // namespace

std::string line_diff(std::string_view before, std::string_view after, std::size_t context,
                      std::size_t max_lines)
{
    if (before == after)
        return {};
    const Lines old_lines = lines_of(before), new_lines = lines_of(after);
    const std::vector<Change> changes = changes_of(edit_of(old_lines, new_lines));
    context = std::min(context, old_lines.size()); // more there is not, and twice it must not wrap

    Output output(max_lines);
    for (std::size_t begin = 0; begin < changes.size();) {
        const std::size_t end = hunk_end(changes, begin, context);
        write_hunk(output, old_lines, new_lines, changes.data() + begin, changes.data() + end,
                   context);
        begin = end;
    }
    return output.finish();
}

namespace {

// One search between two sequences of line numbers.
class Search
{
public:
    Search(const int *old_lines, int old_count, const int *new_lines, int new_count)
        : old_(old_lines), old_count_(old_count), new_(new_lines), new_count_(new_count)
    {
    }

    // The number of edits of the shortest script; negative when it would take too much.
    int run();

    // REQUIRES: run() returned `edits`.
    void mark(int edits, char *removed, char *added) const;

private:
    // Row d has a point for the diagonals -d, -d + 2, ..., d, and the rows stand one after another.
    int furthest(int d, int diagonal) const
    {
        return points_[static_cast<std::size_t>(d) * (d + 1) / 2 + (diagonal + d) / 2];
    }
    bool comes_by_adding(int d, int diagonal) const;
    int extend(int d, int diagonal);

    const int *old_;
    int old_count_;
    const int *new_;
    int new_count_;
    std::vector<int> points_; // x, the lines of `old` that are behind; y is x - diagonal
    long long work_ = 0;
};

int Search::run()
{
    for (int d = 0; d <= max_edits; d++) {
        for (int diagonal = -d; diagonal <= d; diagonal += 2) {
            const int x = extend(d, diagonal);
            points_.push_back(x);
            if (x >= old_count_ && x - diagonal >= new_count_)
                return d;
            if (work_ > max_work)
                return -1;
        }
    }
    return -1;
}

bool Search::comes_by_adding(int d, int diagonal) const
{
    return diagonal == -d ||
           (diagonal != d && furthest(d - 1, diagonal - 1) < furthest(d - 1, diagonal + 1));
}

int Search::extend(int d, int diagonal)
{
    const int begin = d == 0                         ? 0
                      : comes_by_adding(d, diagonal) ? furthest(d - 1, diagonal + 1)
                                                     : furthest(d - 1, diagonal - 1) + 1;
    int x = begin;
    while (x < old_count_ && x - diagonal < new_count_ && old_[x] == new_[x - diagonal])
        x++;
    work_ += x - begin + 1;
    return x;
}

void Search::mark(int edits, char *removed, char *added) const
{
    int diagonal = old_count_ - new_count_;
    for (int d = edits; d > 0; d--) {
        if (comes_by_adding(d, diagonal)) {
            diagonal++;
            added[furthest(d - 1, diagonal) - diagonal] = 1;
        } else {
            diagonal--;
            removed[furthest(d - 1, diagonal)] = 1;
        }
    }
}

void Output::line(std::string_view mark, std::string_view text)
{
    if (lines_++ >= max_lines_)
        return;
    if (!text_.empty())
        text_ += '\n';
    text_ += mark;
    text_ += text;
}

std::string Output::finish()
{
    if (lines_ > max_lines_) {
        const std::size_t more = lines_ - max_lines_;
        if (!text_.empty())
            text_ += '\n';
        text_ += "... " + std::to_string(more) + (more == 1 ? " more line" : " more lines");
    }
    return std::move(text_);
}

Lines lines_of(std::string_view text)
{
    Lines lines = split_lines(text);
    for (std::size_t i = 0; i < lines.size(); i++) {
        if (i + 1 < lines.size() || text.ends_with('\n'))
            lines[i] = std::string_view(lines[i].data(), lines[i].size() + 1);
    }
    return lines;
}

// Lines as numbers, equal for equal lines: each is read once, however often it is compared.
std::vector<int> numbered(const Lines &lines, std::unordered_map<std::string_view, int> &numbers)
{
    std::vector<int> result;
    result.reserve(lines.size());
    for (const std::string_view line : lines)
        result.push_back(numbers.emplace(line, static_cast<int>(numbers.size())).first->second);
    return result;
}

Edit edit_of(const Lines &before, const Lines &after)
{
    std::unordered_map<std::string_view, int> numbers;
    const std::vector<int> x = numbered(before, numbers), y = numbered(after, numbers);
    const auto heads = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
    const auto begin = heads.first - x.begin();
    const auto tails = std::mismatch(x.rbegin(), std::make_reverse_iterator(heads.first),
                                     y.rbegin(), std::make_reverse_iterator(heads.second));
    const auto old_end = tails.first.base() - x.begin(), new_end = tails.second.base() - y.begin();

    Edit edit{std::vector<char>(x.size()), std::vector<char>(y.size())};
    Search search(x.data() + begin, static_cast<int>(old_end - begin), y.data() + begin,
                  static_cast<int>(new_end - begin));
    const int edits = search.run();
    if (edits >= 0) {
        search.mark(edits, edit.removed.data() + begin, edit.added.data() + begin);
    } else {
        std::fill(edit.removed.begin() + begin, edit.removed.begin() + old_end, 1);
        std::fill(edit.added.begin() + begin, edit.added.begin() + new_end, 1);
    }
    return edit;
}

std::vector<Change> changes_of(const Edit &edit)
{
    const auto run_end = [](const std::vector<char> &marks, std::size_t begin) {
        while (begin < marks.size() && marks[begin])
            begin++;
        return begin;
    };
    std::vector<Change> changes;
    std::size_t i = 0, j = 0;
    while (i < edit.removed.size() || j < edit.added.size()) {
        const Change change{i, run_end(edit.removed, i), j, run_end(edit.added, j)};
        if (change.old_end == i && change.new_end == j) {
            i++;
            j++;
        } else {
            changes.push_back(change);
            i = change.old_end;
            j = change.new_end;
        }
    }
    return changes;
}

// Changes share a hunk when their contexts touch.
std::size_t hunk_end(const std::vector<Change> &changes, std::size_t begin, std::size_t context)
{
    std::size_t end = begin + 1;
    while (end < changes.size() && changes[end].old_begin - changes[end - 1].old_end <= 2 * context)
        end++;
    return end;
}

void write_line(Output &output, std::string_view mark, std::string_view line)
{
    const bool ended = line.ends_with('\n');
    output.line(mark, line.substr(0, line.size() - (ended ? 1 : 0)));
    if (!ended)
        output.line("\\", " No newline at end of file");
}

// An empty range is named by the line before it, as diff -u does.
std::string range(std::size_t begin, std::size_t end)
{
    return std::to_string(begin == end ? begin : begin + 1) + "," + std::to_string(end - begin);
}

void write_hunk(Output &output, const Lines &before, const Lines &after, const Change *begin,
                const Change *end, std::size_t context)
{
    const Change &first = *begin, &last = *(end - 1);
    const std::size_t head = std::min(context, first.old_begin);
    const std::size_t tail = std::min(context, before.size() - last.old_end);
    output.line("@@ ", "-" + range(first.old_begin - head, last.old_end + tail) + " +" +
                           range(first.new_begin - head, last.new_end + tail) + " @@");
    std::size_t at = first.old_begin - head;
    for (const Change *change = begin; change != end; change++) {
        for (; at < change->old_begin; at++)
            write_line(output, " ", before[at]);
        for (; at < change->old_end; at++)
            write_line(output, "-", before[at]);
        for (std::size_t added = change->new_begin; added < change->new_end; added++)
            write_line(output, "+", after[added]);
    }
    for (; at < last.old_end + tail; at++)
        write_line(output, " ", before[at]);
}

} // namespace

} // namespace migrate
