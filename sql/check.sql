-- The checklist before a deployment: what each point says, for what reason, and what is left lying around.
-- Names of constraints that are made up by the server are left alone; no sizes, no times.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
SET migrate.small_table = 0;
SET migrate.online = off;
\pset null '(null)'
CREATE TABLE users (id int PRIMARY KEY, name text, email text);
INSERT INTO users SELECT i, 'n' || i, 'e' || i FROM generate_series(1, 100) i;
CREATE TABLE big AS SELECT i FROM generate_series(1, 20000) i;
ANALYZE users, big;
CREATE TABLE empty (a int);
-- only points that are not ok
CREATE FUNCTION bad(target text DEFAULT NULL) RETURNS TABLE (point text, result text, evidence text) LANGUAGE sql AS
    $$SELECT * FROM migrate.check(target) WHERE result <> 'ok'$$;

-- nothing is pending
SELECT * FROM migrate.check();
SELECT pg_get_function_result('migrate.check'::regproc);

-- nothing speaks against it
SELECT migrate.add('c01', 'CREATE TABLE fresh (a int); ALTER TABLE empty ADD b int; CREATE INDEX CONCURRENTLY users_name ON users (name);',
                   'DROP TABLE fresh; ALTER TABLE empty DROP b; DROP INDEX CONCURRENTLY users_name');
SELECT * FROM migrate.check();
SELECT migrate.remove('c01');

-- old code
SELECT migrate.add('c02', E'-- migrate:allow ban-drop-column nobody reads it\nALTER TABLE users DROP name;\nALTER TABLE users RENAME email TO mail;\nALTER TABLE users ALTER mail SET NOT NULL;\nDO ''BEGIN END'';',
                   '-- nothing');
SELECT point, result, evidence FROM bad() WHERE point ~ 'old code';
SELECT migrate.remove('c02');
-- accepted: not failed
SELECT migrate.add('c03', E'-- migrate:allow ban-drop-column nobody reads it\nALTER TABLE users DROP name;', '-- nothing');
SELECT point, result, evidence FROM bad() WHERE point ~ 'old code|dangerous';
SELECT migrate.remove('c03');
-- another rule's allow does not accept it
SELECT migrate.add('c03', E'-- migrate:allow table-rewrite because\nALTER TABLE users DROP name;', '-- nothing');
SELECT point, result, evidence FROM bad() WHERE point ~ 'old code|dangerous';
SELECT migrate.remove('c03');

-- indexes: a table of some pages is locked for a moment only; online it is not at all
SELECT migrate.add('c04', 'CREATE INDEX users_name ON users (name);', 'DROP INDEX users_name;');
SELECT result, regexp_replace(evidence, 'for .*', 'for ...') FROM migrate.check() WHERE point ~ 'indexes';
SET migrate.online = auto;
SELECT result, evidence FROM migrate.check() WHERE point ~ 'indexes';
SET migrate.small_table = '1MB';
SELECT result, evidence FROM migrate.check() WHERE point ~ 'indexes';
SET migrate.small_table = 0;
SET migrate.online = off;
SELECT migrate.remove('c04');

-- data
SET migrate.small_update = 10;
SELECT migrate.add('c05', E'UPDATE users SET name = random()::text;\n\nUPDATE users SET name = upper(name) WHERE name <> upper(name);', '-- nothing');
SELECT result, evidence FROM migrate.check() WHERE point ~ 'data';
SELECT migrate.remove('c05');
SELECT migrate.add('c05', E'-- migrate:allow large-data-change in the night\nUPDATE users SET name = random()::text;', '-- nothing');
SELECT result, evidence FROM migrate.check() WHERE point ~ 'data';
SELECT migrate.remove('c05');
RESET migrate.small_update;

-- the way back
SELECT migrate.add('c06', 'ALTER TABLE users ADD age int;');
SELECT migrate.add('c07', 'UPDATE users SET name = ''x'' WHERE id = 1;');
SELECT migrate.add('c08', 'DROP TABLE users;', 'CREATE TABLE users ();');
SELECT migrate.add('c09', 'ANALYZE; VACUUM;');
SELECT migrate.add('c10', E'-- migrate:allow no-way-back nobody wants it back\nDROP TABLE big;');
SELECT migrate.add('c05b', 'ALTER TABLE users DROP email;');
SELECT result, evidence FROM bad() WHERE point ~ 'way back';
-- up to a target, and of some
SELECT result, evidence FROM migrate.check('c06') WHERE point ~ 'way back';
SELECT result, evidence FROM migrate.check(names => '{c07}') WHERE point ~ 'way back';
SELECT result, evidence FROM migrate.check('c09', '{c09}') WHERE point ~ 'way back';
SELECT count(migrate.remove(name)) FROM migrate.status;

-- locks: long work, and code that cannot be looked into
SET migrate.max_lock_hold = 1;
SELECT migrate.add('c11', 'CREATE INDEX big_i ON big (i);', '-- nothing');
SELECT point, result, regexp_replace(evidence, 'for (under|about).*', 'for ...') AS evidence FROM bad();
SELECT migrate.remove('c11');
-- the same, accepted
SELECT migrate.add('c11', E'-- migrate:allow require-concurrent-index-creation in the night\nCREATE INDEX big_i ON big (i);', '-- nothing');
SELECT point, result, regexp_replace(evidence, 'for (under|about).*', 'for ...') AS evidence FROM bad();
SELECT migrate.remove('c11');
-- a lock is held to the end of its step: not here, where the engine keeps them apart
SELECT migrate.add('c11', 'ALTER TABLE users ADD a int; SELECT count(*) FROM big; CREATE INDEX CONCURRENTLY big_i ON big (i);', '-- nothing');
SELECT point, result FROM bad() WHERE point ~ 'locks';
SELECT migrate.remove('c11');
-- but here
SELECT migrate.add('c11', E'-- migrate:up transaction:always\nALTER TABLE users ADD a int;\nUPDATE big SET i = i + 1;', '-- nothing');
SELECT point, result, regexp_replace(evidence, 'for (under|about).*', 'for ...') AS evidence FROM bad() WHERE point ~ 'locks';
SELECT migrate.remove('c11');
SELECT migrate.add('c12', 'DO ''BEGIN END'';', '-- nothing');
SELECT result, evidence FROM bad() WHERE point ~ 'locks';
SELECT migrate.remove('c12');
RESET migrate.max_lock_hold;

-- findings of severity error; however many there are, five are told
SELECT migrate.add('c13', string_agg('DELETE FROM users;', E'\n'), '-- nothing') FROM generate_series(1, 7);
SELECT result, evidence FROM bad() WHERE point ~ 'dangerous';
SET migrate.lint = off;
SELECT result FROM bad() WHERE point ~ 'dangerous';
RESET migrate.lint;
SELECT migrate.remove('c13');

-- settings of the file count
SELECT migrate.add('c14', E'-- migrate:set online = always\nCREATE INDEX users_email ON users (email);', '-- nothing');
SELECT result, evidence FROM migrate.check() WHERE point ~ 'indexes';
SELECT migrate.remove('c14');

-- what was left behind: an INVALID index
ALTER TABLE users ADD twice int DEFAULT 1;
CREATE UNIQUE INDEX CONCURRENTLY users_twice ON users (twice);
SELECT * FROM bad();
DROP INDEX users_twice;
-- of a partitioned table, while partitions lack theirs
CREATE TABLE parts (a int) PARTITION BY LIST (a);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE INDEX parts_a ON ONLY parts (a);
SELECT * FROM bad();
DROP INDEX parts_a;
-- constraints that others left NOT VALID are theirs
ALTER TABLE users ADD CONSTRAINT theirs CHECK (id > 0) NOT VALID;
SELECT * FROM bad();
-- a helper without a run that would go on
ALTER TABLE users ADD CONSTRAINT migrate_not_null_0123456789abcdef CHECK (id IS NOT NULL);
SELECT * FROM bad();
ALTER TABLE users DROP CONSTRAINT migrate_not_null_0123456789abcdef;
-- a name that only looks like one
ALTER TABLE users ADD CONSTRAINT migrate_users_check CHECK (id > 0);
SELECT * FROM bad();

-- a DETACH ... CONCURRENTLY that was cut off between its transactions
UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'parts_1'::regclass;
SELECT * FROM bad();
UPDATE pg_inherits SET inhdetachpending = false WHERE inhrelid = 'parts_1'::regclass;
-- a backfill that stopped
SELECT migrate.backfill('UPDATE users SET twice = 1 / (id - 50)');
SELECT point, result, regexp_replace(evidence, 'run \d+', 'run N') AS evidence FROM bad();
SELECT migrate.backfill('UPDATE users SET twice = 1 / (id - 50)', on_error => 'skip', restart => true) IS NOT NULL AS done;
SELECT * FROM bad();

-- a run that stopped: what it left will be gone on with
SET migrate.online = always;
SELECT migrate.add('c15', 'ALTER TABLE users ADD CONSTRAINT users_email_unique CHECK (id < 50);', 'ALTER TABLE users DROP CONSTRAINT users_email_unique;');
SELECT * FROM migrate.apply();
SELECT point, result, regexp_replace(evidence, 'run \d+', 'run N') AS evidence FROM bad() WHERE point ~ 'half';
DELETE FROM users WHERE id >= 50;
SELECT count(*) FROM migrate.apply();
SELECT * FROM bad();
RESET migrate.online;

-- errors: as plan() has them
SELECT * FROM migrate.check('nothing_like_it');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate.check(names => '{a,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.add('c16', 'SELECT 1', requires => '{c17}');
SELECT * FROM migrate.check();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('c16');
SELECT migrate.add('c16', E'-- migrate:up transaction:always\nVACUUM;');
SELECT * FROM migrate.check();
\echo :LAST_ERROR_SQLSTATE
SELECT migrate.remove('c16');
CREATE ROLE regress_check;
SET ROLE regress_check;
SELECT * FROM migrate.check();
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP ROLE regress_check;

-- it changes nothing, and works where nothing can be changed
BEGIN READ ONLY;
SELECT point, result FROM migrate.check();
ROLLBACK;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE users, big, empty, parts;
DROP FUNCTION bad;
