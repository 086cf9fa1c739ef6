#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""A job of an ordinary Python program: parsing, sorting, JSON, sqlite3.

Everything is derived from a fixed generator, so the results are known: each
part is checked by a second way of computing it, and the digest of all results
is the same on every machine.  `--quick` does a thirtieth of the work.
"""
import ast
import hashlib
import json
import re
import sqlite3
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

EXPECTED = {1: "534ee7de092c1194", 30: "01961ab713e2599d"}


def numbers(seed):
    """A linear congruential generator; random's may change with Python."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 33


def parse_part(scale):
    """Generated source to a syntax tree and back to values."""
    draw = numbers(1)
    lines = []
    total = 0
    for i in range(400 * scale):
        a, b, c = next(draw) % 1000, next(draw) % 1000, next(draw) % 97 + 1
        lines.append(f"v{i} = ({a} + {b}) * {c} - len('{'x' * (a % 50)}')")
        total += (a + b) * c - a % 50
    tree = ast.parse("\n".join(lines))
    scope = {}
    exec(compile(tree, "generated", "exec"), scope)
    values = [v for k, v in scope.items() if re.fullmatch(r"v\d+", k)]
    assert sum(values) == total and len(values) == 400 * scale
    assert sum(isinstance(n, ast.BinOp) for n in ast.walk(tree)) == (
        3 * 400 * scale
    )
    return f"parse {len(values)} {total}"


def sort_part(scale):
    """Records sorted by two keys against an independent order."""
    draw = numbers(2)
    records = [
        {"id": i, "key": f"k{next(draw) % 5000:04d}", "n": next(draw) % 9999}
        for i in range(12000 * scale)
    ]
    by_sort = sorted(records, key=lambda r: (r["key"], -r["n"], r["id"]))
    buckets = {}
    for record in records:
        buckets.setdefault(record["key"], []).append(record)
    by_bucket = []
    for key in sorted(buckets):
        by_bucket += sorted(buckets[key], key=lambda r: (-r["n"], r["id"]))
    assert by_sort == by_bucket
    digest = hashlib.sha256(
        b" ".join(str(r["id"]).encode() for r in by_sort)
    ).hexdigest()
    return f"sort {len(records)} {digest[:16]}"


def json_part(scale):
    """A nested document to text and back, twice, and to XML and back."""
    draw = numbers(3)

    def node(depth):
        if depth == 0:
            return next(draw) % 100000 / 8
        return {
            f"name{next(draw) % 50}-{i}": (
                node(depth - 1) if i % 3 else [next(draw) % 7, None, "é" * i]
            )
            for i in range(5)
        }

    document = [node(5) for _ in range(9 * scale)]
    text = json.dumps(document, sort_keys=True)
    assert json.loads(text) == document
    assert json.dumps(json.loads(text), sort_keys=True) == text

    root = ElementTree.Element("root")
    for i, item in enumerate(document):
        child = ElementTree.SubElement(root, "item", number=str(i))
        child.text = json.dumps(item, sort_keys=True)
    back = ElementTree.fromstring(ElementTree.tostring(root))
    assert [json.loads(c.text) for c in back] == document
    return f"json {len(text)} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def sqlite_part(scale):
    """A small shop, its totals in SQL and in Python."""
    draw = numbers(4)
    db = sqlite3.connect(":memory:")
    db.execute("create table item (id integer primary key, name text, p int)")
    db.execute("create table sale (item int, n int, note text)")
    items = [(i, f"item {i}", next(draw) % 900 + 1) for i in range(500)]
    sales = [
        (next(draw) % 500, next(draw) % 9 + 1, "n" * (next(draw) % 200))
        for _ in range(10000 * scale)
    ]
    with db:
        db.executemany("insert into item values (?, ?, ?)", items)
        db.executemany("insert into sale values (?, ?, ?)", sales)
    db.execute("create index by_item on sale (item)")
    in_sql = db.execute(
        "select i.name, sum(s.n * i.p), sum(length(s.note)) from sale s"
        " join item i on i.id = s.item group by i.id order by i.id"
    ).fetchall()
    sums = {}
    for item, n, note in sales:
        money, length = sums.get(item, (0, 0))
        sums[item] = (money + n * items[item][2], length + len(note))
    assert in_sql == [(items[i][1], *sums[i]) for i in sorted(sums)]
    assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    with db:
        gone = db.execute("delete from sale where n > 4").rowcount
    assert gone == sum(n > 4 for _, n, _ in sales)
    db.close()
    return f"sqlite {sum(m for m, _ in sums.values())} {gone}"


def thread_part(scale):
    """Blocks of all sizes, made by one thread and dropped by another."""
    results = []

    def work(seed):
        draw = numbers(seed)
        kept = [b""] * 500
        check = 0
        for _ in range(20000 * scale):
            n = next(draw)
            size = n % 300 if n % 50 else n % 70000
            check += len(kept[n % 500])
            kept[n % 500] = bytes(size)
        results.append((seed, check, kept))

    threads = [threading.Thread(target=work, args=(s,)) for s in (5, 6, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.sort()
    assert not any(any(block) for _, _, kept in results for block in kept)
    return "threads " + " ".join(str(check) for _, check, _ in results)


def main():
    scale = 1 if "--quick" in sys.argv[1:] else 30
    lines = []
    for part in (parse_part, sort_part, json_part, sqlite_part, thread_part):
        begin = time.monotonic()
        lines.append(part(scale))
        print(
            f"  {lines[-1]:<60} {time.monotonic() - begin:5.2f} s", flush=True
        )
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    if digest != EXPECTED[scale]:
        sys.exit(f"workload: the results are wrong: {digest}")
    print(f"workload: all results are right ({digest})")


main()
