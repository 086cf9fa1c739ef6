#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The sqlite3 shell: bulk insert, index, queries, integrity check, vacuum."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SCRIPT = """
PRAGMA journal_mode=WAL;
PRAGMA cache_size=-8000;
CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c BLOB);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 60000)
INSERT INTO t SELECT i, (i * 7919) % 10007, printf('row %08d %s', i,
  hex(i * 2654435761 % 4294967296)), zeroblob(i % 900) FROM n;
COMMIT;
CREATE INDEX ta ON t(a);
CREATE INDEX tb ON t(b);
SELECT count(*), sum(a), sum(length(c)) FROM t;
SELECT a % 100 AS k, count(*), max(b), group_concat(id % 7) FROM t
  WHERE id % 50 = 0 GROUP BY k ORDER BY k;
SELECT count(*) FROM t x JOIN t y ON x.a = y.a + 1 WHERE x.id < 4000;
SELECT length(json_group_array(json_object('id', id, 'b', b))) FROM t;
UPDATE t SET c = zeroblob(length(c) * 2), b = b || b WHERE id % 3 = 0;
DELETE FROM t WHERE id % 5 = 0;
PRAGMA integrity_check;
VACUUM;
PRAGMA integrity_check;
SELECT count(*), sum(a), sum(length(b)), sum(length(c)) FROM t;
.dump t
"""


def test(t):
    if t.missing("sqlite3"):
        return t.skip("sqlite3", "sqlite3 is not installed")
    plain = t.run(["sqlite3", "plain.db"], input=SCRIPT)
    table = t.folder / "table"
    front = t.run(t.front("--slabinfo", table) + ["sqlite3", "front.db"], input=SCRIPT)
    t.same(plain.returncode, 0, "sqlite3 works without the front")
    t.ok(plain.stdout.count("ok\n") == 2, "and its database is sound", plain.stdout[:500])
    t.same(front.returncode, 0, "works with it")
    t.ok(front.stdout == plain.stdout, "the same output", front.stderr)
    t.same(front.stderr, plain.stderr, "the same messages")
    t.ok(
        (t.folder / "front.db").read_bytes() == (t.folder / "plain.db").read_bytes(),
        "the same database, byte by byte",
    )
    t.same(t.run([t.kmem, "slabinfo", table]).returncode, 0, "and a table of caches")
    in_memory = "SELECT hex(zeroblob(30000000)) = '' UNION ALL SELECT length(hex(zeroblob(9000000)));"
    t.both(["sqlite3", ":memory:", in_memory], "large blobs")


tap.main(test)
