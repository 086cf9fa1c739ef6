#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""tests/death/README.md names the tests that there are, and all of those that
are about misuse of blocks.

Columns are told by their heads: "in C" is tests/death/, what comes behind it
tests/death/front/.
"""
import pathlib
import re
import sys

DEATH = pathlib.Path(__file__).resolve().parent.parent / "tests/death"
LIST = DEATH / "README.md"
# Those that must be in the list; others are mistakes of other kinds.
OURS = ("slab_debug_*", "kfence_*", "mempool_poison*", "mempool_double_*",
        "page_poison*", "double_free*", "free_*", "fail*")
# Not misuse.
NOT_OURS = ("free_null",)


def files(folder, patterns):
    return {p.stem for pattern in patterns for p in folder.glob(pattern)
            if p.suffix in (".c", ".cpp")}


def named():
    """The names of the two folders."""
    inside, front = set(), set()
    for line in LIST.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) < 3:
            continue
        inside |= set(re.findall(r"`(\w+)`", cells[1]))
        front |= set(re.findall(r"`(\w+)`", " ".join(cells[2:])))
    return inside, front


def main():
    inside, front = named()
    bad = []
    for names, folder, patterns in ((inside, DEATH, OURS),
                                    (front, DEATH / "front", ("*",))):
        there = files(folder, ("*",))
        where = folder.relative_to(DEATH.parent.parent)
        bad += [f"{LIST.name}: {where}/{n} does not exist"
                for n in sorted(names - there)]
        bad += [f"{where}/{n}: not in {LIST.name}"
                for n in sorted(files(folder, patterns) - names)
                if n not in NOT_OURS]
    if not inside or not front:
        bad.append(f"{LIST.name}: no names found")
    for line in bad:
        print(line)
    print(f"{len(inside)} and {len(front)} tests are named")
    sys.exit(bool(bad))


main()
