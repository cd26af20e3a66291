# The table that is backfilled changes under the run: its key, its columns' names, what its name means.  Then it goes
# on where that is safe, and stops where it isn't; and rows that policies hide from the change are not waited for.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('changed', settings => ['autovacuum = off']);
my $admin = session($node);
my $statement = 'UPDATE t SET n = n + 1';

sub counts { return $admin->value("SELECT string_agg(n || ':' || c, ' ' ORDER BY n) FROM (SELECT n, count(*) c FROM $_[0] GROUP BY n) x"); }

sub refusal { return $admin->query($_[0])->{error}{M} // 'none'; }

# Stands still after some batches, with its worker and its plans alive.
sub pause_in_the_middle
{
	$admin->ok_query('DROP TABLE IF EXISTS t, t_old, t_new CASCADE');
	$admin->ok_query('CREATE TABLE t (id int PRIMARY KEY, later int NOT NULL, n int NOT NULL DEFAULT 0)');
	$admin->ok_query('INSERT INTO t SELECT i, 2001 - i FROM generate_series(1, 2000) i');
	$admin->ok_query('ANALYZE t');
	my $run = $admin->value("SELECT run FROM migrate.backfill('$statement', batch => 10, rows_per_second => 100, restart => true, detach => true)");
	wait_until($admin, 'SELECT rows >= 10 FROM migrate.backfill_progress') or die 'it does not begin';
	$admin->ok_query("SELECT migrate.pause($run)");
	wait_until($admin, "SELECT state = 'paused' AND throttled = 'paused' FROM migrate.backfill_progress") or die 'it does not pause';
	$admin->ok_query("SELECT migrate.throttle($run, rows_per_second => 0)");
	return $run;
}

my $run = pause_in_the_middle();
$admin->ok_query('REINDEX INDEX CONCURRENTLY t_pkey');
is($admin->value("SELECT rows FROM migrate.resume($run)"), 2000, 'it goes on with an index that was built anew');
is(counts('t'), '1:2000', 'and does every row once');

$run = pause_in_the_middle();
$admin->ok_query('ALTER TABLE t DROP CONSTRAINT t_pkey');
like(refusal("SELECT rows FROM migrate.resume($run)"), qr/index public\.t_pkey is gone/, 'not without its index');
$admin->ok_query('ALTER TABLE t ADD PRIMARY KEY (id)');
is($admin->value("SELECT rows FROM migrate.resume($run)"), 2000, 'with another one of the same order it goes on');
is(counts('t'), '1:2000', 'and does every row once');

$run = pause_in_the_middle();
$admin->ok_query('ALTER TABLE t DROP CONSTRAINT t_pkey, ADD CONSTRAINT t_pkey PRIMARY KEY (later)');
like(refusal("SELECT rows FROM migrate.resume($run)"), qr/index public\.t_pkey has another order now/, 'not in another order');
like(refusal("SELECT rows FROM migrate.backfill('$statement')"), qr/has another order now/, 'nor when it is called again');
like(counts('t'), qr/^0:\d+ 1:\d+$/, 'no row was done twice');

$run = pause_in_the_middle();
$admin->ok_query('ALTER TABLE t ALTER id TYPE text');
like(refusal("SELECT rows FROM migrate.resume($run)"), qr/index public\.t_pkey has another order now/, 'nor with another type');

$run = pause_in_the_middle();
$admin->ok_query('BEGIN; ALTER TABLE t RENAME id TO old; ALTER TABLE t RENAME later TO id; COMMIT');
like(refusal("SELECT rows FROM migrate.resume($run)"), qr/index public\.t_pkey has another order now/, 'nor with columns that have changed names');

$run = pause_in_the_middle();
$admin->ok_query('CREATE TABLE t_new (LIKE t INCLUDING ALL)');
$admin->ok_query('INSERT INTO t_new SELECT id, later FROM t');
$admin->ok_query('BEGIN; ALTER TABLE t RENAME TO t_old; ALTER TABLE t_new RENAME TO t; ALTER INDEX t_pkey RENAME TO t_old_pkey; ALTER INDEX t_new_pkey RENAME TO t_pkey; COMMIT');
like(refusal("SELECT rows FROM migrate.resume($run)"), qr/table public\.t is another one now/, 'nor in a table that has taken the place');
is(counts('t'), '0:2000', 'which it leaves alone');

$run = pause_in_the_middle();
$admin->ok_query('DROP TABLE t');
like(refusal("SELECT rows FROM migrate.resume($run)"), qr/table public\.t is gone/, 'nor without its table');

# ---- a partition that was exchanged -----------------------------------------------------------------------

$admin->ok_query('CREATE TABLE parts (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, z int NOT NULL DEFAULT 1) PARTITION BY RANGE (id)');
$admin->ok_query('CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100)');
$admin->ok_query('INSERT INTO parts SELECT i FROM generate_series(1, 99) i');
$admin->ok_query('UPDATE parts SET z = 0 WHERE id = 50');
like(refusal("SELECT migrate.backfill('UPDATE parts SET n = n + 1 / z', batch => 10)"), qr/division by zero/, 'a backfill stops in the middle');
$admin->ok_query('BEGIN; ALTER TABLE parts DETACH PARTITION parts_low; ALTER TABLE parts_low RENAME TO parts_was; ALTER INDEX parts_low_pkey RENAME TO parts_was_pkey;'
	  . ' CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100); INSERT INTO parts_low SELECT id, 0, 1 FROM parts_was; COMMIT');
like(refusal("SELECT migrate.backfill('UPDATE parts SET n = n + 1 / z', batch => 10)"), qr/table public\.parts_low is another one now/,
	'it does not go on in another partition of the same name');

# ---- policies ---------------------------------------------------------------------------------------------

$admin->ok_query('CREATE ROLE tenant');
$admin->ok_query("SELECT migrate.grant('tenant')");
$admin->ok_query('CREATE TABLE guarded (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)');
$admin->ok_query('INSERT INTO guarded SELECT i FROM generate_series(1, 100) i');
$admin->ok_query('ALTER TABLE guarded ENABLE ROW LEVEL SECURITY');
$admin->ok_query('CREATE POLICY seen ON guarded FOR SELECT USING (true)');
$admin->ok_query('CREATE POLICY changed ON guarded FOR UPDATE USING (id % 2 = 0)');
$admin->ok_query('GRANT SELECT, UPDATE ON guarded TO tenant');
my $app = session($node);
$app->ok_query('BEGIN; SELECT FROM guarded WHERE id = 20 FOR UPDATE');
$admin->ok_query("SELECT migrate.backfill('UPDATE guarded SET n = n + 1', role => 'tenant', detach => true)");
ok(wait_until($admin, "SELECT throttled = 'waiting for locked rows' AND rows = 49 FROM migrate.backfill_progress"),
	'a row that is locked is waited for; those that a policy hides are not changed');
$app->ok_query('COMMIT');
ok(wait_until($admin, 'SELECT outcome = $$done$$ FROM migrate.backfills JOIN migrate.runs ON id = run WHERE relation = $$public.guarded$$'), 'nor are those waited for');
is(counts('guarded'), '0:50 1:50', 'every row that may be changed is, once');

done_testing();
