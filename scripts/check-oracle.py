#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Is every answer of the real kernel either compared or named?

  check-oracle.py DIR     DIR is the build folder

Runs the conformance tests of the build (conform-*) with ORACLE_LOG set, which
makes them write down each key, and each field of a value, that they compare.
Whatever is left must be in the table of docs/compat.md under "Answers of
the kernel", whose rows are

  | `key pattern` | ours | why |

A pattern is a shell pattern of "key" or "key#field"; the bare part of a value
is "key#".  Fails on an answer that is neither compared nor named, and on a
row that names nothing.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ORACLE = ROOT / "tests/conform/oracle/linux-6.1-slub.txt"
COMPAT = ROOT / "docs/compat.md"
HEADING = "## Answers of the kernel"
FIELD = re.compile(r"([A-Za-z0-9_]+):(\S+)$")


def answers():
    """{key: set of fields}, "" for the bare part."""
    found = {}
    for line in ORACLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or "=" not in line:
            continue
        key, value = line.split("=", 1)
        fields = set()
        if ".message." in key:
            fields.add("")
        else:
            for word in value.split():
                match = FIELD.match(word)
                fields.add(match.group(1) if match else "")
        found[key] = fields or {""}
    return found


def named():
    text = COMPAT.read_text(encoding="utf-8")
    if HEADING not in text:
        sys.exit(f"check-oracle: {COMPAT} has no '{HEADING}'")
    part = text.split(HEADING, 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([^`]+)` \|", part, re.M)
    if not rows:
        sys.exit("check-oracle: no rows in the table of " + str(COMPAT))
    return rows


def compared(build):
    tests = sorted(
        p for p in build.glob("conform-*") if p.is_file() and os.access(p, os.X_OK)
    )
    if not tests:
        sys.exit(f"check-oracle: no conform-* in {build}")
    with tempfile.TemporaryDirectory() as tmp:
        log = pathlib.Path(tmp) / "log"
        log.touch()
        env = dict(os.environ, ORACLE_LOG=str(log), KMEM_ORACLE=str(ORACLE))
        env.pop("KMEM_OPTIONS", None)
        for test in tests:
            subprocess.run(
                [str(test)],
                env=env,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        return set(log.read_text(encoding="utf-8").splitlines())


def pattern(row):
    """Brackets are no sets here: keys have them, "cache_line_size()"."""
    return re.compile(
        "".join(".*" if c == "*" else re.escape(c) for c in row) + r"\Z"
    )


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    known = answers()
    done = compared(pathlib.Path(sys.argv[1]))
    rows = [(row, pattern(row)) for row in named()]
    used = set()
    bad = []
    total = by_test = by_row = 0
    for key, fields in known.items():
        # Asked with and without merging: the answer without is the one.
        if "nomerge." + key in known:
            continue
        for field in sorted(fields):
            total += 1
            full = f"{key}#{field}"
            hits = [row for row, p in rows if p.match(key) or p.match(full)]
            used.update(hits)
            if full in done:
                by_test += 1
            elif hits:
                by_row += 1
            else:
                bad.append(full)
    for full in bad:
        print(f"neither compared nor named: {full}")
    for row, _ in rows:
        if row not in used:
            print(f"{COMPAT.relative_to(ROOT)}: `{row}` names no answer")
            bad.append(row)
    print(
        f"{total} answers and fields: {by_test} compared, {by_row} named as "
        f"different, {len(bad)} wrong"
    )
    sys.exit(1 if bad else 0)


main()
