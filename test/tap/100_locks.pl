# Who is in the way, and what is done about them, where a real server is needed: rights to signal, prepared
# transactions, autovacuum, a standby, partitions by the hundred, and steps that stand alone.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('locks', settings => [ 'max_prepared_transactions = 8', 'max_worker_processes = 24', 'autovacuum_naptime = 1s',
		'client_connection_check_interval = 100ms', 'wal_level = replica' ]);
my $admin = session($node);
my $last = 0;

# A migration of its own name; returns the name.
sub add { my ($up) = @_; my $name = 'v' . ++$last; add_migration($node, 'postgres', $name, $up); return $name; }

sub apply_sql { my ($name, $settings) = @_; return "SELECT step FROM migrate.apply(names => ARRAY['$name']" . ($settings ? ", settings => '$settings'" : '') . ')'; }

sub start
{
	my ($name, $settings, %options) = @_;
	my $caller = session($node, %options);
	$caller->send_query(apply_sql($name, $settings));
	return $caller;
}

sub stands_by { return wait_until($admin, q(SELECT true FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 19787)); }

sub warnings_of { my ($result) = @_; return join "\n", map { "$_->{M}: " . ($_->{D} // '') } grep { $_->{S} eq 'WARNING' } @{ $result->{notices} }; }

sub begin_in { my ($sql, %options) = @_; my $session = session($node, %options); $session->ok_query($_) foreach 'BEGIN', $sql; return $session; }

sub is_alive { my ($session) = @_; return !$session->query('SELECT 1')->{closed}; }

# ---- who may be signalled -------------------------------------------------------------------------

$admin->ok_query($_) foreach (
	'CREATE ROLE deployer LOGIN', 'CREATE ROLE stranger LOGIN', 'CREATE ROLE root_like LOGIN SUPERUSER',
	'CREATE ROLE team', 'CREATE ROLE member LOGIN IN ROLE team', 'CREATE ROLE "Odd, ""Role""" LOGIN',
	'CREATE ROLE below LOGIN IN ROLE "Odd, ""Role"""', 'GRANT stranger TO deployer', 'GRANT team TO deployer',
	'CREATE TABLE t (id int)', 'ALTER TABLE t OWNER TO deployer', 'GRANT ALL ON t TO PUBLIC', 'GRANT CREATE ON SCHEMA public TO deployer',
	"SELECT migrate.grant('deployer')");
$admin->ok_query('GRANT "Odd, ""Role""" TO deployer');
$admin->ok_query('GRANT below TO deployer');
$admin->ok_query('GRANT member TO deployer');
my $ready = '"blocker_age": 0, "on_blocker_after": 0';
my $soon = '"lock_patience": "1s"';

# holder, what is done, other settings, what comes of it: done, or refused
my @cases = (
	[ 'a member may end the session of a role that it has', 'stranger', 'terminate', '', 'done' ],
	[ 'who is idle has no statement to cancel', 'stranger', 'cancel', '', 'left' ],
	[ 'a superuser is left alone', 'root_like', 'terminate', '', 'refused' ],
	[ 'a protected role', 'stranger', 'terminate', ', "protected_roles": "nobody, stranger"', 'left' ],
	[ 'a member of a protected role', 'member', 'terminate', ', "protected_roles": "team"', 'left' ],
	[ 'a protected role with an odd name', 'Odd, "Role"', 'terminate', ', "protected_roles": "\"Odd, \"\"Role\"\"\""', 'left' ],
	[ 'a member of it', 'below', 'terminate', ', "protected_roles": "team,\"Odd, \"\"Role\"\"\""', 'left' ],
	[ 'time is not yet', 'stranger', 'terminate', ', "on_blocker_after": "1h"', 'left' ],
	[ 'wait', 'stranger', 'wait', '', 'left' ],
);
foreach my $case (@cases)
{
	my ($title, $role, $action, $more, $expected) = @$case;
	my $name = add("CREATE TABLE made_$last (i int); ALTER TABLE t ADD COLUMN c$last int;");
	my $holder = begin_in('SELECT * FROM t', user => $role);
	my $result = start($name, "{$ready, $soon, \"on_blocker\": \"$action\"$more}", user => 'deployer')->result;
	is(MigrateTest::Session::sqlstate($result), $expected eq 'done' ? '00000' : '55P03', "$title: outcome") or diag explain $result;
	is(is_alive($holder) ? 'alive' : 'ended', $expected eq 'done' ? 'ended' : 'alive', "$title: the holder");
	like($result->{error}{D} // '', qr/^Process $holder->{pid} \(\Q$role\E[,)]/, "$title: the holder is named") if $expected ne 'done';
	like(warnings_of($result), qr/could not terminate process $holder->{pid}/, "$title: said once") if $expected eq 'refused';
	is(() = warnings_of($result) =~ /could not terminate/g, 1, "$title: and only once") if $expected eq 'refused';
	like(warnings_of($result), qr/^terminated process $holder->{pid}, which was in the way: Process $holder->{pid}/m, "$title: said") if $expected eq 'done';
	unlike(warnings_of($result), qr/terminated|cancelled/, "$title: nothing was done") if $expected eq 'left';
	$holder->terminate;
	$admin->ok_query("SELECT migrate.mark('$name', 'applied')") if $expected ne 'done';
}

# A statement is cancelled; nobody without the right does it; pg_signal_backend is one.
{
	$admin->ok_query('CREATE ROLE other LOGIN');
	my $blocker = session($node);
	$blocker->ok_query('SELECT pg_advisory_lock(7)');
	my $holder = begin_in('SELECT * FROM t', user => 'other');
	$holder->send_query('SELECT pg_advisory_lock(7)');
	wait_until($admin, 'SELECT true FROM pg_locks WHERE objid = 7 AND NOT granted');
	my $name = add('ALTER TABLE t ADD COLUMN cancelled int;');
	my $result = start($name, "{$ready, $soon, \"on_blocker\": \"cancel\"}", user => 'deployer')->result;
	is(MigrateTest::Session::sqlstate($result), '55P03', 'without the right nothing is cancelled');
	like(warnings_of($result), qr/could not cancel process $holder->{pid}/, 'and it is said');
	$admin->ok_query('GRANT pg_signal_backend TO deployer');
	$result = start($name, "{$ready, \"on_blocker\": \"cancel\"}", user => 'deployer')->result;
	is(MigrateTest::Session::sqlstate($result), '00000', 'pg_signal_backend is the right');
	is(MigrateTest::Session::sqlstate($holder->result), '57014', 'the statement was cancelled');
	ok(is_alive($holder), 'the session lives');
	$admin->ok_query('REVOKE pg_signal_backend FROM deployer');
	$_->terminate foreach $holder, $blocker;
}

# Who does not own a table never makes anybody wait for its lock.
{
	$admin->ok_query('CREATE TABLE not_yours (id int)');
	my $holder = begin_in('SELECT * FROM not_yours');
	foreach my $up ('ALTER TABLE not_yours ADD COLUMN c int', 'DROP TABLE not_yours', 'CREATE INDEX ON not_yours (id)',
		'LOCK TABLE not_yours', 'TRUNCATE not_yours', 'ALTER TABLE not_yours RENAME TO yours', 'UPDATE not_yours SET id = 1',
		'CREATE TRIGGER t BEFORE INSERT ON not_yours FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()')
	{
		my $name = add("$up;");
		my $point = hold_point($node, 'postgres', 'lock_tried');
		my $caller = start($name, "{$soon}", user => 'deployer');
		my $came = wait_until($admin, "SELECT CASE WHEN EXISTS (SELECT FROM pg_locks WHERE classid = 77 AND NOT granted) THEN 'tried'"
			  . " WHEN EXISTS (SELECT FROM pg_stat_activity WHERE pid = $caller->{pid} AND state = 'idle' AND query LIKE '%''$name''%') THEN 'refused' END");
		is($came, 'refused', "no lock is tried for: $up");
		$point->terminate;
		is(MigrateTest::Session::sqlstate($caller->result), '42501', "refused: $up");
		$admin->ok_query("SELECT migrate.mark('$name', 'applied')");
	}
	$holder->terminate;
}

# ---- prepared transactions ------------------------------------------------------------------------

sub prepare
{
	my ($gid) = @_;
	my $session = begin_in('INSERT INTO p VALUES (1)');
	$session->ok_query("PREPARE TRANSACTION '$gid'");
	$session->terminate;
	return;
}

{
	$admin->ok_query('CREATE TABLE p (id int)');
	prepare("it''s \"one\"");
	my $name = add('ALTER TABLE p ADD COLUMN c int;');
	my $result = start($name, '{"lock_patience": 0, "on_blocker": "terminate", "on_blocker_after": 0}')->result;
	is(MigrateTest::Session::sqlstate($result), '55P03', 'a prepared transaction is in the way');
	like($result->{error}{D}, qr/^Prepared transaction 'it's "one"' \(/, 'it is named');
	like($result->{error}{H}, qr/COMMIT PREPARED or ROLLBACK PREPARED/, 'and what ends it');
	my $caller = start($name);
	ok(stands_by(), 'a run waits for it');
	is(MigrateTest::Session::text($admin->ok_query('SELECT relation, mode_held, pid, gid, state FROM migrate.blockers')),
		q(public.p|RowExclusiveLock||it's "one"|prepared), 'the view shows it');
	$admin->ok_query("ROLLBACK PREPARED 'it''s \"one\"'");
	is(MigrateTest::Session::sqlstate($caller->result), '00000', 'and goes on when it is rolled back');

	prepare('two');
	$name = add('ALTER TABLE p ADD COLUMN d int;');
	$node->restart;
	$admin = session($node);
	$caller = start($name);
	ok(stands_by(), 'a run waits for one that was there before the server was');
	is($admin->value('SELECT gid FROM migrate.blockers'), 'two', 'the view shows it as well');
	$admin->ok_query("COMMIT PREPARED 'two'");
	is(MigrateTest::Session::sqlstate($caller->result), '00000', 'and goes on when it is committed');
	is($admin->value('SELECT count(*) FROM p WHERE d IS NULL'), '1', 'what it wrote is there');
}

# ---- partitions -----------------------------------------------------------------------------------

{
	$admin->ok_query('CREATE TABLE parent (id int, gone int) PARTITION BY RANGE (id)');
	$admin->ok_query("DO \$\$ BEGIN FOR i IN 1 .. 200 LOOP EXECUTE format('CREATE TABLE leaf_%s PARTITION OF parent FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END \$\$");
	my $name = add('ALTER TABLE parent DROP COLUMN gone;');
	my $holder = begin_in('SELECT * FROM leaf_150');
	my $caller = start($name, '{"blocker_age": 0}');
	ok(stands_by(), 'one reader of one leaf of 200');
	is($admin->value(q(SELECT count(*) FROM pg_locks l JOIN migrate.active_steps() a USING (pid) JOIN pg_class c ON c.oid = l.relation
		WHERE c.relname ~ '^(parent|leaf_)')), '0', 'nothing of the others is held');
	$admin->ok_query('INSERT INTO parent VALUES (150, 1), (1, 1)');
	$holder->ok_query('COMMIT');
	is(MigrateTest::Session::sqlstate($caller->result), '00000', 'it is done when that one has ended');
	is($admin->value("SELECT count(*) FROM pg_attribute WHERE attname = 'gone' AND NOT attisdropped"), '0', 'in all of them');
	$holder->terminate;
}

# ---- steps that stand alone -----------------------------------------------------------------------

sub nobody_is_left { return wait_until($admin, q(SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type LIKE 'migrate %'))); }

{
	$admin->ok_query($_) foreach ("ALTER ROLE deployer SET lock_timeout = '1ms'", "ALTER DATABASE postgres SET lock_timeout = '1ms'",
		"ALTER DATABASE postgres SET statement_timeout = '0'", 'GRANT stranger TO deployer');
	my $name = add('CREATE INDEX CONCURRENTLY alone_1 ON t (id);');
	my $holder = begin_in('INSERT INTO t VALUES (1)', user => 'stranger');
	my $caller = start($name, '{"lock_patience": 0}', user => 'deployer');
	ok(wait_until($admin, 'SELECT true FROM migrate.blockers'), 'it waits, whatever lock_timeout says, and is shown');
	my @notices;
	until (grep { $_->{M} =~ /has waited for others/ } @notices)
	{
		my ($type, $body) = $caller->message;
		last if $type eq '' || $type eq 'E' || $type eq 'Z';
		push @notices, MigrateTest::Session::fields($body) if $type eq 'N';
	}
	like($notices[-1]{D} // '', qr/^Process $holder->{pid} \(stranger/, 'patience is over: a warning names who is in the way');
	$holder->ok_query('COMMIT');
	my $result = $caller->result;
	is(MigrateTest::Session::sqlstate($result), '00000', 'and it goes on');
	unlike(warnings_of($result), qr/has waited for others/, 'there was one warning');
	is($admin->value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'alone_1'::regclass"), 't', 'the index is valid');

	$holder->ok_query('BEGIN'); $holder->ok_query('INSERT INTO t VALUES (1)');
	$name = add('CREATE INDEX CONCURRENTLY alone_2 ON t (id);');
	session($node, user => 'deployer')->ok_query("SELECT run FROM migrate.apply(names => ARRAY['$name'], detach => true,"
		  . q[ settings => '{"on_blocker": "terminate", "on_blocker_after": 0}')]);
	ok(wait_until($admin, "SELECT state = 'applied' FROM migrate.status WHERE name = '$name'"), 'a detached run is watched by a process of its own');
	ok(!is_alive($holder), 'which ended who was in the way');
	ok(nobody_is_left(), 'and is gone with the run');

	$holder = begin_in('INSERT INTO t VALUES (1)', user => 'stranger');
	$name = add('CREATE INDEX CONCURRENTLY alone_3 ON t (id);');
	$caller = start($name, '{"on_blocker": "terminate", "on_blocker_after": "3s"}', user => 'deployer');
	ok(wait_until($admin, 'SELECT true FROM migrate.blockers'), 'a caller watches over its run');
	$caller->vanish;
	ok(wait_until($admin, "SELECT state = 'applied' FROM migrate.status WHERE name = '$name'"), 'its client is gone: somebody else takes over');
	ok(!is_alive($holder), 'and ended who was in the way');
	ok(nobody_is_left(), 'and is gone with the run');
	$admin->ok_query($_) foreach ('ALTER DATABASE postgres RESET lock_timeout', 'ALTER DATABASE postgres RESET statement_timeout');
}

# ---- autovacuum -----------------------------------------------------------------------------------

my $vacuums = q(SELECT a.pid FROM pg_stat_activity a JOIN pg_locks l USING (pid) WHERE a.backend_type = 'autovacuum worker'
	AND l.relation = 'vacuumed'::regclass AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted);
{
	$admin->ok_query('CREATE TABLE vacuumed (id int) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_freeze_max_age = 100000,'
		  . ' autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_cost_delay = 100)');
	$admin->ok_query('INSERT INTO vacuumed SELECT generate_series(1, 50000)');
	$admin->ok_query('DELETE FROM vacuumed');
	my $pid = wait_until($admin, $vacuums);
	ok($pid, 'an autovacuum is at the table');
	my $name = add('ALTER TABLE vacuumed ADD COLUMN c int;');
	my $result = start($name, '{"lock_patience": "20s"}')->result;
	is(MigrateTest::Session::sqlstate($result), '00000', 'it is cancelled');
	ok($node->log_contains("canceling autovacuum task", 0), 'says the log');

	# No other one comes before it: only what is against wraparound is done where autovacuum is off.
	$admin->ok_query('ALTER TABLE vacuumed SET (autovacuum_enabled = off)');
	$admin->ok_query('SET synchronous_commit = off');
	$admin->ok_query('DO $$ BEGIN FOR i IN 1 .. 100100 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$');
	$pid = wait_until($admin, "$vacuums AND a.query LIKE '%to prevent wraparound%'");
	ok($pid, 'an autovacuum against wraparound is at the table');
	$name = add('ALTER TABLE vacuumed ADD COLUMN d int;');
	$result = start($name, '{"lock_patience": "200ms", "on_blocker": "terminate", "on_blocker_after": 0}')->result;
	is(MigrateTest::Session::sqlstate($result), '55P03', 'that one is left alone');
	like($result->{error}{D}, qr/^Process $pid .*autovacuum worker/, 'and named');
	is($admin->value("SELECT count(*) FROM pg_stat_activity WHERE pid = $pid"), '1', 'it goes on');
}

$node->stop('immediate');
done_testing();
