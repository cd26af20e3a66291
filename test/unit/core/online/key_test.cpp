// Unique constraints and primary keys, new columns and partitions, with the text of each part.
// SPDX-License-Identifier: PostgreSQL
#include <algorithm>

#include "cases.h"

namespace migrate::online {
namespace {

TEST(OnlineKey, IsBuiltAsAnIndex)
{
    const std::vector<Part> found = parts(alter_table({key()}));
    EXPECT_EQ(texts(found),
              (Texts{"CREATE UNIQUE INDEX CONCURRENTLY orders_code_key ON public.orders (code)",
                     "ALTER TABLE public.orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX "
                     "orders_code_key"}));
    EXPECT_EQ(found[0].undo, Texts{"DROP INDEX CONCURRENTLY IF EXISTS public.orders_code_key"});
    EXPECT_EQ(found[0].bad_rows, "SELECT code, count(*) FROM public.orders WHERE code IS NOT NULL "
                                 "GROUP BY code HAVING count(*) > 1");
}

TEST(OnlineKey, KeepsAllThatIsWritten)
{
    Action action = key();
    action.name = "Codes";
    action.chosen_name.clear();
    action.definition = "(code) INCLUDE (day) NULLS NOT DISTINCT WITH (fillfactor = 70)";
    action.value = "Fast";
    action.deferrable = action.initially_deferred = true;
    EXPECT_EQ(runs(alter_table({action})),
              (Texts{"CREATE UNIQUE INDEX CONCURRENTLY \"Codes\" ON public.orders (code) INCLUDE "
                     "(day) NULLS NOT DISTINCT WITH (fillfactor = 70) TABLESPACE \"Fast\"",
                     "ALTER TABLE public.orders ADD CONSTRAINT \"Codes\" UNIQUE USING INDEX "
                     "\"Codes\" DEFERRABLE INITIALLY DEFERRED"}));
}

TEST(OnlineKey, APrimaryKeyProvesNotNullFirst)
{
    Action action = key(add_primary_key);
    action.nullable_columns = {"code"};
    const std::string helper = helper_name("not_null", table(), "code");
    EXPECT_EQ(runs(alter_table({action})),
              (Texts{"ALTER TABLE public.orders ADD CONSTRAINT " + helper +
                         " CHECK (code IS NOT NULL) NOT VALID",
                     "ALTER TABLE public.orders VALIDATE CONSTRAINT " + helper,
                     "CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON public.orders (code)",
                     "ALTER TABLE public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX "
                     "orders_pkey | ALTER TABLE public.orders DROP CONSTRAINT " +
                         helper}));
    action.nullable_columns.clear();
    EXPECT_EQ(runs(alter_table({action})),
              (Texts{"CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON public.orders (code)",
                     "ALTER TABLE public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX "
                     "orders_pkey"}));
}

TEST(OnlineKey, OfAPartitionedTableGoesThroughItsLeaves)
{
    EXPECT_EQ(runs(alter_table({key(add_unique, partitioned())})),
              (Texts{"CREATE UNIQUE INDEX CONCURRENTLY orders_1_key ON public.orders_1 (code)",
                     "ALTER TABLE public.orders_1 ADD CONSTRAINT orders_1_key UNIQUE USING INDEX "
                     "orders_1_key",
                     "CREATE UNIQUE INDEX CONCURRENTLY orders_2_key ON public.orders_2 (code)",
                     "ALTER TABLE public.orders_2 ADD CONSTRAINT orders_2_key UNIQUE USING INDEX "
                     "orders_2_key",
                     "ALTER TABLE public.orders ADD UNIQUE (code)"}));
    // From 18 on the table's own NOT NULL gives the partitions' its name.
    Action primary = key(add_primary_key, partitioned());
    primary.nullable_columns = {"code"};
    const Texts of_18 = runs(alter_table({primary}), Mode::automatic, facts(true));
    EXPECT_EQ(std::count_if(of_18.begin(), of_18.end(),
                            [](const std::string &text) {
                                return text.find("SET NOT NULL") != std::string::npos;
                            }),
              1);
    EXPECT_NE(of_18.at(2).find("ALTER TABLE public.orders ALTER COLUMN code SET NOT NULL"),
              std::string::npos);
    Action only = key(add_unique, partitioned());
    only.only = true;
    EXPECT_EQ(runs(alter_table({only}), Mode::always), Texts{});
}

TEST(OnlineKey, Exceptions)
{
    Action exclusion = key(add_exclusion), used = key(), overlaps = key(), unnamed = key(),
           there = key();
    used.using_index = true;
    overlaps.without_overlaps = true;
    unnamed.chosen_name.clear();
    there.already_so = true;
    for (const Action &action : {exclusion, used, overlaps, unnamed, there})
        EXPECT_EQ(runs(alter_table({action}), Mode::always), Texts{});
}

TEST(OnlineColumn, IsFilledInBatches)
{
    EXPECT_EQ(
        runs(alter_table({volatile_column()})),
        (Texts{"ALTER TABLE public.orders ADD COLUMN token uuid, ALTER COLUMN token SET "
               "DEFAULT gen_random_uuid()",
               "in batches: UPDATE public.orders SET token = gen_random_uuid() WHERE token IS "
               "NULL"}));
    Action required = volatile_column();
    required.not_null = required.if_exists = true;
    const std::string helper = helper_name("not_null", table(), "token");
    EXPECT_EQ(
        runs(alter_table({required})),
        (Texts{"ALTER TABLE public.orders ADD COLUMN IF NOT EXISTS token uuid, ALTER COLUMN "
               "token SET DEFAULT gen_random_uuid()",
               "in batches: UPDATE public.orders SET token = gen_random_uuid() WHERE token IS "
               "NULL",
               "ALTER TABLE public.orders ADD CONSTRAINT " + helper +
                   " CHECK (token IS NOT NULL) NOT VALID",
               "ALTER TABLE public.orders VALIDATE CONSTRAINT " + helper,
               "ALTER TABLE public.orders ALTER COLUMN token SET NOT NULL | ALTER TABLE "
               "public.orders DROP CONSTRAINT " +
                   helper}));
}

TEST(OnlineColumn, GetsItsConstraintsAfterwards)
{
    Action check = of(add_check, "CHECK (token <> '')");
    check.constraint_of_column = true;
    check.condition = "token <> ''";
    check.chosen_name = "orders_token_check";
    Action unique = key();
    unique.constraint_of_column = true;
    unique.columns = {"token"};
    unique.definition = "(token)";
    unique.chosen_name = "orders_token_key";
    EXPECT_EQ(
        runs(alter_table({volatile_column(), check, unique})),
        (Texts{"ALTER TABLE public.orders ADD COLUMN token uuid, ALTER COLUMN token SET "
               "DEFAULT gen_random_uuid(), ADD CONSTRAINT orders_token_check CHECK (token <> "
               "'') NOT VALID",
               "in batches: UPDATE public.orders SET token = gen_random_uuid() WHERE token IS "
               "NULL",
               "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_token_check",
               "CREATE UNIQUE INDEX CONCURRENTLY orders_token_key ON public.orders (token)",
               "ALTER TABLE public.orders ADD CONSTRAINT orders_token_key UNIQUE USING INDEX "
               "orders_token_key"}));
}

TEST(OnlineColumn, WithAConstantAndAForeignKey)
{
    Action shop = column("shop integer");
    shop.default_kind = DefaultKind::constant;
    shop.default_text = "1";
    Action reference = foreign_key();
    reference.constraint_of_column = true;
    reference.columns = {"shop"};
    reference.chosen_name = "orders_shop_fkey";
    reference.definition = "REFERENCES shops";
    EXPECT_EQ(runs(alter_table({shop, reference})),
              (Texts{"ALTER TABLE public.orders ADD COLUMN shop integer DEFAULT 1, ADD CONSTRAINT "
                     "orders_shop_fkey FOREIGN KEY (shop) REFERENCES shops NOT VALID",
                     "ALTER TABLE public.orders VALIDATE CONSTRAINT orders_shop_fkey"}));
    // Without a value there is nothing to prove.
    shop.default_kind = DefaultKind::none;
    shop.default_text.clear();
    EXPECT_EQ(runs(alter_table({shop, reference}), Mode::always), Texts{});
}

TEST(OnlineColumn, ASerialOneGetsItsSequenceFirst)
{
    Action serial = column("number serial");
    serial.serial = serial.not_null = serial.owned = true;
    serial.default_kind = DefaultKind::volatile_;
    serial.type = "integer";
    serial.sequence = "public.orders_number_seq";
    serial.sequence_literal = "'public.orders_number_seq'";
    const Texts found = runs(alter_table({serial}));
    ASSERT_EQ(found.size(), 5u);
    EXPECT_EQ(found[0],
              "CREATE SEQUENCE public.orders_number_seq AS integer | ALTER TABLE public.orders ADD "
              "COLUMN number integer, ALTER COLUMN number SET DEFAULT "
              "nextval('public.orders_number_seq'::regclass) | ALTER SEQUENCE "
              "public.orders_number_seq OWNED BY public.orders.number");
    EXPECT_EQ(found[1], "in batches: UPDATE public.orders SET number = "
                        "nextval('public.orders_number_seq'::regclass) WHERE number IS NULL");
    serial.owned = false; // the sequence would belong to another role than the table
    EXPECT_EQ(runs(alter_table({serial}), Mode::always), Texts{});
}

TEST(OnlineColumn, Exceptions)
{
    Action stored = volatile_column(), identity = volatile_column(), there = volatile_column(),
           of_domain = volatile_column(), constant = volatile_column();
    stored.stored = true;
    identity.identity = true;
    there.already_so = true;
    of_domain.default_text.clear();
    constant.default_kind = DefaultKind::constant;
    for (const Action &action : {stored, identity, there, of_domain, constant})
        EXPECT_EQ(runs(alter_table({action}), Mode::always), Texts{});
}

TEST(OnlineTable, CommandsThatDoNotBlockStayTogether)
{
    EXPECT_EQ(runs(alter_table({column("note text"), check(), set_not_null_of("day")})).size(), 4u);
    const Texts found = runs(alter_table({column("note text"), check()}));
    EXPECT_EQ(found, (Texts{"ALTER TABLE public.orders ADD COLUMN note text, ADD CONSTRAINT "
                            "positive CHECK (total > 0) NOT VALID",
                            "ALTER TABLE public.orders VALIDATE CONSTRAINT positive"}));
}

TEST(OnlineTable, AnotherTypeIsLeftAlone)
{
    Action type = of(alter_type, "ALTER COLUMN id TYPE bigint");
    type.name = "id";
    EXPECT_EQ(runs(alter_table({type}), Mode::always), Texts{});
}

Action attach()
{
    Action action =
        of(attach_partition, "ATTACH PARTITION orders_3 FOR VALUES IN (3)", partitioned());
    action.partition = table("orders_3");
    action.condition = "part = 3";
    return action;
}

TEST(OnlinePartition, IsAttachedWithAProof)
{
    const std::string helper = helper_name("attach", table("orders_3"), "");
    const std::vector<Part> found = parts(alter_table({attach()}));
    EXPECT_EQ(
        texts(found),
        (Texts{"ALTER TABLE public.orders_3 ADD CONSTRAINT " + helper +
                   " CHECK (part = 3) NOT VALID",
               "ALTER TABLE public.orders_3 VALIDATE CONSTRAINT " + helper,
               "ALTER TABLE public.orders ATTACH PARTITION orders_3 FOR VALUES IN (3) | ALTER "
               "TABLE public.orders_3 DROP CONSTRAINT " +
                   helper}));
    EXPECT_EQ(found[1].bad_rows, "SELECT id FROM public.orders_3 WHERE NOT (part = 3)");
}

TEST(OnlinePartition, ProvesForTheDefaultPartitionToo)
{
    Action action = attach();
    action.proven = true;
    action.referenced = table("orders_rest");
    action.default_text = "part <> 3";
    const std::string helper = helper_name("default", table("orders_rest"), "");
    EXPECT_EQ(
        runs(alter_table({action})),
        (Texts{"ALTER TABLE public.orders_rest ADD CONSTRAINT " + helper +
                   " CHECK (part <> 3) NOT VALID",
               "ALTER TABLE public.orders_rest VALIDATE CONSTRAINT " + helper,
               "ALTER TABLE public.orders ATTACH PARTITION orders_3 FOR VALUES IN (3) | ALTER "
               "TABLE public.orders_rest DROP CONSTRAINT " +
                   helper}));
    action.default_proven = true;
    EXPECT_EQ(runs(alter_table({action}), Mode::always), Texts{});
}

TEST(OnlinePartition, IsDetachedConcurrently)
{
    Action action = of(detach_partition, "DETACH PARTITION orders_1", partitioned());
    action.partition = table("orders_1");
    EXPECT_EQ(runs(alter_table({action}), Mode::always), Texts{}); // it is none
    action.partition.is_partition = true;
    const std::vector<Part> found = parts(alter_table({action}));
    EXPECT_EQ(
        found.at(0).undo,
        Texts{"ALTER TABLE public.orders ATTACH PARTITION public.orders_1 FOR VALUES IN (1)"});
    EXPECT_EQ(texts(found),
              Texts{"ALTER TABLE public.orders DETACH PARTITION orders_1 CONCURRENTLY"});
    action.chosen_name = "orders_1_part_check";
    EXPECT_EQ(parts(alter_table({action})).at(0).undo.at(1),
              "ALTER TABLE public.orders_1 DROP CONSTRAINT IF EXISTS orders_1_part_check");
    EXPECT_EQ(runs(alter_table({action})),
              (Texts{"ALTER TABLE public.orders DETACH PARTITION orders_1 CONCURRENTLY",
                     "ALTER TABLE public.orders_1 DROP CONSTRAINT orders_1_part_check"}));
    for (bool Action::*exception :
         {&Action::concurrently, &Action::has_default_partition, &Action::is_finalize}) {
        Action other = action;
        other.*exception = true;
        EXPECT_EQ(runs(alter_table({other}), Mode::always), Texts{});
    }
}

} // namespace
} // namespace migrate::online
