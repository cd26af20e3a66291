-- needs MIGRATE_TESTING
-- Where PostgreSQL's errors and C++ exceptions meet: nothing is lost on either way, and nothing is left over.
CREATE FUNCTION throw(kind text) RETURNS text LANGUAGE c AS '$libdir/migrate', 'migrate_test_throw';
CREATE FUNCTION attempt(sql text) RETURNS text LANGUAGE c AS '$libdir/migrate', 'migrate_test_attempt';
CREATE FUNCTION again(sql text) RETURNS text LANGUAGE c AS '$libdir/migrate', 'migrate_test_again';
CREATE FUNCTION attempt_throw(kind text) RETURNS text LANGUAGE c AS '$libdir/migrate', 'migrate_test_attempt_throw';
CREATE FUNCTION cancel() RETURNS text LANGUAGE c AS '$libdir/migrate', 'migrate_test_cancel';
CREATE FUNCTION left_over() RETURNS text LANGUAGE c AS '$libdir/migrate', 'migrate_test_left_over';
CREATE FUNCTION resident() RETURNS bigint LANGUAGE c AS '$libdir/migrate', 'migrate_test_resident';
CREATE TABLE t (a int CONSTRAINT positive CHECK (a > 0), b varchar(3));

-- exceptions of every kind become errors
SELECT throw('full');
\echo :LAST_ERROR_SQLSTATE
SELECT throw('position');
\echo :LAST_ERROR_SQLSTATE
SELECT throw('plain');
\echo :LAST_ERROR_SQLSTATE
SELECT throw('bad_alloc');
\echo :LAST_ERROR_SQLSTATE
SELECT throw('length');
\echo :LAST_ERROR_SQLSTATE
SELECT throw('int');
\echo :LAST_ERROR_SQLSTATE
SELECT throw('server');
\echo :LAST_ERROR_SQLSTATE
SELECT throw('deep');
\echo :LAST_ERROR_SQLSTATE
SELECT left_over();
DO $$
DECLARE f text[]; g text[];
BEGIN
    PERFORM throw('full');
EXCEPTION WHEN OTHERS THEN
    DECLARE s text; m text; d text; h text; n text; t text; c text; y text; k text;
    BEGIN
        GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT,
            n = SCHEMA_NAME, t = TABLE_NAME, c = COLUMN_NAME, y = PG_DATATYPE_NAME, k = CONSTRAINT_NAME;
        RAISE NOTICE '%|%|%|%|%|%|%|%|%', s, m, d, h, n, t, c, y, k;
    END;
END $$;
DO $$
BEGIN
    PERFORM throw('long');
EXCEPTION WHEN program_limit_exceeded THEN
    RAISE NOTICE '%', length(SQLERRM);
END $$;

-- errors of the server become values, with everything they carry
SELECT attempt('SELECT 1');
SELECT attempt('SELECT 1 / 0');
SELECT attempt('SELECT nothing');
SELECT attempt('SELEC 1');
SELECT attempt('INSERT INTO public.t VALUES (-1)');
SELECT attempt('INSERT INTO public.t VALUES (1, ''long text'')');
SELECT attempt($a$DO $b$ BEGIN RAISE 'm' USING DETAIL = 'd', HINT = 'h', ERRCODE = 'ABCDE', SCHEMA = 's', TABLE = 't', COLUMN = 'c', DATATYPE = 'y', CONSTRAINT = 'k'; END $b$$a$);
SELECT attempt('SELECT public.throw(''full'')');
SELECT attempt('SELECT public.attempt(''SELECT 1 / 0'')');
SELECT attempt_throw(kind) FROM unnest('{full,position,plain,server,deep}'::text[]) AS kind;
-- what is no error of ours goes on its way, and the subtransaction is ended all the same
SELECT attempt_throw('bad_alloc');
SELECT attempt_throw('length');
SELECT attempt_throw('int');
SELECT left_over();
-- an error undoes what was done before it in its subtransaction, and nothing else
BEGIN;
INSERT INTO t VALUES (1);
SELECT attempt('INSERT INTO public.t VALUES (2), (-2)');
SELECT attempt('INSERT INTO public.t VALUES (3)');
COMMIT;
SELECT a FROM t;

-- and errors again
SELECT again('SELECT nothing');
\echo :LAST_ERROR_SQLSTATE
SELECT again('INSERT INTO public.t VALUES (-1)');
\echo :LAST_ERROR_SQLSTATE
SELECT again($a$DO $b$ BEGIN RAISE 'm' USING DETAIL = 'd', HINT = 'h', ERRCODE = 'ABCDE'; END $b$$a$);
\echo :LAST_ERROR_SQLSTATE
SELECT again('SELECT public.throw(''full'')');
\echo :LAST_ERROR_SQLSTATE
SELECT left_over();

-- a cancel inside of a subtransaction cancels the statement, and the session goes on
SELECT cancel();
\echo :LAST_ERROR_SQLSTATE
SELECT left_over();
BEGIN;
SELECT cancel();
SELECT 1;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT cancel();
ROLLBACK TO SAVEPOINT s;
SELECT attempt('SELECT 1 / 0');
COMMIT;
SELECT left_over();

-- 20,000 errors, caught on either side: no memory stays
CREATE PROCEDURE errors(n int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..n LOOP
        BEGIN
            PERFORM throw((ARRAY['full', 'plain', 'server', 'length', 'int'])[1 + i % 5]);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        PERFORM attempt_throw((ARRAY['full', 'plain', 'server', 'deep'])[1 + i % 4]);
        COMMIT;
    END LOOP;
END $$;
CALL errors(2000);
SELECT resident() AS before \gset
CALL errors(20000);
SELECT resident() - :before < 4000 AS flat;
SELECT left_over();

DROP PROCEDURE errors;
DROP TABLE t;
DROP FUNCTION throw, attempt, again, attempt_throw, cancel, left_over, resident;
