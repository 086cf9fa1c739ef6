#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Which rows of the bench moved between two runs, beyond what is noise.

OLD and NEW are folders below bench/results.  Two runs see two moods of a
machine, so what is compared is libkmem's value over a peer's of the same run:
of all peers that both have, with the same version, the one whose own values
scatter least.  A row moved when two things are true: the ranges of that ratio,
from the least to the largest that the repetitions allow, do not overlap, and
the medians differ by more than --least.  Counts (instructions, lines, system
calls) have no noise: each difference counts.

Exit status: 0 when no row got worse, 1 when one did, 2 when there is nothing to
compare.
"""
import argparse
import csv
import json
import pathlib
import sys
import tomllib

OURS = "libkmem"
EXACT = ("instructions", "lines", "per million", "calls")


def fail(why):
    print(f"compare.py: {why}", file=sys.stderr)
    sys.exit(2)


def read(folder):
    """{row: {allocator: cells}} of summary.csv, and the peers' versions."""
    folder = pathlib.Path(folder)
    try:
        with open(folder / "summary.csv", newline="") as f:
            cells = list(csv.DictReader(f))
        meta = tomllib.loads((folder / "meta.toml").read_text())
    except (OSError, tomllib.TOMLDecodeError) as why:
        fail(f"{folder} is no folder of results: {why}")
    rows = {}
    for cell in cells:
        if cell["median"]:
            rows.setdefault(cell["row"], {})[cell["allocator"]] = cell
    return rows, meta["peers"]


def values(cell):
    return tuple(float(cell[c]) for c in ("min", "median", "max"))


def yardstick(old, new, same):
    """The peer of both runs whose values scatter least, or None."""

    def scatter(name):
        return max(float(cells[name]["cov"] or 0) for cells in (old, new))

    peers = [n for n in same if n in old and n in new
             and min(values(old[n])[0], values(new[n])[0]) > 0]
    return min(peers, key=scatter, default=None)


def compare(old, new, same, least):
    """What became of a row: a dictionary, or None when it cannot be said."""
    if OURS not in old or OURS not in new:
        return None
    exact = old[OURS]["unit"] in EXACT
    before, after = values(old[OURS]), values(new[OURS])
    peer = None
    if not exact:
        peer = yardstick(old, new, same)
        if not peer:
            return None
        a, b = values(old[peer]), values(new[peer])
        before = (before[0] / a[2], before[1] / a[1], before[2] / a[0])
        after = (after[0] / b[2], after[1] / b[1], after[2] / b[0])
    change = after[1] / before[1] if before[1] else float(after[1] > 0) + 1
    apart = before[2] < after[0] or after[2] < before[0]
    moved = before[1] != after[1] if exact else \
        apart and abs(change - 1) > least
    state = "same" if not moved else "worse" if change > 1 else "better"
    return {
        "title": new[OURS]["title"],
        "unit": new[OURS]["unit"],
        "beside": peer,
        "old": before[1],
        "new": after[1],
        "change": change,
        "state": state,
    }


def show(result):
    for state in ("worse", "better"):
        rows = {r: c for r, c in result["rows"].items() if c["state"] == state}
        for row, c in sorted(rows.items(), key=lambda x: x[1]["change"]):
            beside = f"of {c['beside']}'s" if c["beside"] else c["unit"]
            print(f"{state:6}  {row:24} {c['old']:9.4g} -> {c['new']:<9.4g} "
                  f"{beside:14} {c['change'] * 100 - 100:+.1f} %  {c['title']}")
    same = sum(c["state"] == "same" for c in result["rows"].values())
    print(f"{result['worse']} worse, {result['better']} better, {same} within "
          f"noise, {len(result['left_out'])} not in both")


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("old", metavar="OLD")
    p.add_argument("new", metavar="NEW")
    p.add_argument("--least", type=float, default=0.03, metavar="PART",
                   help="a smaller change of the medians is noise (0.03)")
    p.add_argument("--json", action="store_true", help="for programs")
    args = p.parse_args()
    (old, had), (new, has) = read(args.old), read(args.new)
    same = [n for n in had if had[n] == has.get(n)]
    result = {"old": args.old, "new": args.new, "rows": {}, "left_out": []}
    for row in dict.fromkeys([*old, *new]):
        both = row in old and row in new
        found = compare(old[row], new[row], same, args.least) if both else None
        if found:
            result["rows"][row] = found
        else:
            result["left_out"].append(row)
    if not result["rows"]:
        fail("no row is in both with a peer of the same version")
    for state in ("worse", "better"):
        result[state] = sum(c["state"] == state for c in result["rows"].values())
    if args.json:
        json.dump(result, sys.stdout, indent=1)
        print()
    else:
        show(result)
    return 1 if result["worse"] else 0


if __name__ == "__main__":
    sys.exit(main())
