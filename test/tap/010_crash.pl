# The crash table.  A row is a kind of step and a waitpoint where its run is held; all rows run side by
# side, each in a database of its own, and all are struck at once.  After every blow ledger and catalogs
# must agree, and the next apply() must finish or rollback() undo.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

# ---- kinds of steps -------------------------------------------------------------------------------
# Each is a migration of three steps: a table; the statement in question; another table.  %s is a suffix.
# there: what shows that a step has had its effect.

my $valid = q(EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('x_%1$s') AND indisvalid));
my $partitioned = 'CREATE TABLE t_%1$s (i int) PARTITION BY RANGE (i);'
  . ' CREATE TABLE p_%1$s PARTITION OF t_%1$s FOR VALUES FROM (0) TO (10);'
  . ' CREATE TABLE q_%1$s PARTITION OF t_%1$s FOR VALUES FROM (10) TO (20);';
my $plain = 'CREATE TABLE t_%1$s (i int); INSERT INTO t_%1$s VALUES (1), (2);';

my %kinds = (
	transaction => { up => $plain, steps => 1 },
	failing => {
		setup => 'CREATE TABLE gate_%1$s (i int)',
		up => $plain . ' SELECT 1 / count(*) FROM gate_%1$s;',
		steps => 1,
		error => '22012',
		cure => 'INSERT INTO gate_%1$s VALUES (1)' },
	altering => {
		setup => 'CREATE TABLE gate_%1$s (i int)',
		up => $plain . ' ALTER TABLE gate_%1$s ADD COLUMN j int;',
		down => 'ALTER TABLE gate_%1$s DROP COLUMN j; DROP TABLE t_%1$s;' },
	# Another session is in the way: for a run that would stand in the queue, and for one that stands by.
	queueing => {
		setup => 'CREATE TABLE gate_%1$s (i int)',
		blocker => 'BEGIN; LOCK TABLE gate_%1$s IN ACCESS SHARE MODE',
		up => "-- migrate:set blocker_age = 1h\n-- migrate:set queue_limit = 1h\n" . $plain . ' ALTER TABLE gate_%1$s ADD COLUMN j int;',
		down => 'ALTER TABLE gate_%1$s DROP COLUMN j; DROP TABLE t_%1$s;' },
	standing_by => {
		setup => 'CREATE TABLE gate_%1$s (i int)',
		blocker => 'BEGIN; LOCK TABLE gate_%1$s IN ACCESS SHARE MODE',
		up => "-- migrate:set blocker_age = 0\n" . $plain . ' ALTER TABLE gate_%1$s ADD COLUMN j int;',
		down => 'ALTER TABLE gate_%1$s DROP COLUMN j; DROP TABLE t_%1$s;' },
	index => { up => $plain, alone => 'CREATE INDEX CONCURRENTLY x_%1$s ON t_%1$s (i);', there => $valid },
	unique_failing => {
		setup => 'CREATE TABLE gate_%1$s (i int); INSERT INTO gate_%1$s VALUES (1), (1);',
		up => 'CREATE TABLE t_%1$s (i int); INSERT INTO t_%1$s SELECT i FROM gate_%1$s;',
		alone => 'CREATE UNIQUE INDEX CONCURRENTLY x_%1$s ON t_%1$s (i);',
		there => $valid,
		error => '23505',
		cure => 'DELETE FROM gate_%1$s; DO $$ BEGIN DELETE FROM t_%1$s; EXCEPTION WHEN undefined_table THEN END $$' },
	partitioned_index => { up => $partitioned, alone => 'CREATE INDEX CONCURRENTLY x_%1$s ON t_%1$s (i);', there => $valid },
	leftover => {
		setup => $plain . ' UPDATE t_%1$s SET i = 7;',
		leftover => 'CREATE UNIQUE INDEX CONCURRENTLY x_%1$s ON t_%1$s (i)',
		cleanup => 'DELETE FROM t_%1$s',
		up => 'CREATE TABLE v_%1$s ();',
		first => q(to_regclass('v_%1$s') IS NOT NULL),
		alone => 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS x_%1$s ON t_%1$s (i);',
		there => $valid,
		down => 'DROP TABLE v_%1$s; DROP TABLE u_%1$s; DROP INDEX x_%1$s;' },
	drop_index => {
		up => $plain . ' CREATE INDEX x_%1$s ON t_%1$s (i);',
		alone => 'DROP INDEX CONCURRENTLY x_%1$s;',
		there => q(to_regclass('t_%1$s') IS NOT NULL AND to_regclass('x_%1$s') IS NULL) },
	reindex => {
		up => $plain . ' CREATE INDEX x_%1$s ON t_%1$s (i);',
		alone => 'REINDEX INDEX CONCURRENTLY x_%1$s;' },
	detach => {
		up => $partitioned,
		alone => 'ALTER TABLE t_%1$s DETACH PARTITION p_%1$s CONCURRENTLY;',
		there => q(to_regclass('p_%1$s') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass('p_%1$s'))),
		down => 'DROP TABLE u_%1$s; DROP TABLE p_%1$s; DROP TABLE t_%1$s;' },
	vacuum => { up => $plain, alone => 'VACUUM t_%1$s;' },
	procedure => {
		setup => 'CREATE PROCEDURE work_%1$s() LANGUAGE plpgsql AS $$ BEGIN COMMIT; INSERT INTO t_%1$s VALUES (9); COMMIT; END $$',
		up => $plain,
		alone => 'CALL work_%1$s();',
		in_doubt => 1 },
	database => {
		up => $plain,
		alone => 'CREATE DATABASE "d_%1$s" TEMPLATE template0;',
		there => q(EXISTS (SELECT FROM pg_database WHERE datname = 'd_%1$s')),
		down => 'DROP TABLE u_%1$s; DROP DATABASE IF EXISTS "d_%1$s"; DROP TABLE t_%1$s;' },
	way_down => {
		up => $plain,
		alone => 'CREATE INDEX CONCURRENTLY x_%1$s ON t_%1$s (i);',
		there => $valid,
		down => 'DROP TABLE u_%1$s; DROP INDEX CONCURRENTLY x_%1$s; DROP TABLE t_%1$s;',
		applied_before => 1 },
);

my @table = (
	[ transaction => qw(run_recorded transaction_begun transaction_ran transaction_recorded transaction_committed run_ended) ],
	[ failing => qw(failure_seen run_ended) ],
	[ altering => qw(lock_tried) ],
	[ queueing => qw(lock_queued) ],
	[ standing_by => qw(lock_refused) ],
	[ index => qw(run_recorded plan_recorded transaction_begun transaction_recorded transaction_committed alone_noted alone_ran alone_recorded run_ended) ],
	[ unique_failing => qw(alone_noted failure_seen run_ended) ],
	[ partitioned_index => qw(alone_noted leaf_built alone_ran alone_recorded) ],
	[ leftover => qw(leftover_dropped alone_ran) ],
	[ drop_index => qw(alone_noted alone_ran alone_recorded) ],
	[ reindex => qw(alone_noted alone_ran alone_recorded) ],
	[ detach => qw(alone_noted alone_ran alone_recorded) ],
	[ vacuum => qw(alone_noted alone_ran alone_recorded) ],
	[ procedure => qw(alone_noted alone_ran alone_recorded) ],
	[ database => qw(alone_noted alone_ran alone_recorded) ],
	[ way_down => qw(plan_recorded transaction_recorded transaction_committed alone_noted alone_ran alone_recorded run_ended) ],
);

# What strikes, and what comes after it.
my @blows = (
	[ 'the worker is killed', 'apply' ],
	[ 'the server stops at once', 'rollback' ],
	[ 'the worker is terminated', 'apply' ],
	[ 'the caller is terminated', 'rollback' ],
	[ 'the caller is cancelled', 'apply' ],
	[ 'the client is gone', 'rollback' ],
);

# ---- setting up -----------------------------------------------------------------------------------

my $node = new_server('crash', settings => [ 'max_worker_processes = 80', 'max_connections = 250', 'autovacuum = off' ]);
# Those of backfills have a test of their own.
my @points = grep { !/^backfill_/ } waitpoints($node, 'postgres');
my @rows;
foreach my $line (@table)
{
	my ($kind, @at) = @$line;
	push @rows, { kind => $kind, point => $_, db => 'c' . @rows } foreach @at;
}
foreach my $point (@points)
{
	ok((grep { $_->{point} eq $point } @rows), "waitpoint $point has a row");
}
$node->safe_psql('postgres', 'CREATE DATABASE crash_template');
$node->safe_psql('crash_template', 'CREATE EXTENSION migrate');
my $admin = session($node);
$admin->ok_query("CREATE DATABASE $_->{db} TEMPLATE crash_template") foreach @rows;

sub text_for { my ($text, $suffix) = @_; return sprintf $text, $suffix; }

sub down_of
{
	my ($kind) = @_;
	return $kind->{down} if $kind->{down};
	return ($kind->{alone} ? 'DROP TABLE u_%1$s; ' : '') . 'DROP TABLE t_%1$s;';
}

# One migration of the row for this wave; $row->{name}, {suffix}.
sub prepare
{
	my ($row, $wave) = @_;
	my $kind = $kinds{ $row->{kind} };
	my $s = "$row->{db}_$wave";
	@$row{qw(name suffix title)} = ("v$wave", $s, "$row->{kind} at $row->{point}");
	my $session = $row->{session} = session($node, dbname => $row->{db});
	$session->ok_query(text_for($kind->{setup}, $s)) if $kind->{setup};
	if ($kind->{leftover})
	{
		$session->query(text_for($kind->{leftover}, $s));
		$session->ok_query(text_for($kind->{cleanup}, $s));
	}
	my $up = $kind->{up} . ($kind->{alone} ? " $kind->{alone} CREATE TABLE u_%1\$s ();" : '');
	$session->ok_query('SELECT migrate.add(' . join(', ', map { sql_literal($_) } $row->{name}, text_for($up, $s),
			text_for(down_of($kind), $s)) . ')');
	$session->ok_query('SELECT migrate.apply()') if $kind->{applied_before};
	if ($kind->{blocker})
	{
		$row->{blocker} = session($node, dbname => $row->{db});
		$row->{blocker}->ok_query($_) foreach split /; /, text_for($kind->{blocker}, $s);
	}
	$row->{holder} = hold_point($node, $row->{db}, $row->{point});
	$row->{caller} = session($node, dbname => $row->{db});
	$row->{caller}->send_query($kind->{applied_before} ? "SELECT migrate.rollback('v$wave')" : 'SELECT migrate.apply()');
	return;
}

# ---- what must hold -------------------------------------------------------------------------------

sub probes
{
	my ($row) = @_;
	my $kind = $kinds{ $row->{kind} };
	my @probes = ($kind->{first} // q(to_regclass('t_%1$s') IS NOT NULL));
	push @probes, $kind->{there}, q(to_regclass('u_%1$s') IS NOT NULL) if $kind->{alone};
	return map { defined $_ ? $row->{session}->value('SELECT ' . text_for($_, $row->{suffix})) eq 't' ? 1 : 0 : undef } @probes;
}

sub state { my ($row) = @_; return $row->{session}->value("SELECT state FROM migrate.status WHERE name = '$row->{name}'"); }

# Problems found, as text: '' when ledger and catalogs agree.
sub disagreement
{
	my ($row) = @_;
	my $state = state($row);
	my @there = probes($row);
	return 'state is ' . ($state // 'unknown') unless ($state // '') =~ /^(pending|interrupted|failed|applied)$/;
	my $running = $row->{session}->value('SELECT count(*) FROM migrate.progress');
	return "$running are running" if $running;
	my $effects = join ',', map { $_ // '?' } @there;
	return "applied, but effects are $effects" if $state eq 'applied' && grep { defined && !$_ } @there;
	return "pending, but effects are $effects" if $state eq 'pending' && grep { $_ } @there;
	return '' if $kinds{ $row->{kind} }{applied_before} || $state eq 'pending' || $state eq 'applied';
	my $steps = $row->{session}->ok_query("SELECT state FROM migrate.steps WHERE migration = '$row->{name}'"
		  . ' AND run = (SELECT max(run) FROM migrate.steps) ORDER BY step')->{rows};
	my @bad;
	foreach my $i (0 .. $#there)
	{
		my $of_step = $steps->[$i] ? $steps->[$i][0] : 'planned';
		next if !defined $there[$i] || $of_step =~ /^(interrupted|in doubt)$/ || ($i == 1 && $of_step eq 'failed');
		my $done = $of_step =~ /^(done|carried)$/ ? 1 : 0;
		push @bad, 'step ' . ($i + 1) . " is $of_step, its effect is " . ($there[$i] ? 'there' : 'not there')
		  if $done != $there[$i];
	}
	return join '; ', @bad;
}

sub error_of { my ($result) = @_; return $result->{error} ? "$result->{error}{C} $result->{error}{M}" : ''; }

# apply() until nothing is left; a step in doubt is settled on the way, only where that is allowed.
sub finish_up
{
	my ($row) = @_;
	my $kind = $kinds{ $row->{kind} };
	$row->{session}->ok_query(text_for($kind->{cure}, $row->{suffix})) if $kind->{cure};
	my $result = $row->{session}->query('SELECT migrate.apply()');
	if ($kind->{in_doubt} && MigrateTest::Session::sqlstate($result) eq 'MG003')
	{
		$row->{asked} = 1;
		return 'check() does not name the step in doubt'
		  if !$row->{session}->value("SELECT result = 'failed' AND evidence ~ 'migration \"$row->{name}\" has step \\d+ of run \\d+ in doubt'"
			  . " FROM migrate.check() WHERE point = 'nothing is half-done'");
		my $decision = $row->{point} eq 'alone_noted' ? 'retry' : 'done';
		$row->{session}->ok_query("SELECT migrate.repair('$row->{name}', '$decision')");
		$result = $row->{session}->query('SELECT migrate.apply()');
	}
	return error_of($result) || (state($row) eq 'applied' ? disagreement($row) : 'state is ' . state($row));
}

sub take_back
{
	my ($row) = @_;
	return disagreement($row) if state($row) eq 'pending';
	my $result = $row->{session}->query("SELECT migrate.rollback('$row->{name}')");
	return error_of($result) || (state($row) eq 'pending' ? disagreement($row) : 'state is ' . state($row));
}

sub leftovers
{
	my ($row) = @_;
	return $row->{session}->value(q(SELECT coalesce(string_agg(indexrelid::regclass::text, ', '), '')
		FROM pg_index WHERE NOT indisvalid AND indexrelid::regclass::text LIKE '%\_) . "$row->{suffix}%'");
}

# ---- striking -------------------------------------------------------------------------------------

# The run may go on, if it is still there.
sub let_go
{
	my ($row) = @_;
	$_->terminate foreach grep { $_ } @$row{qw(blocker holder)};
	return;
}

sub strike
{
	my ($blow) = @_;
	if ($blow =~ /killed|at once/)
	{
		if ($blow =~ /killed/) { kill 9, $_->{worker} foreach @rows; }
		else { $node->stop('immediate'); $node->start; }
		# The end of every connection says that the crash was seen.
		foreach my $session ($admin, grep { $_ } map { @$_{qw(caller session holder blocker)} } @rows) { $session->result; }
		wait_for_server($node);
		$admin = session($node);
		$_->{session} = session($node, dbname => $_->{db}) foreach @rows;
		return;
	}
	foreach my $row (@rows)
	{
		if ($blow =~ /worker/) { $admin->ok_query("SELECT pg_terminate_backend($row->{worker})"); }
		elsif ($blow =~ /caller is term/) { $admin->ok_query("SELECT pg_terminate_backend($row->{caller}{pid})"); }
		elsif ($blow =~ /cancelled/) { $admin->ok_query("SELECT pg_cancel_backend($row->{caller}{pid})"); }
		elsif ($blow =~ /client/) { $row->{caller}->vanish; let_go($row); }
	}
	foreach my $row (@rows)
	{
		$row->{result} = $row->{caller}->result unless $blow =~ /client/;
		wait_until($row->{session}, q(SELECT NOT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'migrate worker')));
		let_go($row) unless $blow =~ /client/;
	}
	return;
}

foreach my $wave (1 .. @blows)
{
	my ($blow, $after) = @{ $blows[ $wave - 1 ] };
	note "wave $wave: $blow, then $after";
	prepare($_, $wave) foreach @rows;
	$_->{worker} = wait_at($_->{holder}) foreach @rows;
	ok(!(grep { !$_->{worker} } @rows), "$blow: every run came to its waitpoint")
	  or diag 'not there: ' . join ', ', map { $_->{title} } grep { !$_->{worker} } @rows;
	strike($blow);
	foreach my $row (@rows)
	{
		my $kind = $kinds{ $row->{kind} };
		is(disagreement($row), '', "$blow: $row->{title}: ledger and catalogs agree");
		if ($blow =~ /client/ && !$kind->{applied_before} && !$kind->{error})
		{
			is(state($row), 'applied', "$blow: $row->{title}: the run went on to its end");
		}
		is(take_back($row), '', "$blow: $row->{title}: rollback undoes it") if $after eq 'rollback' || $kind->{applied_before};
		is(finish_up($row), '', "$blow: $row->{title}: apply finishes it");
		ok($row->{asked} || $after eq 'rollback', "$blow: $row->{title}: it is in doubt")
		  if $kind->{in_doubt} && $blow =~ /killed/ && $row->{point} ne 'alone_recorded';
		is(leftovers($row), '', "$blow: $row->{title}: no invalid index is left");
		delete $row->{asked};
		is(take_back($row), '', "$blow: $row->{title}: and rollback undoes it then");
		$row->{session}->ok_query("SELECT migrate.remove('$row->{name}')");
		$row->{session}->terminate;
	}
}

$node->stop;
done_testing();
