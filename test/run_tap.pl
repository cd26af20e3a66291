# run_tap.pl JOBS COUNT_FILE TEST...: runs TAP tests, JOBS files at a time, and writes "passed failed skipped"
# (single tests, not files) to COUNT_FILE.  A file that dies or breaks its plan counts as one more failure.
use strict;
use warnings;
use TAP::Harness;

my ($jobs, $count_file, @tests) = @ARGV;
my ($passed, $failed, $skipped, %started) = (0, 0, 0);

sub count_file_of_tests
{
	my ($job, $parser) = @_;
	my $name = ref $job ? $job->[0] : $job;
	my @bad = $parser->failed;
	my $skips = $parser->skipped;
	my $skip_all = $parser->skip_all;
	my $good = $parser->actual_passed - $skips;
	my $broken = (!@bad && ($parser->has_problems || (!$skip_all && $parser->tests_run == 0))) ? 1 : 0;

	$passed += $good;
	$failed += @bad + $broken;
	$skipped += $skip_all ? 1 : $skips;
	printf "%s %s: %d tests, %d s%s\n", (@bad || $broken ? 'not ok' : 'ok'), $name, $parser->tests_run,
	  time - ($started{$name} // time), $skip_all ? ", skipped: $skip_all" : '';
	print "    failed: @bad\n" if @bad;
	print "    $_\n" for $parser->parse_errors;
	printf "    exit status %d, signal %d\n", $parser->wait >> 8, $parser->wait & 127 if $parser->wait;
}

$| = 1;
my $harness = TAP::Harness->new({ jobs => $jobs, verbosity => -3 });
$harness->callback(made_parser => sub { my ($parser, $job) = @_; $started{ $job->[0] } = time; });
$harness->callback(after_test => \&count_file_of_tests);
$harness->runtests(@tests);

open my $out, '>', $count_file or die "could not write $count_file: $!";
print $out "$passed $failed $skipped\n";
close $out or die "could not write $count_file: $!";
exit($failed ? 1 : 0);
