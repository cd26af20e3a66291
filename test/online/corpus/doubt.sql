-- What a statement before leaves uncertain: then the statement is run as written, or meets what it would as written.

-- fixture:
CREATE TABLE t (id int PRIMARY KEY, v int, w int, note text);
INSERT INTO t SELECT i, i, i, 'n' || i FROM generate_series(1, 500) i;
CREATE TABLE k (id int, v int);
INSERT INTO k SELECT i, i FROM generate_series(1, 500) i;
CREATE TABLE r (id int PRIMARY KEY);
INSERT INTO r SELECT generate_series(0, 1000);
CREATE TABLE p (id int NOT NULL, k int NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (300);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (300) TO (1000);
INSERT INTO p SELECT i, i FROM generate_series(1, 500) i;
CREATE TABLE n (id int NOT NULL, k int NOT NULL);
INSERT INTO n SELECT i, i FROM generate_series(1000, 1100) i;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);

-- case: doubt_temporary_table
-- expect: written, written, written, written, written
CREATE TEMP TABLE t (id int, v int);
ALTER TABLE t ADD COLUMN x float DEFAULT random();
ALTER TABLE t ADD CHECK (id > 1000);
CREATE INDEX ON t (v);
DROP TABLE pg_temp.t;

-- case: doubt_temporary_table_renamed
-- expect: written, written, written, written
CREATE TEMP TABLE other (id int, v int);
ALTER TABLE other RENAME TO t;
ALTER TABLE t ADD CHECK (id > 1000);
DROP TABLE pg_temp.t;

-- case: doubt_temporary_table_qualified
-- expect: written, written, written
CREATE TABLE pg_temp.t (id int, v int);
ALTER TABLE t ADD UNIQUE (v);
DROP TABLE pg_temp.t;

-- case: doubt_temporary_table_select_into
-- expect: written, written, written
SELECT 2000 AS id INTO TEMP t;
ALTER TABLE t ADD CHECK (id > 1000);
DROP TABLE pg_temp.t;

-- case: doubt_table_in_first_schema
-- expect: written, written, written, written
CREATE SCHEMA doubt_first;
SELECT set_config('search_path', 'doubt_first,' || current_setting('search_path'), false);
CREATE TABLE t (id int, v int);
ALTER TABLE t ADD UNIQUE (id), ALTER v SET NOT NULL;
-- down:
DROP SCHEMA doubt_first CASCADE;

-- case: doubt_set_local
-- expect: written, written, written, written, written, written
CREATE SCHEMA doubt_local;
CREATE TABLE doubt_local.t (id int, v int);
BEGIN;
SET LOCAL search_path = doubt_local;
ALTER TABLE t ADD COLUMN local int;
COMMIT;
ALTER TABLE t ADD UNIQUE (v), ALTER w SET NOT NULL;
CREATE INDEX ON t (note);
-- down:
ALTER TABLE t DROP CONSTRAINT t_v_key, ALTER w DROP NOT NULL;
DROP INDEX t_note_idx;
DROP SCHEMA doubt_local CASCADE;

-- case: doubt_rollback_to
-- expect: written, written, written, written, written, written
CREATE SCHEMA doubt_savepoint;
CREATE TABLE doubt_savepoint.t (id int, v int);
BEGIN;
SAVEPOINT a;
SET search_path = doubt_savepoint;
ROLLBACK TO a;
COMMIT;
ALTER TABLE t ADD UNIQUE (v);
-- down:
ALTER TABLE t DROP CONSTRAINT t_v_key;
DROP SCHEMA doubt_savepoint CASCADE;

-- case: doubt_trigger_before_fill
-- expect: written, written, written
CREATE FUNCTION count_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := -1; RETURN NEW; END';
CREATE TRIGGER counts BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION count_it();
ALTER TABLE t ADD COLUMN x int DEFAULT 1 + (random() * 0)::int;
-- down:
ALTER TABLE t DROP COLUMN x;
DROP TRIGGER counts ON t;
DROP FUNCTION count_it();

-- case: doubt_row_security_before_fill
-- expect: written, written, written, written
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY few ON t USING (id < 10);
ALTER TABLE t ADD COLUMN x int DEFAULT 1 + (random() * 0)::int;
-- down:
ALTER TABLE t DROP COLUMN x, DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP POLICY few ON t;

-- case: doubt_rule_before_fill
-- expect: written, written
CREATE RULE nothing AS ON UPDATE TO t DO INSTEAD NOTHING;
ALTER TABLE t ADD COLUMN x int DEFAULT 1 + (random() * 0)::int;
-- down:
ALTER TABLE t DROP COLUMN x;
DROP RULE nothing ON t;

-- case: doubt_work_beside
-- expect: written
ALTER TABLE t ALTER v TYPE bigint, ADD CHECK (w > 0);
-- down:
ALTER TABLE t ALTER v TYPE int, DROP CONSTRAINT t_w_check;

-- case: doubt_unlogged_beside
-- expect: written
ALTER TABLE t SET UNLOGGED, ALTER v SET NOT NULL;

-- case: doubt_stored_beside
-- expect: written
ALTER TABLE t ADD COLUMN h int GENERATED ALWAYS AS (v * 2) STORED, ADD CHECK (w > 0);

-- case: doubt_domain_with_check
-- expect: written
ALTER TABLE t ADD COLUMN a positive DEFAULT 1 + (random() * 0)::int;

-- case: doubt_not_null_and_primary_key
-- expect: rewritten
ALTER TABLE k ALTER id SET NOT NULL, ADD PRIMARY KEY (id);
-- down:
ALTER TABLE k DROP CONSTRAINT k_pkey, ALTER id DROP NOT NULL;

-- case: doubt_primary_key_and_not_null
-- expect: rewritten
ALTER TABLE k ADD CONSTRAINT key PRIMARY KEY (id, v), ALTER v SET NOT NULL;
-- down:
ALTER TABLE k DROP CONSTRAINT key, ALTER id DROP NOT NULL, ALTER v DROP NOT NULL;

-- case: doubt_type_and_key
-- expect: written
ALTER TABLE t ALTER v TYPE bigint USING id, ADD UNIQUE (v);

-- case: doubt_type_and_not_null
-- expect: written
ALTER TABLE t ALTER w TYPE bigint USING coalesce(w, 0), ALTER w SET NOT NULL;

-- case: doubt_column_anew
-- expect: written
ALTER TABLE t DROP COLUMN v, ADD COLUMN v int DEFAULT 5, ALTER v SET NOT NULL;

-- case: doubt_partition_renamed
-- expect: written, written
ALTER TABLE p1 RENAME TO p1_old;
ALTER TABLE p ADD UNIQUE (k);
-- down:
ALTER TABLE p DROP CONSTRAINT p_k_key;
ALTER TABLE p1_old RENAME TO p1;

-- case: doubt_partition_replaced
-- expect: written, written, written
ALTER TABLE p1 RENAME TO p1_old;
CREATE TABLE p1 (id int, k int);
ALTER TABLE p ADD UNIQUE (k);
-- down:
ALTER TABLE p DROP CONSTRAINT p_k_key;
DROP TABLE p1;
ALTER TABLE p1_old RENAME TO p1;

-- case: doubt_partition_detached
ALTER TABLE p DETACH PARTITION p2;
ALTER TABLE p ADD FOREIGN KEY (id) REFERENCES r, ADD UNIQUE (k);

-- case: doubt_key_then_attach
ALTER TABLE p ADD FOREIGN KEY (k) REFERENCES r;
DELETE FROM n WHERE k > 1000;
ALTER TABLE n ADD CONSTRAINT n_k_fkey FOREIGN KEY (k) REFERENCES r;
ALTER TABLE p ATTACH PARTITION n FOR VALUES FROM (1000) TO (2000);

-- case: doubt_index_then_attach
CREATE INDEX p_id ON p (id);
CREATE INDEX n_id ON n (id);
ALTER TABLE p ATTACH PARTITION n FOR VALUES FROM (1000) TO (2000);

-- case: doubt_column_renamed_then_detach
ALTER TABLE p RENAME k TO kk;
ALTER TABLE p DETACH PARTITION p1;

-- case: doubt_names_freed
-- expect: rewritten, written, written, rewritten
ALTER TABLE t ADD CONSTRAINT t_v_key UNIQUE (v);
ALTER TABLE t DROP COLUMN v, ADD COLUMN v int;
ALTER TABLE t ADD UNIQUE (v), ADD CHECK (v > 0);
ALTER TABLE t ADD CONSTRAINT named CHECK (w > 0);

-- case: doubt_index_made_and_renamed
CREATE INDEX t_v_idx ON t (v);
ALTER INDEX t_v_idx RENAME TO other;
CREATE INDEX ON t (v);
CREATE INDEX t_w_idx ON t (w);

-- case: doubt_index_made_unnamed_and_renamed
CREATE INDEX ON t (v);
ALTER INDEX t_v_idx RENAME TO other;
CREATE INDEX ON t (v);
CREATE INDEX ON t (v);

-- case: doubt_constraint_made_and_renamed
ALTER TABLE t ADD UNIQUE (v);
ALTER TABLE t RENAME CONSTRAINT t_v_key TO other;
ALTER TABLE t ADD UNIQUE (v);
ALTER TABLE t ADD CONSTRAINT positive CHECK (w > 0);
ALTER TABLE t RENAME CONSTRAINT positive TO more;
ALTER TABLE t ADD CONSTRAINT positive CHECK (w > -1);

-- case: doubt_index_renamed_to_what_comes
CREATE INDEX first ON t (v);
ALTER INDEX first RENAME TO t_v_idx;
CREATE INDEX ON t (v);
ALTER TABLE t ADD CHECK (v > 0);
ALTER TABLE t RENAME CONSTRAINT t_v_check TO t_w_check;
ALTER TABLE t ADD CHECK (w > 0), ADD CHECK (v > -1);

-- case: doubt_leaf_names_taken
CREATE INDEX ON p (k);
CREATE INDEX ON p1 (k);
CREATE INDEX ON p (k);
ALTER TABLE p ADD UNIQUE (id, k);
ALTER TABLE p1 ADD UNIQUE (id, k);
CREATE UNIQUE INDEX ON p2 (id, k);

-- case: doubt_leaf_names_taken_before
CREATE INDEX p1_k_idx ON k (v);
CREATE INDEX ON p (k);
CREATE INDEX ON p1 (k);
CREATE TABLE p2_id_k_idx (a int);
CREATE INDEX ON p (id, k);
