// Which bodies end transactions: each that really does must be seen, for its CALL has to stand alone.
// SPDX-License-Identifier: PostgreSQL
#include "core/procedure.h"

#include <gtest/gtest.h>

namespace migrate {
namespace {

TEST(BodyCommits, Plain)
{
    EXPECT_TRUE(body_commits("BEGIN COMMIT; END"));
    EXPECT_TRUE(body_commits("BEGIN ROLLBACK; END"));
    EXPECT_TRUE(body_commits("begin commit ; end"));
    EXPECT_TRUE(body_commits("BEGIN\n  INSERT INTO t VALUES (1);\n  Commit;\nEND"));
    EXPECT_TRUE(body_commits("\nBEGIN\n\tCOMMIT\n\t;\nEND;\n"));
}

TEST(BodyCommits, LongForms)
{
    EXPECT_TRUE(body_commits("BEGIN COMMIT AND CHAIN; END"));
    EXPECT_TRUE(body_commits("BEGIN COMMIT AND NO CHAIN; END"));
    EXPECT_TRUE(body_commits("BEGIN ROLLBACK AND CHAIN; END"));
    EXPECT_TRUE(body_commits("BEGIN COMMIT WORK; END"));
    EXPECT_TRUE(body_commits("BEGIN COMMIT WORK AND CHAIN; END"));
    EXPECT_TRUE(body_commits("BEGIN commit\n  and\n  chain; END"));
}

TEST(BodyCommits, InsideOfControlStructures)
{
    EXPECT_TRUE(body_commits("BEGIN IF done THEN COMMIT; END IF; END"));
    EXPECT_TRUE(body_commits("BEGIN IF a THEN NULL; ELSE ROLLBACK; END IF; END"));
    EXPECT_TRUE(body_commits("BEGIN LOOP EXIT WHEN x; COMMIT; END LOOP; END"));
    EXPECT_TRUE(body_commits("BEGIN FOR r IN SELECT 1 LOOP COMMIT; END LOOP; END"));
    EXPECT_TRUE(body_commits("<<outer>> BEGIN BEGIN COMMIT; END; END outer"));
    EXPECT_TRUE(body_commits("DECLARE n int; BEGIN CASE n WHEN 1 THEN COMMIT; END CASE; END"));
}

TEST(BodyCommits, WordsThatOnlyLookAlike)
{
    EXPECT_FALSE(body_commits(""));
    EXPECT_FALSE(body_commits(";;;"));
    EXPECT_FALSE(body_commits("BEGIN NULL; END"));
    EXPECT_FALSE(body_commits("BEGIN CREATE TEMP TABLE t (a int) ON COMMIT DROP; END"));
    EXPECT_FALSE(body_commits("BEGIN CREATE TEMP TABLE t (a int) ON COMMIT DELETE ROWS; END"));
    EXPECT_FALSE(body_commits("BEGIN CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 1; END"));
    EXPECT_FALSE(body_commits("BEGIN ROLLBACK TO s; END"));
    EXPECT_FALSE(body_commits("BEGIN ROLLBACK TO SAVEPOINT s; END"));
    EXPECT_FALSE(body_commits("BEGIN COMMIT PREPARED x; END"));
    EXPECT_FALSE(body_commits("BEGIN commits := 1; precommit(); my_commit(); commit_all(); END"));
    EXPECT_FALSE(body_commits("BEGIN PERFORM commit(1); END"));
    EXPECT_FALSE(body_commits("BEGIN commit := true; END"));
}

TEST(BodyCommits, CommentsAndStrings)
{
    EXPECT_FALSE(body_commits("BEGIN -- never COMMIT;\n NULL; END"));
    EXPECT_FALSE(body_commits("BEGIN /* COMMIT; */ NULL; END"));
    EXPECT_FALSE(body_commits("BEGIN /* a /* b */ COMMIT; */ NULL; END"));
    EXPECT_FALSE(body_commits("BEGIN RAISE NOTICE 'COMMIT;'; END"));
    EXPECT_FALSE(body_commits("BEGIN RAISE NOTICE 'it''s ROLLBACK;'; END"));
    EXPECT_FALSE(body_commits("BEGIN PERFORM $q$ COMMIT; $q$; END"));
    EXPECT_FALSE(body_commits("BEGIN PERFORM \"COMMIT;\"(); END"));
}

TEST(BodyCommits, BehindCommentsAndStrings)
{
    EXPECT_TRUE(body_commits("BEGIN -- now\n COMMIT; END"));
    EXPECT_TRUE(body_commits("BEGIN /* now */ COMMIT; END"));
    EXPECT_TRUE(body_commits("BEGIN COMMIT -- the batch\n; END"));
    EXPECT_TRUE(body_commits("BEGIN COMMIT /* the batch */; END"));
    EXPECT_TRUE(body_commits("BEGIN RAISE NOTICE 'a--b'; COMMIT; END"));
    EXPECT_TRUE(body_commits("BEGIN RAISE NOTICE 'don''t /*'; COMMIT; END"));
    EXPECT_TRUE(body_commits("BEGIN PERFORM $q$ ' $q$; COMMIT; END"));
    EXPECT_TRUE(body_commits("BEGIN -- don't\n COMMIT; END"));
    EXPECT_TRUE(body_commits("BEGIN PERFORM E'\\''; COMMIT; END"));
}

TEST(BodyCommits, BodiesWithin)
{
    EXPECT_TRUE(body_commits("BEGIN DO $$ BEGIN COMMIT; END $$; END"));
    EXPECT_TRUE(body_commits("BEGIN DO LANGUAGE plpgsql $x$ BEGIN COMMIT; END $x$; END"));
    EXPECT_TRUE(body_commits("BEGIN DO 'BEGIN RAISE NOTICE ''a''; COMMIT; END'; END"));
    EXPECT_FALSE(body_commits("BEGIN DO $$ BEGIN PERFORM 'COMMIT;'; END $$; END"));
    EXPECT_TRUE(body_commits("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$BEGIN COMMIT; END$$"));
    EXPECT_TRUE(body_commits("CREATE PROCEDURE p() AS 'BEGIN COMMIT; END' LANGUAGE plpgsql"));
    EXPECT_TRUE(body_commits("CREATE PROCEDURE p() AS E'BEGIN\\nCOMMIT; END' LANGUAGE plpgsql"));
    EXPECT_FALSE(
        body_commits("CREATE PROCEDURE p() AS $a$BEGIN PERFORM $b$ ; COMMIT; $b$; END$a$"));
}

TEST(BodyCommits, DollarSigns)
{
    EXPECT_TRUE(body_commits("BEGIN PERFORM $1; COMMIT; PERFORM $1; END"));
    EXPECT_TRUE(body_commits("BEGIN PERFORM a$b$; COMMIT; PERFORM a$b$; END"));
    EXPECT_FALSE(body_commits("BEGIN PERFORM $$COMMIT;$$; END"));
}

TEST(BodyCommits, TextsThatDoNotEnd)
{
    for (const char *rest : {"'", "\"", "$$", "$a$", "/*", "/* /* */", "--", "$", "E'\\", "'a''"})
        EXPECT_TRUE(body_commits(std::string("BEGIN COMMIT; ") + rest)) << rest;
    for (const char *rest : {"'", "\"", "$$", "$a$", "/*", "--", "E'"})
        EXPECT_FALSE(body_commits(std::string(rest) + " COMMIT;")) << rest;
}

TEST(BodyCalls, OnlyTheStatement)
{
    EXPECT_TRUE(body_calls("BEGIN CALL p(); END"));
    EXPECT_TRUE(body_calls("BEGIN\n  call s.p(1);\nEND"));
    EXPECT_TRUE(body_calls("BEGIN IF x THEN CALL p(); END IF; END"));
    EXPECT_FALSE(body_calls(""));
    EXPECT_FALSE(body_calls("BEGIN PERFORM f(); END"));
    EXPECT_FALSE(body_calls("BEGIN recall(); call_me(); calls := 1; END"));
    EXPECT_FALSE(body_calls("BEGIN -- CALL p();\n NULL; END"));
    EXPECT_FALSE(body_calls("BEGIN RAISE NOTICE 'CALL p();'; END"));
}

} // namespace
} // namespace migrate
