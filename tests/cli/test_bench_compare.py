#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""bench/compare.py says which rows moved, and is not moved by noise."""
import csv
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

COLUMNS = ("section", "row", "title", "unit", "allocator", "median", "min",
           "max", "cov", "runs", "ratio", "goal", "note")


def results(t, name, rows, peers):
    """rows: {row: (unit, {allocator: (least, median, largest)})}."""
    folder = t.folder / name
    folder.mkdir()
    with open(folder / "summary.csv", "w", newline="") as f:
        out = csv.DictWriter(f, COLUMNS, restval="")
        out.writeheader()
        for row, (unit, cells) in rows.items():
            for who, (low, middle, high) in cells.items():
                out.writerow({"row": row, "title": row, "unit": unit, "allocator": who,
                              "min": low, "median": middle, "max": high, "cov":
                              (high - low) / middle if middle else 0, "runs": 5})
    (folder / "meta.toml").write_text(
        "[peers]\n" + "".join(f'"{n}" = "{v}"\n' for n, v in peers.items()))
    return folder


def row(ours, peer=10.0, unit="ns", part=0.01):
    def spread(v):
        return v * (1 - part), v, v * (1 + part)

    return unit, {"libkmem": spread(ours), "glibc": spread(peer)}


def body(t):
    compare = [sys.executable, tap.ROOT / "bench/compare.py"]
    same = {"glibc": "2.36"}
    old = results(t, "old", {
        "still": row(5), "slower": row(5), "faster": row(5), "mood": row(5),
        "wide": row(5, part=0.2), "small": row(5, part=0.001), "gone": row(5),
        "insn": row(20, 100, "instructions", 0), "none": row(0, 9, "per million", 0),
    }, same)
    new = results(t, "new", {
        "still": row(5.05), "slower": row(6), "faster": row(4),
        # the whole machine is slower
        "mood": row(10, 20), "wide": row(6, part=0.2), "small": row(5.1, part=0.001),
        "insn": row(21, 100, "instructions", 0), "none": row(1, 9, "per million", 0),
    }, same)
    got = t.run(compare + [old, new, "--json"])
    found = json.loads(got.stdout)
    states = {name: c["state"] for name, c in found["rows"].items()}
    t.same(states, {
        "still": "same", "slower": "worse", "faster": "better", "mood": "same",
        "wide": "same", "small": "same", "insn": "worse", "none": "worse",
    }, "what moved is beyond noise, and counts have none")
    t.same((got.returncode, found["worse"], found["better"], found["left_out"]),
           (1, 3, 1, ["gone"]), "they are counted, and what is in one only is named")
    got = t.run(compare + [old, new, "--least=0.01", "--json"])
    t.same(json.loads(got.stdout)["rows"]["small"]["state"], "worse",
           "--least= says what is small")
    got = t.run(compare + [old, new])
    t.ok("slower" in got.stdout and "+20.0 %" in got.stdout and
         got.stdout.endswith("3 worse, 1 better, 4 within noise, 1 not in both\n"),
         "as text", got.stdout)
    got = t.run(compare + [new, new])
    t.same((got.returncode, got.stdout),
           (0, "0 worse, 0 better, 8 within noise, 0 not in both\n"),
           "a run beside itself")
    other = results(t, "other", {"still": row(5)}, {"glibc": "2.41"})
    got = t.run(compare + [old, other])
    t.ok(got.returncode == 2 and "no row" in got.stderr,
         "a peer of another version is no yardstick", got)
    got = t.run(compare + [old, t.folder / "nothing"])
    t.ok(got.returncode == 2 and "no folder of results" in got.stderr,
         "a folder that is none", got)
    kept = sorted((tap.ROOT / "bench/results").glob("*/summary.csv"))
    got = t.run(compare + [kept[-1].parent, kept[-1].parent])
    t.ok(got.returncode == 0 and "0 worse, 0 better" in got.stdout,
         "results that are kept", got.stdout + got.stderr)


tap.main(body)
