# Statements that are run online, struck between any two of their parts: afterwards apply() ends where the
# statement as written ends, and rollback() where it began, with nothing of the parts left.  Rows run side by
# side, each in a database of its own, and all are struck at once.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;

my $tables = q(
	CREATE TABLE customers (id bigint PRIMARY KEY, name text);
	CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, number integer, day date NOT NULL DEFAULT '2024-06-01');
	INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 50) i;
	INSERT INTO orders SELECT i, i % 50 + 1, i FROM generate_series(1, 200) i;
	CREATE TABLE events (id bigint NOT NULL, day date NOT NULL, kind text) PARTITION BY RANGE (day);
	CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
	CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
	INSERT INTO events SELECT i, '2024-03-01'::date + i, 'k' FROM generate_series(1, 100) i;
	CREATE TABLE events_3 (id bigint NOT NULL, day date NOT NULL, kind text);
	INSERT INTO events_3 VALUES (1, '2026-06-01', 'k'););

# up, down
my %kinds = (
	check => [ 'ALTER TABLE orders ADD CHECK (number > 0)', 'ALTER TABLE orders DROP CONSTRAINT orders_number_check' ],
	not_null => [ 'ALTER TABLE orders ALTER customer SET NOT NULL', 'ALTER TABLE orders ALTER customer DROP NOT NULL' ],
	foreign_key => [ 'ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers', 'ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey' ],
	unique => [ 'ALTER TABLE orders ADD UNIQUE (number)', 'ALTER TABLE orders DROP CONSTRAINT orders_number_key' ],
	primary_key => [ 'ALTER TABLE events_3 ADD PRIMARY KEY (kind)', 'ALTER TABLE events_3 DROP CONSTRAINT events_3_pkey; ALTER TABLE events_3 ALTER kind DROP NOT NULL' ],
	index => [ 'CREATE INDEX orders_number ON orders (number)', 'DROP INDEX orders_number' ],
	column => [ 'ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()', 'ALTER TABLE orders DROP COLUMN token' ],
	several => [ 'ALTER TABLE orders ADD CHECK (number > 0), ALTER customer SET NOT NULL, ADD UNIQUE (number)',
		'ALTER TABLE orders DROP CONSTRAINT orders_number_check; ALTER TABLE orders ALTER customer DROP NOT NULL; ALTER TABLE orders DROP CONSTRAINT orders_number_key' ],
	attach => [ q(ALTER TABLE events ATTACH PARTITION events_3 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')), 'ALTER TABLE events DETACH PARTITION events_3' ],
	detach => [ 'ALTER TABLE events DETACH PARTITION events_2', q(ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')) ],
	partitioned_unique => [ 'ALTER TABLE events ADD UNIQUE (id, day)', 'ALTER TABLE events DROP CONSTRAINT events_id_day_key' ],
);

my $node = new_server('online', settings => [ 'max_worker_processes = 250', 'max_connections = 600', 'autovacuum = off', 'fsync = off' ]);
waitpoints($node, 'postgres');
$node->safe_psql('postgres', 'CREATE DATABASE online_template');
$node->safe_psql('online_template', "CREATE EXTENSION migrate; $tables");

# Everything about the schema that a part could leave behind.  Detaching keeps a CHECK, which the way up drops.
my $fingerprint = q(SELECT string_agg(x, E'\n' ORDER BY x) FROM (
	SELECT format('%s %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) FROM pg_constraint
	 WHERE connamespace = 'public'::regnamespace
	UNION ALL SELECT format('%s %s', pg_get_indexdef(indexrelid), indisvalid) FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
	UNION ALL SELECT format('%s %s %s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull, pg_get_expr(d.adbin, d.adrelid))
	  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
	  LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum WHERE attnum > 0 AND NOT attisdropped
	UNION ALL SELECT format('%s in %s', inhrelid::regclass, inhparent::regclass) FROM pg_inherits) AS s (x));

sub schema_after
{
	my ($sql) = @_;
	$node->safe_psql('postgres', 'CREATE DATABASE as_written TEMPLATE online_template');
	$node->safe_psql('as_written', $sql) if $sql;
	my $schema = $node->safe_psql('as_written', $fingerprint);
	$node->safe_psql('postgres', 'DROP DATABASE as_written');
	return $schema;
}

sub up_of { my ($kind) = @_; return "-- migrate:set online = always\n$kinds{$kind}[0];"; }

# Where each part can be struck: before it is done, and when it is done and nobody knows.
my (@rows, %written, %undone);
foreach my $kind (sort keys %kinds)
{
	my ($up, $down) = @{ $kinds{$kind} };
	$written{$kind} = schema_after($up);
	$undone{$kind} = schema_after("$up; $down");
	$node->safe_psql('postgres', 'CREATE DATABASE planned TEMPLATE online_template');
	add_migration($node, 'planned', 'v1', up_of($kind), $down);
	my %parts;
	my @modes = split /\n/, $node->safe_psql('planned', 'SELECT DISTINCT ON (step) mode FROM migrate.plan() WHERE runs IS NOT NULL ORDER BY step');
	$parts{$_}++ foreach @modes;
	$node->safe_psql('postgres', 'DROP DATABASE planned');
	cmp_ok(scalar(@modes), '>=', $kind eq 'index' ? 1 : 2, "$kind is run online");
	foreach my $n (1 .. $parts{transaction} // 0) { push @rows, [ $kind, $_, $n ] foreach qw(transaction_recorded transaction_committed); }
	foreach my $n (1 .. $parts{alone} // 0) { push @rows, [ $kind, $_, $n ] foreach qw(alone_noted alone_ran); }
}
@rows = map { { kind => $_->[0], point => $_->[1], pass => $_->[2], title => "$_->[0], $_->[1] $_->[2]" } } @rows;

# Lets the run go on from a waitpoint to where it passes it the next time: whoever waits for the lock then comes
# before it.
sub go_on
{
	my ($row) = @_;
	my $next = session($node, dbname => $row->{db});
	my $number = $row->{holder}{waitpoint};
	$next->send_query("SELECT pg_advisory_lock(77, $number)");
	wait_until($row->{session}, "SELECT count(*) = 2 FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND classid = 77"
		  . " AND objid = $number AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
	$row->{holder}->terminate;
	$next->result;
	$next->{waitpoint} = $number;
	$row->{holder} = $next;
	return;
}

sub prepare
{
	my ($row, $wave) = @_;
	$row->{db} = "r${wave}_" . $row->{number};
	$node->safe_psql('postgres', "CREATE DATABASE $row->{db} TEMPLATE online_template");
	$row->{session} = session($node, dbname => $row->{db});
	$row->{session}->ok_query('SELECT migrate.add(' . join(', ', map { sql_literal($_) } 'v1', up_of($row->{kind}), $kinds{ $row->{kind} }[1]) . ')');
	$row->{holder} = hold_point($node, $row->{db}, $row->{point});
	$row->{caller} = session($node, dbname => $row->{db});
	$row->{caller}->send_query('SELECT migrate.apply()');
	return;
}

my $number = 0;
$_->{number} = ++$number foreach @rows;
foreach my $wave (1, 2)
{
	prepare($_, $wave) foreach @rows;
	foreach my $row (@rows)
	{
		foreach my $pass (1 .. $row->{pass})
		{
			$row->{worker} = wait_at($row->{holder});
			ok($row->{worker}, "$row->{title}: pass $pass") or last;
			go_on($row) if $pass < $row->{pass};
		}
	}
	kill 9, $rows[0]{worker};
	foreach my $session (map { @$_{qw(caller session holder)} } @rows) { $session->result; }
	wait_for_server($node);
	foreach my $row (@rows)
	{
		my $session = $row->{session} = session($node, dbname => $row->{db});
		my ($call, $schema) = $wave == 1 ? ('apply()', $written{ $row->{kind} }) : ("rollback('v1')", $undone{ $row->{kind} });
		my $result = $session->query("SELECT migrate.$call");
		is(MigrateTest::Session::sqlstate($result), '00000', "$row->{title}: $call after the blow")
		  or diag join "\n", map { $result->{error}{$_} // '' } qw(M D);
		is($session->value($fingerprint), $schema, "$row->{title}: nothing else is left by $call");
		if ($wave == 2)
		{
			$session->ok_query('SELECT migrate.apply()');
			is($session->value($fingerprint), $written{ $row->{kind} }, "$row->{title}: and it can be applied again");
		}
		$session->terminate;
		$node->safe_psql('postgres', "DROP DATABASE $row->{db}");
	}
}

$node->stop;
done_testing();
