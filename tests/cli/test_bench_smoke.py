#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""test_bench_smoke.py BUILD : does the bench run, and tell all of it?

A smoke run of every measurement; that its tables are complete and well formed
is what counts, no time is looked at.
"""
import csv
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
sys.path.insert(0, str(ROOT / "bench"))
sys.dont_write_bytecode = True

import loads  # noqa: E402
import table  # noqa: E402

bad = 0


def check(fine, what):
    global bad
    if not fine:
        bad += 1
        print(f"FAILED: {what}")


def bench(*arguments):
    return subprocess.run(
        [ROOT / "bench/run.py", "--build", BUILD, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


def check_summary(path):
    with open(path, newline="") as f:
        lines = list(csv.DictReader(f))
    cells = {(t["row"], t["allocator"]): t for t in lines}
    check(len(cells) == len(lines), "a row of summary.csv is there twice")
    count = 0
    for mean in loads.means():
        for name in (loads.OURS, "glibc", "kmem-malloc"):
            cell = cells.get((mean.id, name))
            check(
                cell and float(cell["median"]) > 0 and cell["ratio"],
                f"summary.csv: no {mean.id} of {name}",
            )
    for m in loads.plan():
        names = loads.competitors(
            m.group, [loads.OURS, "glibc", "kmem-malloc"]
        )
        for row in m.rows:
            for name in names:
                where = f"summary.csv: {row.id}, {name}"
                cell = cells.get((row.id, name))
                check(cell, f"{where} is missing")
                if not cell:
                    continue
                count += 1
                check(cell["unit"] == row.unit, f"{where}: unit")
                if not cell["median"]:
                    # Only what is not there on every machine.
                    check(
                        any(
                            why in cell["note"]
                            for why in ("not installed", "needs 2 CPUs")
                        ),
                        f"{where}: no value, note '{cell['note']}'",
                    )
                    continue
                low, middle, high = (
                    float(cell[c]) for c in ("min", "median", "max")
                )
                check(
                    math.isfinite(high) and 0 <= low <= middle <= high,
                    f"{where}: {low} {middle} {high}",
                )
                # A latency may be below the resolution, calls may be none.
                if m.group not in ("latency", "syscalls"):
                    check(middle > 0, f"{where}: {middle}")
                    # A row has one unless none of its peers is installed.
                    peer = any(
                        t["median"]
                        for (r, who), t in cells.items()
                        if r == row.id and who != name
                    )
                    check(cell["ratio"] or not peer, f"{where}: no ratio")
    return count


def check_goals(summary):
    """Each goal is judged, by the limit that it has."""
    wanted = {
        r.id: r.goal
        for r in [
            *(row for m in loads.plan() for row in m.rows),
            *loads.means(),
        ]
        if r.goal
    }
    check(len(wanted) > 20, f"only {len(wanted)} rows have a goal")
    for row in summary["rows"]:
        goal, expected = row["goal"], wanted.get(row["id"])
        check(
            bool(goal) == bool(expected), f"{row['id']}: goal {goal}, {expected}"
        )
        ours = row["results"][loads.OURS]
        value = ours.get("ratio") if goal and goal["of"] == "ratio" else None
        if goal and goal["of"] == "value":
            value = ours["median"]
        if goal and value is not None:
            state = "met" if value <= expected.limit else "missed"
            check(goal["state"] == state, f"{row['id']}: {value}, {goal}")


def check_means(summary):
    """One row of the mean's, computed here in another way."""
    peaks = [
        row["results"][loads.OURS]["median"]
        for row in summary["rows"]
        if row["id"].startswith("peak-")
        and all(r["median"] for r in row["results"].values())
    ]
    for row in summary["rows"]:
        if row["id"] == "mean-peak" and peaks:
            mean = math.prod(peaks) ** (1 / len(peaks))
            found = row["results"][loads.OURS]["median"]
            check(
                math.isclose(found, mean, rel_tol=1e-6),
                f"mean of peaks: {found}, should be {mean}",
            )


STRAIGHT = """
	.globl	first, second
	.type	first, @function
	.type	second, @function
	.text
first:	mov	%fs:0x10, %rax
	test	%rdi, %rdi
	je	1f
	mov	(%rdi), %rcx
	lock incq 0x80(%rdi)
	lea	0x40(%rdi), %rdx
	mov	%rcx, 0x40(%rdx)
	mov	%rdx, -8(%rsp)
	jmp	second
1:	mov	8(%rdi), %rax
	ret
	.size	first, .-first
second:	push	%rbx
	call	*(%rsi)
	pop	%rbx
	cmpq	$1, 0x88(%rdi)
	ret
	.size	second, .-second
	.section .note.GNU-stack, "", @progbits
"""


def check_straight(tmp):
    """Counted by hand; the counter walks first, then second by its jump."""
    (tmp / "straight.s").write_text(STRAIGHT)
    subprocess.run(
        ["cc", "-shared", "-o", tmp / "straight.so", tmp / "straight.s"],
        check=True,
    )
    expected = {
        (): (14, 5, 2, 5, 1, 1, 1),
        ("--taken=1",): (5, 2, 0, 1, 0, 1, 0),
    }
    keys = "instructions loads stores stack locked branches calls".split()
    for arguments, numbers in expected.items():
        run = subprocess.run(
            [
                ROOT / "scripts/count-fastpath.py",
                "--json",
                *arguments,
                tmp / "straight.so",
                "first",
            ],
            capture_output=True,
            text=True,
        )
        check(not run.returncode, f"count-fastpath: {run.stderr}")
        if run.returncode:
            continue
        found = json.loads(run.stdout)["first"]
        found["calls"] = len(found["calls"])
        check(
            tuple(found[k] for k in keys) == numbers,
            f"count-fastpath {arguments}: {found}, should be {numbers}",
        )
        check(found["end"] == "return", f"count-fastpath: ends {found['end']}")
        if not arguments:
            # %fs:, (%rdi), 0x80(%rdi) which is 0x40(%rdx), (%rsi), and the
            # last one, whose %rdi the call has changed.
            check(
                found["data_lines"] == 5,
                f"count-fastpath: {found['data_lines']} lines",
            )


def check_program(tmp):
    """An answer that changes with the allocator is a failure."""
    command = [ROOT / "bench/program.py", "sqlite", "--scale=0.001"]
    if shutil.which("sqlite3") is None:
        return
    (tmp / "bench-child").symlink_to(BUILD / "bench-child")
    command += [f"--build={tmp}"]
    for wrong in (False, True):
        if wrong:
            (kept,) = tmp.glob("bench-programs/sqlite-*/answer")
            kept.write_text("another")
        run = subprocess.run(command, capture_output=True, text=True)
        check(
            bool(run.returncode) == wrong
            and wrong == ("answers otherwise" in run.stderr),
            f"program.py, answer {wrong=}: {run.returncode} {run.stderr}",
        )


def check_raw(path):
    with open(path, newline="") as f:
        lines = list(csv.DictReader(f))
    check(len(lines) > 300, f"raw.csv has {len(lines)} lines")
    for line in lines:
        check(line["repeat"] == "1", f"raw.csv: {line}")
        check(math.isfinite(float(line["value"])), f"raw.csv: {line}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        documents = [tmp / "README.md", tmp / "docs/bench.md"]
        (tmp / "docs").mkdir()
        for path in documents:
            path.write_text(
                "before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n"
                "after\n"
            )
        front = BUILD / "libkmem-malloc.so"
        run = bench(
            "--quick",
            "--json",
            f"--peers=kmem-malloc@newest={front}",
            f"--out={tmp}/out",
            f"--documents={tmp}",
        )
        if run.returncode:
            print(run.stdout[-2000:], run.stderr[-4000:])
        check(run.returncode == 0, f"bench --quick: status {run.returncode}")
        check(" left" in run.stderr, "no progress on stderr")

        count = check_summary(tmp / "out/summary.csv")
        check_raw(tmp / "out/raw.csv")
        summary = json.loads(run.stdout)
        check_goals(summary)
        check_means(summary)
        check_straight(tmp)
        check_program(tmp)
        rows = [row.id for m in loads.plan() for row in m.rows]
        rows += [mean.id for mean in loads.means()]
        check(
            sorted(r["id"] for r in summary["rows"]) == sorted(rows),
            "the JSON's rows are not those of the plan",
        )
        with open(tmp / "out/meta.toml", "rb") as f:
            meta = tomllib.load(f)
        for group, keys in {
            "machine": ("cpu", "cores", "kernel", "load_before"),
            "build": ("commit", "compiler", "backend"),
            "peers": ("glibc", "kmem-malloc"),
        }.items():
            for key in keys:
                check(meta[group].get(key), f"meta.toml: no {group}.{key}")
        check(
            re.fullmatch("newest, sha256 [0-9a-f]{16}",
                         meta["peers"]["kmem-malloc"]),
            f"meta.toml: kmem-malloc is {meta['peers']['kmem-malloc']}",
        )

        for path in documents:
            text = path.read_text()
            check(
                text.startswith("before\n<!-- bench:begin -->\n")
                and text.endswith("\n<!-- bench:end -->\nafter\n")
                and "old" not in text,
                f"{path}: not only the part between the markers is written",
            )
        text = documents[0].read_text()
        for title in table.README_ROWS.values():
            check(f"| {title} |" in text or title.endswith("DPDK's, ns"),
                  f"README.md: no row {title}")
        text = documents[1].read_text()
        for row in summary["rows"]:
            check(f"| {row['title']} |" in text,
                  f"docs/bench.md: no row {row['title']}")
        check(
            " missed |" in text or " met |" in text, "bench.md: no goals"
        )

        # A variable of one peer's own.
        written = f"KMEM_OPTIONS=slabinfo={tmp}/slabs"
        own = bench(
            "--quick", "--only=pair-64", "--json", f"--out={tmp}/own",
            f"--peers=writes={front};{written};KMEM_OF=1",
        )
        peers = json.loads(own.stdout)["meta"]["peers"] if own.stdout else {}
        check(
            peers.get("writes", "").endswith(f", {written}, KMEM_OF=1"),
            f"a peer's variables are not told: {peers} {own.stderr[-500:]}",
        )
        check((tmp / "slabs").exists(), "a peer does not get its variables")
        wrong = bench("--quick", "--only=pair-64", f"--peers={front};foo")
        check(
            wrong.returncode and "is not VAR=VALUE" in wrong.stderr,
            "a variable without a value goes unnoticed",
        )
        lost = bench("--quick", "--only=pair-64", f"--peers=glibc={front}")
        check(
            lost.returncode and "the name glibc is taken" in lost.stderr,
            "two peers have one name",
        )
        lost = bench("--quick", "--only=pair-64", "--peers=/no/such.so")
        check(
            lost.returncode and "no file /no/such.so" in lost.stderr,
            "a peer that is not there goes unnoticed",
        )
    print(f"bench smoke: {count} cells, {bad} failed")
    sys.exit(1 if bad else 0)


main()
