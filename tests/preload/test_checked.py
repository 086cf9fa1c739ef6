#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What check=strict and check=cheap say of programs that do nothing wrong:
nothing, and the programs do what they do without them."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

PYTHON = """
import json, re, sqlite3, subprocess, threading
rows = [{"id": i, "name": "x" * (i % 300), "of": [i] * (i % 9)} for i in range(2000)]
text = json.dumps(rows)
print(json.loads(text) == rows, len(re.findall("x{7}", text)))
db = sqlite3.connect(":memory:")
db.execute("create table t (id integer primary key, name text)")
db.executemany("insert into t values (:id, :name)", rows)
print(db.execute("select sum(length(name)) from t where id % 3").fetchone())
sums = []
def work(n):
    kept = [bytes(i % 700 + n) for i in range(3000)]
    sums.append(sum(map(len, kept)))
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(sums), len(bytearray(3 << 20) * 2))
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout)
"""

SQL = """
CREATE TABLE t(id INTEGER PRIMARY KEY, b TEXT, c BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 3000)
INSERT INTO t SELECT i, printf('row %08d', i * 7919 % 10007), zeroblob(i % 900)
FROM n;
CREATE INDEX tb ON t(b);
SELECT length(group_concat(b)), sum(length(c)) FROM t WHERE id % 7;
SELECT length(zeroblob(300000)), length(hex(zeroblob(200000)));
DELETE FROM t WHERE id % 5 = 0;
VACUUM;
PRAGMA integrity_check;
"""

PERL = r"""
my (%n, @f); $n{"k" . $_ % 997} .= "v$_ " for 1 .. 5000;
push @f, map { my $k = $_; sub { $k * shift } } 1 .. 1000;
my $s = join ",", map { "$_=$n{$_}" } sort keys %n; my $m = () = $s =~ /v\d+3 /g;
$s =~ s/(\d)(\d)/$2$1/g; my $sum = 0; $sum += $_->(3) for @f;
my $pid = fork; if (!$pid) { my @x = map { "c$_" } 1 .. 1000; exit 0 } wait;
print length($s), " $m $sum $?\n"; printf "%s\n", "x" x 100000;
"""

BASH = r"""
for i in {1..300}; do a[i]="word $i"; declare -A h; h[k$i]=${a[i]/word/w}; done
echo "${#a[@]} ${h[k77]} ${a[*]}" | tr ' ' '\n' | sort | uniq -c | tail -5
f() { local n=$1; ((n)) && echo $(f $((n - 1)))$n; }; f 20
printf '%s\n' "$(seq 2000)" | awk '{ s[$1 % 7] += $1 } END { print s[3] }'
seq 3000 | sed -n 's/\(.\)1/<\1>/p' | sort -r | head -5
"""

GIT = r"""
git init -q . && git config user.name n && git config user.email e@x
for i in 1 2 3 4; do seq $((i * 700)) > f$i; git add .
git commit -qm "c$i" --date 2026-01-0${i}T00:00:00Z; done
git log --format=%s --stat; git diff HEAD~2 --shortstat
git repack -adq && git fsck --strict && git grep -c 77
"""


def programs(t):
    env = dict(os.environ, PERL_HASH_SEED="0", PYTHONHASHSEED="0",
               PYTHONMALLOC="malloc", GIT_CONFIG_NOSYSTEM="1")
    return (
        ("python3", ["/usr/bin/python3", "-s", "-c", PYTHON], env),
        ("sqlite3", ["sqlite3", ":memory:", SQL], env),
        ("perl", ["perl", "-e", PERL], env),
        ("bash", ["bash", "-c", BASH], env),
        ("git", ["sh", "-c", GIT], env),
    )


def checked(t, name, command, env, options, plain):
    here = t.folder / f"{name}-{options.replace(',', '-')}"
    here.mkdir()
    got = t.run(t.front() + command, cwd=here,
                env=dict(env, KMEM_OPTIONS=t.options(options)))
    t.same((got.returncode, got.stdout), (0, plain.stdout),
           f"{name}, {options}: does what it does without")
    t.same(got.stderr, plain.stderr, f"{name}, {options}: no report")


def test(t):
    for name, command, env in programs(t):
        if t.missing(name):
            t.skip(name, f"{name} is not installed")
            continue
        here = t.folder / name
        here.mkdir()
        plain = t.run(command, cwd=here, env=env)
        t.same((plain.returncode, bool(plain.stdout)), (0, True),
               f"{name} works without the front")
        for options in ("check=cheap", "check=strict",
                        "check=strict,quarantine=64K,init_on_free"):
            checked(t, name, command, env, options, plain)


tap.main(test)
