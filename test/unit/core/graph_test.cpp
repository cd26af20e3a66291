// What runs and in which order; and the graphs that cannot be run.
// SPDX-License-Identifier: PostgreSQL
#include "core/graph.h"

#include "core/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>

namespace migrate {
namespace {

using Names = std::vector<std::string>;

Error refusal(const std::vector<Node> &nodes, const Names &wanted,
              const std::set<std::string> &done = {})
{
    try {
        execution_order(nodes, wanted, done);
    } catch (const Error &error) {
        return error;
    }
    ADD_FAILURE() << "accepted";
    return {"", ""};
}

TEST(ExecutionOrder, OfNothing)
{
    EXPECT_EQ(execution_order({}, {}, {}), Names{});
    EXPECT_EQ(execution_order({{"a", {}}}, {}, {}), Names{});
    EXPECT_EQ(execution_order({{"a", {}}}, {"a"}, {"a"}), Names{});
}

TEST(ExecutionOrder, IsTheOrderOfNames)
{
    const std::vector<Node> nodes = {{"v10", {}}, {"zeta", {}}, {"v9", {}}, {"20240115_x", {}}};
    EXPECT_EQ(execution_order(nodes, {"zeta", "20240115_x", "v10", "v9", "v9"}, {}),
              (Names{"v9", "v10", "20240115_x", "zeta"}));
}

TEST(ExecutionOrder, MovesOnlyTheRequirementForward)
{
    const std::vector<Node> nodes = {{"1", {"9"}}, {"2", {}}, {"3", {}}, {"9", {}}};
    EXPECT_EQ(execution_order(nodes, {"1", "2", "3", "9"}, {}), (Names{"9", "1", "2", "3"}));
}

TEST(ExecutionOrder, TakesWhatIsRequiredIndirectly)
{
    const std::vector<Node> nodes = {
        {"1", {}}, {"2", {"5", "4"}}, {"3", {}}, {"4", {"1"}}, {"5", {"1"}}};
    EXPECT_EQ(execution_order(nodes, {"2"}, {}), (Names{"1", "4", "5", "2"}));
    EXPECT_EQ(execution_order(nodes, {"2"}, {"1", "5"}), (Names{"4", "2"}));
    EXPECT_EQ(execution_order(nodes, {"2"}, {"1", "2", "4", "5"}), Names{});
}

TEST(ExecutionOrder, LooksBehindWhatIsDone)
{
    const std::vector<Node> nodes = {{"a", {"b"}}, {"b", {"c"}}, {"c", {}}};
    EXPECT_EQ(execution_order(nodes, {"a"}, {"b"}), (Names{"c", "a"}));
}

TEST(ExecutionOrder, RepeatedRequirementsCountOnce)
{
    const std::vector<Node> nodes = {{"v1_a", {}}, {"v2_b", {"v1_a", "1", "v1_a"}}};
    EXPECT_EQ(execution_order(nodes, {"v2_b", "v2_b", "2"}, {}), (Names{"v1_a", "v2_b"}));
}

TEST(ExecutionOrder, FollowsShortForms)
{
    const std::vector<Node> nodes = {{"v42_add_phone", {}},
                                     {"v43_x", {"0042"}},
                                     {"20240115_001_y", {"V43", "20240115.2"}},
                                     {"20240115_002_z", {}}};
    EXPECT_EQ(execution_order(nodes, {"20240115-1"}, {}),
              (Names{"v42_add_phone", "v43_x", "20240115_002_z", "20240115_001_y"}));
}

TEST(ExecutionOrder, TheExactNameWinsOverShortForms)
{
    const std::vector<Node> nodes = {{"42", {}}, {"v42_x", {}}, {"a", {"42"}}};
    EXPECT_EQ(execution_order(nodes, {"a"}, {}), (Names{"42", "a"}));
}

TEST(ExecutionOrder, DoneNamesNeedNoNode)
{
    const std::vector<Node> nodes = {{"a", {"old"}}, {"b", {"7"}}};
    EXPECT_EQ(execution_order(nodes, {"a"}, {"old"}), Names{"a"});
    EXPECT_EQ(execution_order(nodes, {"b"}, {"v7_gone"}), Names{"b"});
    EXPECT_EQ(execution_order(nodes, {"old"}, {"old"}), Names{});
}

TEST(ExecutionOrder, RequirementsThatAreGoneDoNotMatterOnceDone)
{
    const std::vector<Node> nodes = {{"a", {"gone", "7"}}, {"b", {"a"}}, {"7_x", {}}, {"7_y", {}}};
    EXPECT_EQ(execution_order(nodes, {"b"}, {"a"}), Names{"b"});
}

TEST(ExecutionOrder, OtherMigrationsAreNotLookedAt)
{
    const std::vector<Node> nodes = {{"a", {}}, {"b", {"gone"}}, {"c", {"d"}}, {"d", {"c"}}};
    EXPECT_EQ(execution_order(nodes, {"a"}, {}), Names{"a"});
}

TEST(ExecutionOrder, FirstOfTwoNodesWithOneName)
{
    EXPECT_EQ(execution_order({{"a", {"b"}}, {"a", {"c"}}, {"b", {}}}, {"a"}, {}),
              (Names{"b", "a"}));
}

TEST(Cycle, OfTwo)
{
    const Error error = refusal({{"a", {"b"}}, {"b", {"a"}}}, {"b"});
    EXPECT_EQ(error.sqlstate, "55000");
    EXPECT_EQ(error.message, "migrations require each other: \"a\" requires \"b\" requires \"a\"");
    EXPECT_EQ(error.detail, "None of these 2 migrations can run before the others.");
    EXPECT_EQ(error.hint, "Remove one of these requirements.");
}

TEST(Cycle, WithItself)
{
    const Error error = refusal({{"v1_a", {"1"}}}, {"v1_a"});
    EXPECT_EQ(error.sqlstate, "55000");
    EXPECT_EQ(error.message, "migration \"v1_a\" requires itself");
    EXPECT_NE(error.hint, "");
}

TEST(Cycle, LeavesOutTheWayToIt)
{
    const Error error =
        refusal({{"x", {"y"}}, {"y", {"c"}}, {"a", {"b"}}, {"b", {"c"}}, {"c", {"a"}}}, {"x"});
    EXPECT_EQ(error.message,
              "migrations require each other: \"a\" requires \"b\" requires \"c\" requires \"a\"");
}

TEST(Cycle, BeginsTheSameWhereverItIsEntered)
{
    const std::vector<Node> nodes = {{"1", {"2"}}, {"2", {"3"}}, {"3", {"1"}}};
    EXPECT_EQ(refusal(nodes, {"2"}).message, refusal(nodes, {"1"}).message);
    EXPECT_EQ(refusal(nodes, {"3"}).message, refusal(nodes, {"1"}).message);
}

TEST(Cycle, OfManyIsCutInTheMiddle)
{
    std::vector<Node> nodes;
    for (int i = 0; i < 50000; i++)
        nodes.push_back({std::to_string(i), {std::to_string((i + 1) % 50000)}});
    const Error error = refusal(nodes, {"100"});
    EXPECT_EQ(error.message, "migrations require each other: \"0\" requires \"1\" requires \"2\" "
                             "requires \"3\" requires \"4\" requires ... requires \"49999\" "
                             "requires \"0\"");
    EXPECT_EQ(error.detail, "None of these 50000 migrations can run before the others.");
}

TEST(Cycle, ADiamondIsNone)
{
    const std::vector<Node> nodes = {{"a", {"b", "c"}}, {"b", {"d"}}, {"c", {"d"}}, {"d", {}}};
    EXPECT_EQ(execution_order(nodes, {"a"}, {}), (Names{"d", "b", "c", "a"}));
}

TEST(Missing, ARequirement)
{
    const Error error = refusal({{"a", {"v42_user"}}, {"v42_users", {}}, {"v43_users", {}}}, {"a"});
    EXPECT_EQ(error.sqlstate, "42704");
    EXPECT_EQ(error.message, "migration \"v42_user\", required by \"a\", does not exist");
    EXPECT_EQ(error.hint, "Perhaps you meant \"v42_users\".");
}

TEST(Missing, AWantedOne)
{
    const Error error = refusal({{"a", {}}}, {"something"});
    EXPECT_EQ(error.sqlstate, "42704");
    EXPECT_EQ(error.message, "migration \"something\" does not exist");
    EXPECT_EQ(error.hint, "Add the migration, or correct the name.");
}

TEST(Missing, NearestByCaseNumbersOrderOrNotAtAll)
{
    const std::vector<Node> nodes = {{"0042_Users", {}}, {"0051_a", {}}, {"init", {}}, {"b", {}}};
    EXPECT_EQ(refusal(nodes, {"0042_users"}).hint, "Perhaps you meant \"0042_Users\".");
    EXPECT_EQ(refusal(nodes, {"0042_something_else"}).hint, "Perhaps you meant \"0042_Users\".");
    EXPECT_EQ(refusal(nodes, {"inti"}).hint, "Add the migration, or correct the name.");
    EXPECT_EQ(refusal(nodes, {"int"}).hint, "Perhaps you meant \"init\".");
    EXPECT_EQ(refusal(nodes, {"c"}).hint, "Add the migration, or correct the name.");
    EXPECT_EQ(refusal(nodes, {""}).hint, "Add the migration, or correct the name.");
    EXPECT_EQ(refusal({}, {"c"}).hint, "Add the migration, or correct the name.");
    EXPECT_EQ(refusal({{"1_b", {}}, {"1_a", {}}}, {"1_c"}).hint, "Perhaps you meant \"1_a\".");
}

TEST(Missing, AHugeName)
{
    EXPECT_EQ(refusal({{"a", {}}}, {std::string(1000000, 'x')}).sqlstate, "42704");
    EXPECT_EQ(refusal({{std::string(1000000, 'x'), {}}}, {"xx"}).sqlstate, "42704");
}

TEST(Ambiguous, AShortForm)
{
    const Error error = refusal({{"v42_b", {}}, {"42_a", {}}, {"c", {"042"}}}, {"c"});
    EXPECT_EQ(error.sqlstate, "42704");
    EXPECT_EQ(error.message, "migration \"042\", required by \"c\", is ambiguous");
    EXPECT_EQ(error.detail, "It fits 2 migrations: \"42_a\", \"v42_b\".");
    EXPECT_EQ(error.hint, "Write the whole name.");
}

TEST(Ambiguous, ListsSomeOfMany)
{
    std::vector<Node> nodes;
    for (char c = 'a'; c <= 'z'; c++)
        nodes.push_back({std::string("1_") + c, {}});
    EXPECT_EQ(refusal(nodes, {"1"}).detail, "It fits 26 migrations: \"1_a\", \"1_b\", \"1_c\", "
                                            "\"1_d\", \"1_e\", \"1_f\", ...");
}

TEST(Dependents, DirectAndIndirect)
{
    const std::vector<Node> nodes = {
        {"1", {}}, {"10", {"2"}}, {"2", {"1"}}, {"3", {}}, {"9", {"1", "2"}}};
    EXPECT_EQ(dependents(nodes, "1"), (Names{"2", "9", "10"}));
    EXPECT_EQ(dependents(nodes, "2"), (Names{"9", "10"}));
    EXPECT_EQ(dependents(nodes, "3"), Names{});
}

TEST(Dependents, NeverFail)
{
    const std::vector<Node> nodes = {{"a", {"b", "nowhere"}}, {"b", {"a"}}, {"c", {"c"}}};
    EXPECT_EQ(dependents(nodes, "a"), Names{"b"});
    EXPECT_EQ(dependents(nodes, "c"), Names{});
    EXPECT_EQ(dependents(nodes, "nowhere"), (Names{"a", "b"}));
    EXPECT_EQ(dependents(nodes, "unheard of"), Names{});
    EXPECT_EQ(dependents({}, ""), Names{});
}

TEST(Dependents, ThroughShortForms)
{
    const std::vector<Node> nodes = {{"v42_x", {}}, {"a", {"42"}}, {"b", {"0042"}}};
    EXPECT_EQ(dependents(nodes, "v42_x"), (Names{"a", "b"}));
}

TEST(Dependents, AmbiguousShortFormsCountForAll)
{
    const std::vector<Node> nodes = {{"v42_x", {}}, {"v42_y", {}}, {"a", {"42"}}};
    EXPECT_EQ(dependents(nodes, "v42_x"), Names{"a"});
    EXPECT_EQ(dependents(nodes, "v42_y"), Names{"a"});
}

// Generous, because the sanitizers and a busy machine have their part in it.
class Large : public testing::Test
{
protected:
    ~Large() override { EXPECT_LT(std::clock() - begin_, 10 * CLOCKS_PER_SEC); }

private:
    const std::clock_t begin_ = std::clock(); // the work done, however busy the machine is
};

TEST_F(Large, AChain)
{
    const int count = 100000;
    std::vector<Node> nodes;
    for (int i = 0; i < count; i++)
        nodes.push_back({std::to_string(i), {}});
    for (int i = 0; i + 1 < count; i++)
        nodes[i].requires_names.push_back(std::to_string(i + 1));
    const Names order = execution_order(nodes, {"0"}, {});
    ASSERT_EQ(order.size(), nodes.size());
    EXPECT_EQ(order.front(), "99999");
    EXPECT_EQ(order.back(), "0");
    EXPECT_EQ(dependents(nodes, "99999").size(), nodes.size() - 1);
}

TEST_F(Large, ShortFormsEverywhere)
{
    std::vector<Node> nodes;
    Names wanted;
    for (int i = 0; i < 20000; i++) {
        nodes.push_back({"v" + std::to_string(i) + "_some_name", {}});
        if (i > 0)
            nodes.back().requires_names.push_back("0" + std::to_string(i - 1));
        wanted.push_back(std::to_string(i));
    }
    EXPECT_EQ(execution_order(nodes, wanted, {}).size(), nodes.size());
}

TEST_F(Large, RequirementsOfWhatIsDoneAreGone)
{
    std::vector<Node> nodes;
    Names wanted;
    std::set<std::string> done;
    for (int i = 0; i < 20000; i++) {
        nodes.push_back({"name" + std::to_string(i), {"gone", "1" + std::to_string(i)}});
        wanted.push_back(nodes.back().name);
        done.insert(nodes.back().name);
    }
    EXPECT_EQ(execution_order(nodes, wanted, done), Names{});
    EXPECT_EQ(dependents(nodes, "gone").size(), nodes.size());
}

TEST_F(Large, OneIsRequiredByAll)
{
    std::vector<Node> nodes = {{"base", {}}};
    Names wanted;
    for (int i = 0; i < 50000; i++) {
        nodes.push_back({"m" + std::to_string(i), {"base"}});
        wanted.push_back(nodes.back().name);
    }
    EXPECT_EQ(execution_order(nodes, wanted, {}).front(), "base");
    EXPECT_EQ(dependents(nodes, "base").size(), wanted.size());
}

TEST_F(Large, RandomGraphs)
{
    std::mt19937 random(3);
    std::vector<Node> nodes;
    Names wanted;
    for (int i = 0; i < 20000; i++) {
        nodes.push_back({std::to_string(i), {}});
        for (int edges = i == 0 ? 0 : random() % 4; edges > 0; edges--)
            nodes[i].requires_names.push_back(std::to_string(random() % i));
        wanted.push_back(std::to_string(i));
    }
    std::shuffle(nodes.begin(), nodes.end(), random);
    const Names order = execution_order(nodes, wanted, {});
    EXPECT_EQ(order, wanted); // every requirement has a smaller number
}

// Edges in any direction that a hidden order allows: each migration once, after its requirements.
TEST(ExecutionOrder, HoldsForRandomGraphs)
{
    std::mt19937 random(5);
    for (int round = 0; round < 300; round++) {
        Names hidden;
        for (int i = 0; i < 12; i++)
            hidden.push_back("v" + std::to_string(i));
        std::shuffle(hidden.begin(), hidden.end(), random);
        std::vector<Node> nodes;
        for (const std::string &name : hidden) {
            nodes.push_back({name, {}});
            for (std::size_t edges = random() % 3; edges > 0 && nodes.size() > 1; edges--)
                nodes.back().requires_names.push_back(hidden[random() % (nodes.size() - 1)]);
        }
        Names order = execution_order(nodes, hidden, {});
        const auto place = [&](const std::string &name) {
            return std::find(order.begin(), order.end(), name) - order.begin();
        };
        for (const Node &node : nodes) {
            for (const std::string &required : node.requires_names)
                ASSERT_LT(place(required), place(node.name));
            const Names required_by = dependents(nodes, node.name);
            const Names again = execution_order(nodes, required_by, {});
            for (const std::string &name : required_by)
                ASSERT_LT(place(node.name), place(name));
            ASSERT_EQ(std::count(again.begin(), again.end(), node.name),
                      required_by.empty() ? 0 : 1);
        }
        std::sort(order.begin(), order.end());
        std::sort(hidden.begin(), hidden.end());
        ASSERT_EQ(order, hidden);
    }
}

} // namespace
} // namespace migrate
