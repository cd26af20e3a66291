# Struck inside a step: a concurrent build or a DETACH that waits for another transaction, a statement that
# waits for a lock.  Ledger and catalogs agree afterwards, and apply() finishes or rollback() undoes.
use strict;
use warnings;
use IPC::Run;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $node = new_server('inside', settings => [ 'autovacuum = off' ]);
my $admin = session($node);
$admin->ok_query('CREATE TABLE plain (i int); INSERT INTO plain VALUES (1), (2)');

# blocker: what another transaction does to keep the step waiting.
my %steps = (
	'a concurrent build' => {
		up => 'CREATE TABLE a_%1$s (); CREATE INDEX CONCURRENTLY x_%1$s ON plain (i); CREATE TABLE b_%1$s ();',
		down => 'DROP TABLE b_%1$s; DROP INDEX x_%1$s; DROP TABLE a_%1$s;',
		blocker => 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM plain',
		there => q(EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('x_%1$s') AND indisvalid)),
		gone => q(to_regclass('x_%1$s') IS NULL) },
	'a unique build without a name' => {
		up => 'CREATE TABLE a_%1$s (); CREATE UNIQUE INDEX CONCURRENTLY ON plain (i, (%2$d)); CREATE TABLE b_%1$s ();',
		down => 'DROP TABLE b_%1$s; DROP INDEX plain_i_expr_idx; DROP TABLE a_%1$s;',
		blocker => 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM plain',
		there => q((SELECT count(*) = 1 AND bool_and(indisvalid) FROM pg_index WHERE pg_get_indexdef(indexrelid) LIKE '%%(i, (%2$d))')),
		gone => q(to_regclass('plain_i_expr_idx') IS NULL) },
	'DETACH CONCURRENTLY' => {
		setup => 'CREATE TABLE t_%1$s (i int) PARTITION BY RANGE (i); CREATE TABLE p_%1$s PARTITION OF t_%1$s FOR VALUES FROM (0) TO (9)',
		up => 'CREATE TABLE a_%1$s (); ALTER TABLE t_%1$s DETACH PARTITION p_%1$s CONCURRENTLY; CREATE TABLE b_%1$s ();',
		down => 'DROP TABLE b_%1$s; ALTER TABLE t_%1$s ATTACH PARTITION p_%1$s FOR VALUES FROM (0) TO (9); DROP TABLE a_%1$s;',
		blocker => 'BEGIN; SELECT count(*) FROM t_%1$s',
		inside => q(EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'p_%1$s'::regclass AND inhdetachpending)),
		there => q(NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'p_%1$s'::regclass)),
		gone => q(EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 'p_%1$s'::regclass AND NOT inhdetachpending)) },
	'a transaction that waits for a lock' => {
		setup => 'CREATE TABLE t_%1$s (i int)',
		up => 'CREATE TABLE a_%1$s (); ALTER TABLE t_%1$s ADD COLUMN j int; CREATE TABLE b_%1$s ();',
		down => 'DROP TABLE b_%1$s; ALTER TABLE t_%1$s DROP COLUMN j; DROP TABLE a_%1$s;',
		blocker => 'BEGIN; SELECT count(*) FROM t_%1$s',
		there => q(EXISTS (SELECT FROM pg_attribute WHERE attrelid = 't_%1$s'::regclass AND attname = 'j')),
		gone => q(NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 't_%1$s'::regclass AND attname = 'j')) },
);

my $number = 0;

sub query_state { return MigrateTest::Session::sqlstate($_[0]); }

sub strike
{
	my ($blow, $worker, $caller, $psql, $blocker) = @_;
	if ($blow eq 'the worker is killed') { kill 9, $worker; }
	elsif ($blow eq 'the server stops at once') { $node->stop('immediate'); $node->start; }
	elsif ($blow eq 'the worker is terminated') { $admin->ok_query("SELECT pg_terminate_backend($worker)"); }
	elsif ($blow eq 'the caller is cancelled') { $admin->ok_query("SELECT pg_cancel_backend($caller->{pid})"); }
	elsif ($blow eq 'the caller is terminated') { $admin->ok_query("SELECT pg_terminate_backend($caller->{pid})"); }
	elsif ($blow eq 'psql is killed') { $psql->kill_kill; }
	if ($blow =~ /worker is killed|at once/)
	{
		$_->result foreach $admin, $blocker, grep { defined } $caller;
		wait_for_server($node);
		$admin = session($node);
	}
	elsif ($caller) { isnt(query_state($caller->result), '00000', "$blow: the caller gets an error"); }
	return;
}

foreach my $title (sort keys %steps)
{
	my $step = $steps{$title};
	foreach my $blow ('the worker is killed', 'the server stops at once', 'the worker is terminated', 'the caller is cancelled',
		'the caller is terminated', 'psql is killed')
	{
		my @id = ('s' . ++$number, $number);
		my ($name, $what) = ("v$number", "$title: $blow");
		my $text = sub { return sprintf $_[0], @id };
		$admin->ok_query($text->($step->{setup})) if $step->{setup};
		add_migration($node, 'postgres', $name, $text->($step->{up}), $text->($step->{down}));
		my $blocker = session($node);
		$blocker->ok_query($text->($step->{blocker}));
		my ($caller, $psql);
		if ($blow =~ /psql/)
		{
			$psql = IPC::Run::start([ 'psql', '-X', '-h', $node->host, '-p', $node->port, '-d', 'postgres', '-c', 'SELECT migrate.apply()' ],
				'>', \my $out, '2>', \my $err);
		}
		else
		{
			$caller = session($node);
			$caller->send_query('SELECT migrate.apply()');
		}
		my $worker = wait_until($admin, "SELECT pid FROM migrate.progress WHERE waits_for_pid = $blocker->{pid}"
			  . ($step->{inside} ? ' AND ' . $text->($step->{inside}) : ''));
		ok($worker, "$what: it waits, and progress says for whom");
		strike($blow, $worker, $caller, $psql, $blocker);
		$blocker->terminate;
		ok(wait_until($admin, q(SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'migrate worker'))), "$what: nothing runs");
		my $expected = $blow =~ /psql/ ? 'applied' : $title =~ /transaction/ && $blow !~ /caller/ ? 'pending|interrupted' : 'interrupted';
		like(state_of($node, 'postgres', $name), qr/^($expected)$/, "$what: it is $expected");
		my $back = sub {
			my $result = $admin->query("SELECT migrate.rollback('$name')");
			is(query_state($result), '00000', "$what: rollback undoes it") or diag explain $result->{error};
			is_state($node, 'postgres', $name, 'pending', "$what: it is pending then");
			is($admin->value('SELECT ' . $text->("to_regclass('a_%1\$s') IS NULL AND to_regclass('b_%1\$s') IS NULL AND $step->{gone}")), 't',
				"$what: nothing of it is there");
		};
		$back->() if $number % 2 && !$step->{only_apply} && state_of($node, 'postgres', $name) ne 'pending';
		my $result = $admin->query('SELECT migrate.apply()');
		is(query_state($result), '00000', "$what: apply finishes it") or diag explain $result->{error};
		is_state($node, 'postgres', $name, 'applied', "$what: it is applied");
		is($admin->value('SELECT ' . $text->("to_regclass('a_%1\$s') IS NOT NULL AND to_regclass('b_%1\$s') IS NOT NULL AND $step->{there}")), 't',
			"$what: all of it is there");
		$back->();
		$admin->ok_query("SELECT migrate.remove('$name')");
		is($admin->value('SELECT count(*) FROM pg_index WHERE NOT indisvalid'), 0, "$what: no invalid index is left");
	}
}
$node->stop;
done_testing();
