// What to look at before a deployment, answered for what is pending: a row a point, with its evidence.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace migrate {

enum class Verdict
{
    ok,
    warning, // somebody should know
    failed   // not to be deployed so
};
std::string_view name_of(Verdict verdict);

// One point, and what speaks against it.
class Point
{
public:
    explicit Point(std::string name) : name_(std::move(name)) {}

    void add(Verdict verdict, const std::string &evidence);
    const std::string &name() const { return name_; }
    Verdict verdict() const { return verdict_; } // the worst that was added
    // The worst first, the first of them; without any, `otherwise`.
    std::string evidence() const;
    void set_otherwise(std::string evidence) { otherwise_ = std::move(evidence); }

private:
    std::string name_, otherwise_;
    Verdict verdict_ = Verdict::ok;
    std::vector<std::pair<Verdict, std::string>> evidence_;
};

// Of what apply with these arguments would run.  Changes nothing.
// Throws: what plan() throws.
std::vector<Point> check(const std::optional<std::string> &target,
                         const std::optional<std::vector<std::string>> &only);

} // namespace migrate
