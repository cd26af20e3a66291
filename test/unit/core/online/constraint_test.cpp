// Checks, foreign keys and NOT NULL, with the text of each part.
// SPDX-License-Identifier: PostgreSQL
#include "cases.h"

namespace migrate::online {
namespace {

TEST(OnlineConstraint, CheckIsValidatedLater)
{
    const std::vector<Part> found = parts(alter_table({check()}));
    EXPECT_EQ(
        texts(found),
        (Texts{"ALTER TABLE public.orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID",
               "ALTER TABLE public.orders VALIDATE CONSTRAINT positive"}));
    EXPECT_EQ(found[1].bad_rows, "SELECT id FROM public.orders WHERE NOT (total > 0)");
}

TEST(OnlineConstraint, UnnamedOnesGetTheNameThatTheyWouldHave)
{
    Action action = check();
    action.text = "ADD CHECK (total > 0)";
    action.name.clear();
    action.chosen_name = "Orders_check";
    action.only = true;
    EXPECT_EQ(
        runs(alter_table({action})),
        (Texts{"ALTER TABLE ONLY public.orders ADD CONSTRAINT \"Orders_check\" CHECK (total > "
               "0) NOT VALID",
               "ALTER TABLE ONLY public.orders VALIDATE CONSTRAINT \"Orders_check\""}));
}

TEST(OnlineConstraint, IsLeftAloneIfItIsNotValidAnyway)
{
    Action action = check(), key = foreign_key();
    action.not_valid = key.not_valid = true;
    EXPECT_EQ(runs(alter_table({action}), Mode::always), Texts{});
    EXPECT_EQ(runs(alter_table({key}), Mode::always), Texts{});
}

TEST(OnlineConstraint, ForeignKeyIsValidatedLater)
{
    const std::vector<Part> found = parts(alter_table({foreign_key()}));
    EXPECT_EQ(texts(found),
              (Texts{"ALTER TABLE public.orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY "
                     "(customer) REFERENCES customers NOT VALID",
                     "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_customer_fkey"}));
    EXPECT_EQ(found[1].bad_rows,
              "SELECT id FROM public.orders WHERE customer IS NOT NULL AND NOT EXISTS (SELECT FROM "
              "public.customers AS migrate_target WHERE migrate_target.id = "
              "public.orders.customer)");
}

TEST(OnlineConstraint, ForeignKeyOfAPartitionedTableGoesThroughItsLeaves)
{
    const Action action = foreign_key(partitioned());
    const std::vector<Part> found = parts(alter_table({action}));
    const auto added = [](const std::string &name) {
        return " ADD CONSTRAINT " + name + " FOREIGN KEY (customer) REFERENCES customers";
    };
    const std::string own = added("orders_customer_fkey");
    EXPECT_EQ(texts(found),
              (Texts{"ALTER TABLE public.orders_1" + added("orders_1_key") + " NOT VALID",
                     "ALTER TABLE public.orders_1 VALIDATE CONSTRAINT orders_1_key",
                     "ALTER TABLE public.orders_2" + added("orders_2_key") + " NOT VALID",
                     "ALTER TABLE public.orders_2 VALIDATE CONSTRAINT orders_2_key",
                     "ALTER TABLE public.orders" + own}));
    EXPECT_EQ(found[0].undo,
              Texts{"ALTER TABLE public.orders_1 DROP CONSTRAINT IF EXISTS orders_1_key"});
    EXPECT_EQ(runs(alter_table({action}), Mode::automatic, facts(true)),
              (Texts{"ALTER TABLE public.orders" + own + " NOT VALID",
                     "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_customer_fkey"}));
    Action self = action;
    self.referenced = self.relation;
    EXPECT_EQ(runs(alter_table({self}), Mode::always), Texts{});
    Action only = action;
    only.only = true;
    EXPECT_EQ(runs(alter_table({only}), Mode::always), Texts{});
}

TEST(OnlineConstraint, ForeignKeyToAPartitionedTableIsProvenWithItBefore18)
{
    Action action = foreign_key();
    action.referenced.kind = RelationKind::partitioned_table;
    EXPECT_EQ(runs(alter_table({action}), Mode::always), Texts{});
    EXPECT_EQ(runs(alter_table({action}), Mode::automatic, facts(true)).size(), 2U);
}

const std::string helper = helper_name("not_null", table(), "day");

TEST(OnlineNotNull, IsProvenByACheck)
{
    const std::vector<Part> found = parts(alter_table({set_not_null_of("day")}));
    EXPECT_EQ(texts(found),
              (Texts{"ALTER TABLE public.orders ADD CONSTRAINT " + helper +
                         " CHECK (day IS NOT NULL) NOT VALID",
                     "ALTER TABLE public.orders VALIDATE CONSTRAINT " + helper,
                     "ALTER TABLE public.orders ALTER COLUMN day SET NOT NULL | ALTER TABLE "
                     "public.orders DROP CONSTRAINT " +
                         helper}));
    EXPECT_EQ(found[0].undo,
              Texts{"ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS " + helper});
    EXPECT_EQ(found[1].bad_rows, "SELECT id FROM public.orders WHERE day IS NULL");
}

TEST(OnlineNotNull, IsAConstraintFrom18On)
{
    EXPECT_EQ(
        runs(alter_table({set_not_null_of("day")}), Mode::automatic, facts(true)),
        (Texts{
            "ALTER TABLE public.orders ADD CONSTRAINT orders_day_not_null NOT NULL day NOT VALID",
            "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_day_not_null"}));
    Action written = of(add_not_null, "ADD CONSTRAINT filled NOT NULL day");
    written.name = "filled";
    written.columns = {"day"};
    EXPECT_EQ(runs(alter_table({written}), Mode::automatic, facts(true)),
              (Texts{"ALTER TABLE public.orders ADD CONSTRAINT filled NOT NULL day NOT VALID",
                     "ALTER TABLE public.orders VALIDATE CONSTRAINT filled"}));
}

TEST(OnlineNotNull, IsLeftAloneIfItIsProven)
{
    Action proven = set_not_null_of("day"), there = proven;
    proven.proven = true;
    there.already_so = true;
    EXPECT_EQ(runs(alter_table({proven}), Mode::always), Texts{});
    EXPECT_EQ(runs(alter_table({there}), Mode::always), Texts{});
}

} // namespace
} // namespace migrate::online
