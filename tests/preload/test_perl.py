#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""A perl script of hashes, sorting, regular expressions and closures."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SCRIPT = r"""
use strict; use warnings;
use Digest::MD5 qw(md5_hex); use List::Util qw(sum reduce shuffle); use Storable qw(dclone);
my %count; my @words;
my $seed = 42;
sub rnd { $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; return $seed >> 8 }
for my $i (1 .. 150000) { my $w = join '', map { chr(97 + rnd() % 26) } 1 .. 1 + rnd() % 9;
  $count{$w}++; push @words, $w if $i % 3 == 0; }
my @top = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
print "$_ $count{$_}\n" for @top[0 .. 19];
my $text = join ' ', @words; my $n = 0;
$n++ while $text =~ /\b([a-e]\w*?[x-z])\b/g; print "matches $n\n";
(my $other = $text) =~ s/(\w)(\w+)/\u$2$1/g; print md5_hex($other), "\n";
my %tree; for my $w (@words) { my $t = \%tree; $t = $t->{$_} //= {} for split //, $w; $t->{end}++ }
sub size { my $t = shift; return 1 + sum(0, map { ref $t->{$_} ? size($t->{$_}) : 1 } keys %$t) }
print "tree ", size(\%tree), "\n"; my $copy = dclone(\%tree); undef %tree; print "copy ", size($copy), "\n";
my @parts = map { my $k = $_; sub { $k * shift } } 1 .. 20000; print sum(map { $_->(3) } @parts), "\n";
for my $round (1 .. 5) { my @m = map { [ map { rnd() % 1000 } 1 .. 100 ] } 1 .. 300;
  @m = sort { $a->[0] <=> $b->[0] || "@$a" cmp "@$b" } @m; print md5_hex(join ',', map { "@$_" } @m), "\n"; }
my $big = 'x' x 10_000_000; $big .= $_ for 1 .. 200000; print length($big), " ", md5_hex($big), "\n";
for my $i (1 .. 20) { my $pid = fork // die; if (!$pid) { my %h = map { $_ => "v$_" } 1 .. 2000; exit(keys(%h) == 2000 ? 0 : 1) }
  waitpid $pid, 0; die "child" if $?; }
print "forks\n"; print STDERR "done\n";
"""


def test(t):
    if t.missing("perl"):
        return t.skip("perl", "perl is not installed")
    (t.folder / "script.pl").write_text(SCRIPT)
    # perl's hashes are in another order in each process unless told
    os.environ.update(PERL_HASH_SEED="0", PERL_PERTURB_KEYS="0")
    plain, _ = t.both(["perl", "script.pl"], "the same output")
    t.ok(plain.returncode == 0 and plain.stdout.endswith("forks\n"), "which is that of a whole run", plain.stderr)


tap.main(test)
