# The corpus of test/online/corpus, as written with psql in one database and by apply() under migrate.online = always in
# another: dumps of the two, what their catalogs say beyond, and their rows are equal, case by case, also after
# rollback() and once more.  ONLINE_CASES, a regular expression, chooses cases; MIX_SEED repeats a mixture.
use strict;
use warnings;
use Test::More;
use List::Util qw(shuffle);
use Time::HiRes qw(time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use MigrateTest;
use OnlineCorpus;

my $node = new_server('online', extension => 0, settings => [ 'allow_in_place_tablespaces = on', 'max_worker_processes = 24',
		'autovacuum = off', 'fsync = off', 'client_min_messages = warning' ]);
my $major = $node->pg_version->major;
my $chosen = $ENV{ONLINE_CASES} || '.';
my $scratch = $PostgreSQL::Test::Utils::tmp_check;
my $admin = session($node);
$admin->ok_query($_) foreach ("CREATE TABLESPACE corpus_space LOCATION ''", 'CREATE DATABASE written_template', 'CREATE DATABASE ours_template');
$node->safe_psql('ours_template', 'CREATE EXTENSION migrate');
my @key = command_output('pg_dump', '--help') =~ /--restrict-key/ ? '--restrict-key=corpus' : ();

sub command_output { my (@command) = @_; my ($out, $err); IPC::Run::run(\@command, '>', \$out, '2>', \$err) or die "@command: $err"; return $out; }

# ---- the two ways ---------------------------------------------------------------------------------

my $psql_said;

# Runs SQL with psql in the case's schema; returns the SQLSTATE of its failure, or ''.
sub run_psql
{
	my ($db, $case, $sql, @options) = @_;
	local $ENV{PGOPTIONS} = "-c search_path=$case->{name} -c client_min_messages=error";
	my ($out, $err) = ('', '');
	# A file, not standard input, which psql doesn't stop to read at a failure in one transaction.
	my $file = "$scratch/script.sql";
	append_file($file, $sql);
	my $good = IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', @options, '-f', $file, '-d', $node->connstr($db) ],
		'<', '/dev/null', '>', \$out, '2>', \$err);
	$psql_said = $err;
	return '' if $good;
	return $err =~ /(?:ERROR|FATAL):\s+([0-9A-Z]{5}):/ ? $1 : "psql: $err";
}

sub append_file { my ($file, $text) = @_; open my $out, '>:raw', $file or die "$file: $!"; print $out $text; close $out; return; }

# What a session says of a failed query, or ''.
sub failure { my ($result) = @_; return $result->{error} ? $result->{error}{C} : $result->{closed} ? 'closed' : ''; }
sub story { my ($result) = @_; return join ' ', map { $result->{error}{$_} // () } qw(M D H W); }

sub name_of { my ($case) = @_; return sql_literal("$case->{number}_$case->{name}"); }

sub add_case
{
	my ($session, $case) = @_;
	return $session->query(sprintf 'SELECT migrate.add(%s, %s, %s)', name_of($case), sql_literal($case->{up}), sql_literal($case->{down}));
}

# Which statements the plan has rewritten, in order.
sub plan_of
{
	my ($session, $case) = @_;
	my $result = $session->query('SELECT line, bool_or(runs IS NOT NULL) FROM migrate.plan(names => ARRAY[' . name_of($case) . '])'
		  . ' WHERE line IS NOT NULL GROUP BY line ORDER BY line');
	return failure($result) ? undef : map { $_->[1] eq 't' ? 'rewritten' : 'written' } @{ $result->{rows} };
}

# "rewritten": some statement is; "written": none; a list with commas: a word a statement; "written; from 18 rewritten".
sub plan_differs
{
	my ($expected, @plan) = @_;
	return '' if !defined $expected;
	$expected = $major >= $2 ? $3 : $1 if $expected =~ /^(.*); from (\d+) (.*)$/;
	return 'no plan' if !@plan || !defined $plan[0];
	my $is = join ', ', @plan;
	my $good = $expected =~ /,/ ? $is eq $expected : $expected eq ($is =~ /rewritten/ ? 'rewritten' : 'written');
	return $good ? '' : "the plan is \"$is\" instead of \"$expected\"";
}

# ---- looking --------------------------------------------------------------------------------------

sub rows { my ($db, $sql) = @_; my $session = session($node, dbname => $db); my $rows = $session->ok_query($sql)->{rows}; $session->terminate; return @$rows; }

# What catalogs and rows of a database say, by case.
sub look
{
	my ($db, $random) = @_;
	my @rows = (rows($db, facts_query($major)), rows($db, data_query(tables_of(rows($db, tables_query())), $random)));
	return by_case(@rows);
}

sub dump_of
{
	my ($db, $label) = @_;
	my $file = "$scratch/$label.sql";
	command_ok_quietly('pg_dump', '-s', @key, '-f', $file, '-d', $node->connstr($db));
	return slurp_file($file);
}
sub command_ok_quietly { my (@command) = @_; command_output(@command); return; }

my @report;

# One test: nothing in the list.
sub is_nothing
{
	my ($case, $title, @differences) = @_;
	push @report, map { "$major $case->{file}/$case->{name}, $title: $_" } @differences;
	return ok(!@differences, "$case->{name}: $title") || diag join "\n", @differences;
}

# ---- one file -------------------------------------------------------------------------------------

sub make_databases
{
	my ($label, @cases) = @_;
	my $setup = "SET client_min_messages = error;\n";
	foreach my $case (@cases)
	{
		$setup .= "\\set ON_ERROR_STOP 1\nCREATE SCHEMA $case->{name};\nSET search_path = $case->{name};\n$case->{fixture}\n" . ($case->{setup} // '') . "\n;\n";
	}
	foreach my $side (qw(written ours))
	{
		$admin->ok_query("CREATE DATABASE ${side}_$label TEMPLATE ${side}_template");
		my $failed = run_psql("${side}_$label", { name => 'public' }, $setup);
		die "the setup of $label fails: $psql_said\n" if $failed;
	}
	return ("written_$label", "ours_$label");
}

sub random_columns
{
	my (@cases) = @_;
	my %random;
	foreach my $case (@cases)
	{
		foreach my $column (split /\s*,\s*/, $case->{random} // '')
		{
			my ($table, $name) = split /\./, $column;
			push @{ $random{ $case->{name} }{$table} }, $name;
		}
	}
	return \%random;
}

# Up with both; returns what is wrong.
sub run_up
{
	my ($written, $session, $case) = @_;
	my @options = ($case->{transaction} // '') eq 'always' ? '-1' : ();
	my $as_written = run_psql($written, $case, $case->{'as written'} // $case->{up}, @options);
	my $result = $session->query('SELECT step FROM migrate.apply(names => ARRAY[' . name_of($case) . '])');
	my ($expected, $of_ours) = split /, */, $case->{error} // '';
	$expected //= '';
	my $ours = failure($result);
	$of_ours //= $expected;
	# What fails is not to be in the way of rollback() of others.
	$session->query('SELECT migrate.mark(' . name_of($case) . ", 'pending')") if $ours && !($ours eq $of_ours && defined $case->{repair});
	return ($as_written eq $expected ? () : "as written: \"$as_written\" instead of \"$expected\"",
		$ours eq $of_ours ? () : "ours: \"$ours\" instead of \"$of_ours\" " . story($result));
}

# After a failure: what was in the way goes, and both try again.
sub repair
{
	my ($written, $ours, $session, $case) = @_;
	my @failed = map { run_psql($_, $case, $case->{repair}) } $written, $ours;
	return "repair: @failed" if grep { $_ } @failed;
	local $case->{error} = '';
	return run_up($written, $session, $case);
}

sub run_down
{
	my ($written, $session, $case) = @_;
	my $as_written = run_psql($written, $case, $case->{down});
	my $result = $session->query('SELECT step FROM migrate.rollback(target => ' . name_of($case) . ')');
	return ($as_written ? "as written: $as_written" : (), failure($result) ? 'ours: ' . failure($result) . ' ' . story($result) : ());
}

# By SET, not by an argument: that would win over what a script says itself.  What is dangerous is not the matter here.
sub online_session
{
	my ($db) = @_;
	my $session = session($node, dbname => $db);
	$session->ok_query($_) foreach 'SET migrate.online = always', 'SET migrate.lint = off';
	return $session;
}

sub in_schema { my ($session, $case) = @_; $session->ok_query("SET search_path = $case->{name}"); return; }

sub run_file
{
	my (@cases) = @_;
	# Those that go back come last, and go back newest first, as rollback() wants it.
	@cases = ((grep { !defined $_->{down} } @cases), (grep { defined $_->{down} } @cases));
	$cases[$_]{number} = $_ + 1 foreach 0 .. $#cases;
	my $label = $cases[0]{file};
	my ($written, $ours) = make_databases($label, @cases);
	my $random = random_columns(@cases);
	my $session = online_session($ours);
	foreach my $case (@cases)
	{
		in_schema($session, $case);
		my $added = add_case($session, $case);
		my $plan = plan_differs($case->{expect}, failure($added) ? () : plan_of($session, $case));
		my @wrong = run_up($written, $session, $case);
		push @wrong, repair($written, $ours, $session, $case) if defined $case->{repair} && !@wrong;
		is_nothing($case, 'runs', $plan || (), failure($added) ? story($added) : (), @wrong);
		$case->{failed} = @wrong > 0;
	}
	# Of what didn't run there is nothing more to say.
	my @all = @cases;
	@cases = grep { !$_->{failed} } @cases;
	compare_catalogs('the same catalogs and rows', $written, $ours, $random, @cases);
	check_ends($session, @cases);
	down_and_up($written, $ours, $session, $random, grep { defined $_->{down} } @cases);
	$session->terminate;
	compare_dumps($label, $written, $ours, \@all, @cases);
	return;
}

sub compare_catalogs
{
	my ($title, $written, $ours, $random, @cases) = @_;
	my ($left, $right) = (look($written, $random), look($ours, $random));
	is_nothing($_, $title, differences($left->{ $_->{name} }, $right->{ $_->{name} })) foreach @cases;
	return;
}

sub check_ends
{
	my ($session, @cases) = @_;
	foreach my $case (grep { defined $_->{check} } @cases)
	{
		in_schema($session, $case);
		my $result = $session->query($case->{check});
		is_nothing($case, 'is right', grep { $_ ne 't' } failure($result) ? story($result) : map { $_->[0] // 'null' } @{ $result->{rows} });
	}
	return;
}

sub down_and_up
{
	my ($written, $ours, $session, $random, @cases) = @_;
	return unless @cases;
	foreach my $case (reverse @cases) { in_schema($session, $case); is_nothing($case, 'goes back', run_down($written, $session, $case)); }
	compare_catalogs('the same after going back', $written, $ours, $random, @cases);
	foreach my $case (@cases) { in_schema($session, $case); is_nothing($case, 'runs again', run_up($written, $session, $case)); }
	compare_catalogs('the same once more', $written, $ours, $random, @cases);
	return;
}

# Whole dumps without the extension are the same text; where not, its part in each case.
sub compare_dumps
{
	my ($label, $written, $ours, $all, @cases) = @_;
	$node->safe_psql($ours, 'SET migrate.allow_drop = on; DROP EXTENSION migrate CASCADE');
	my ($left, $right) = (dump_of($written, $written), dump_of($ours, $ours));
	my ($by_case, $with_ours) = (split_dump($left), split_dump($right));
	is_nothing($_, 'the same dump', differences($by_case->{ $_->{name} }, $with_ours->{ $_->{name} })) foreach @cases;
	return if grep { $_->{failed} } @$all;
	ok($left eq $right, "$label: the whole dumps are the same text");
	return;
}

# ---- mixtures -------------------------------------------------------------------------------------

# Cases of all files, shuffled, several to a migration.
sub run_mixture
{
	my (@cases) = @_;
	@cases = grep { !$_->{error} && !$_->{transaction} && !$_->{'as written'} && $_->{up} !~ /^-- migrate:/m && $_->{up} !~ /\b(BEGIN|COMMIT|SET LOCAL|search_path)\b/i } @cases;
	my $seed = $ENV{MIX_SEED} // int(rand 1_000_000);
	srand $seed;
	@cases = shuffle @cases;
	my @mixed = @cases;
	my ($written, $ours) = make_databases('mixture', @cases);
	my $session = online_session($ours);
	my ($number, @good) = (0);
	while (my @some = splice @cases, 0, 5)
	{
		$number++;
		my $script = join '', map { "SET search_path = $_->{name};\n$_->{up}\n;\n" } @some;
		my %case = (name => "mixture_$number", number => $number, file => 'mixture', up => $script);
		my $added = add_case($session, \%case);
		my @wrong = (failure($added) ? story($added) : (), run_up($written, $session, \%case));
		is_nothing(\%case, "runs (seed $seed: @{[ map { $_->{name} } @some ]})", @wrong);
		push @good, @some unless @wrong;
	}
	$session->terminate;
	compare_catalogs("the same after the mixture (seed $seed)", $written, $ours, random_columns(@mixed), @good);
	return;
}

# ---------------------------------------------------------------------------------------------------

my (@all, %names);
foreach my $path (sort glob 'test/online/corpus/*.sql')
{
	my $start = time;
	my @cases = grep { applies_to($_, $major) && "$_->{file}/$_->{name}" =~ /$chosen/ } read_corpus($path);
	next unless @cases;
	$names{ $_->{name} }++ && die "two cases are called $_->{name}\n" foreach @cases;
	run_file(@cases);
	push @all, @cases;
	note sprintf '%s: %d cases, %.1f s', $cases[0]{file}, scalar @cases, time - $start;
}
run_mixture(@all);
note scalar(@all) . ' cases';
append_file("$scratch/report", join '', map { "$_\n" } @report);
$node->stop('immediate');
done_testing();
