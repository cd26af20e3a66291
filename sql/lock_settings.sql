-- Settings for one migration and for one call: which wins, what is refused, and that they do not last.
SET client_min_messages = warning;
CREATE EXTENSION migrate;
\set VERBOSITY terse
CREATE TABLE seen (place text, queue_limit text, patience text, on_blocker text);
CREATE FUNCTION look(place text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO seen VALUES (place, current_setting('migrate.queue_limit'), current_setting('migrate.lock_patience'), current_setting('migrate.on_blocker'))
$$;
SELECT migrate.add('a1_plain', $m$ SELECT look('session'); $m$);
SELECT migrate.add('a2_file', $m$
-- migrate:set queue_limit = 20ms
-- migrate:set migrate.on_blocker = cancel
SELECT look('file');
$m$);
SELECT migrate.add('a3_call', $m$
-- migrate:set queue_limit = 20ms
-- migrate:set on_blocker = cancel
SELECT look('call');
$m$);
SELECT migrate.add('a4_after', $m$ SELECT look('after'); $m$);
SELECT migrate.add('a5_inline', $m$
-- migrate:set queue_limit = 20ms
-- migrate:set on_blocker = cancel
SELECT look('inline');
$m$);
SET migrate.queue_limit = '15ms';
SET migrate.lock_patience = '15s';

-- the call over the file over the session
SELECT migration FROM migrate.apply(names => ARRAY['a1_plain']);
SELECT migration FROM migrate.apply(names => ARRAY['a2_file']);
SELECT migration FROM migrate.apply(names => ARRAY['a3_call'], settings => '{"queue_limit": "30ms", "migrate.lock_patience": 30000}');
SELECT migration FROM migrate.apply(names => ARRAY['a4_after']);
BEGIN;
SELECT migration FROM migrate.apply(names => ARRAY['a5_inline'], settings => '{"queue_limit": 40}');
SELECT look('block');
COMMIT;
SELECT look('end');
TABLE seen;

-- refused before anything ran
SELECT migrate.add('wrong_name', 'CREATE TABLE wrong (i int);');
SELECT migrate.apply(settings => '{"no_such": 1}');
SELECT migrate.apply(settings => '{"work_mem": "1MB"}');
SELECT migrate.apply(settings => '{"queue_limit": "soon"}');
SELECT migrate.apply(settings => '{"on_blocker": "kill"}');
SELECT migrate.apply(settings => '{"on_blocker": null}');
SELECT migrate.apply(settings => '{"on_blocker": ["cancel"]}');
SELECT migrate.apply(settings => '{"protected_roles": "a,,b"}');
SELECT migrate.apply(settings => '["queue_limit"]');
-- the range is worded in another way by each version
\set VERBOSITY sqlstate
SELECT migrate.apply(settings => '{"queue_limit": 0}');
SELECT migrate.apply(settings => '{"lock_patience": "-1ms"}');
\set VERBOSITY terse
SELECT migrate.apply(settings => '{"queue_limit": 5, "no_such": 1}');
SHOW migrate.queue_limit;
SELECT name, state FROM migrate.status WHERE state <> 'applied';

-- in a file as well, when it is uploaded
SELECT migrate.add('wrong_value', '-- migrate:set queue_limit = soon' || chr(10) || 'CREATE TABLE bad (i int);');
SELECT migrate.add('not_ours', '-- migrate:set work_mem = 1MB' || chr(10) || 'CREATE TABLE worse (i int);');
SELECT name FROM migrate.status WHERE state = 'pending';

RESET ALL;
SET client_min_messages = warning;
SET migrate.allow_drop = on;
DROP EXTENSION migrate;
DROP TABLE seen;
DROP FUNCTION look(text);
