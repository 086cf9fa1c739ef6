#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Measures libkmem beside Linux's own; scripts/kernel-bench.sh calls it.

Each loop of typed.h runs in turns: in a process, called and inlined, and in a
kernel of User Mode Linux that was booted for it, all on one CPU.  An x86-64
kernel's instructions are counted, exactly: in QEMU with a clock that goes on by
a nanosecond an instruction.  docs/bench.md says what that compares.
"""
import argparse
import csv
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

import run
import table

# Mode of typed.h, title, operations of a run.
ROWS = (
    ("kmalloc-pair", "kmalloc(64) + kfree", 5_000_000),
    ("cache-pair", "kmem_cache_alloc + free, 64 B", 5_000_000),
    ("cache-fifo-128", "cache, 128 FIFO", 5_000_000),
    ("cache-bulk-64", "cache, bulk of 64", 5_000_000),
    ("mempool-pair", "mempool_alloc + free, 64 B", 5_000_000),
    ("page-pair", "alloc_pages + free, order 0", 1_000_000),
    ("page-pair-3", "alloc_pages + free, order 3", 1_000_000),
)
OURS = ("libkmem", "inlined")
KERNEL = "Linux"
COUNTED_OPS = 6400
GOAL = 0.5  # of the kernel's
LIMIT = 60  # seconds of one run, which takes less than one
MARKS = (
    "<!-- bench-kernel:begin -->",
    "<!-- bench-kernel:end -->",
)


def commands(args, mode, ops):
    """Name of a competitor to what is run."""
    build = run.ROOT / args.build
    return {
        "libkmem": [build / "bench-load-cache", mode, f"--ops={ops}"],
        "inlined": [build / "bench-load-cache-inline", mode, f"--ops={ops}"],
        KERNEL: [args.uml, "mem=768M", "quiet", f"kmem_bench={mode},{ops}"],
    }


def counting(args, mode):
    """An x86-64 kernel under QEMU, whose TSC counts instructions."""
    return [
        "qemu-system-x86_64", "-accel", "tcg", "-icount",
        "shift=0,sleep=off", "-cpu", "max", "-m", "256", "-no-reboot",
        "-display", "none", "-monitor", "none", "-net", "none",
        "-serial", "stdio", "-kernel", args.x86, "-append",
        "console=ttyS0 quiet reboot=t panic=-1 tsc_early_khz=1000000 "
        f"tsc=reliable kmem_bench={mode},{COUNTED_OPS}",
    ]


def once(argv):
    """Nanoseconds of one operation."""
    last = max(os.sched_getaffinity(0))
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LIMIT,
        errors="replace",
        preexec_fn=lambda: os.sched_setaffinity(0, {last}),
    )
    match = re.search(r"bench: ns (\d+) ops (\d+)", done.stdout)
    if match:
        return int(match[1]) / int(match[2])
    match = re.search(r"^ns ([\d.]+)$", done.stdout, re.M)
    if match and done.returncode == 0:
        return float(match[1])
    sys.exit(f"kernel.py: {argv[0]}: {done.stdout[-400:] or 'no answer'}")


def measure(args, rows):
    samples = {}
    for _ in range(args.repeat):
        for mode, _, ops in rows:
            ops = max(1, int(ops * args.scale))
            for name, argv in commands(args, mode, ops).items():
                ns = once(argv)
                samples.setdefault((mode, name), []).append(ns)
    return samples


def summarize(args, rows, samples):
    out = []
    for mode, title, _ in rows:
        median = {
            name: statistics.median(samples[mode, name])
            for name in (*OURS, KERNEL)
        }
        row = {"id": mode, "title": title, "ns": median, "goal": GOAL}
        row["ratios"] = {n: median[n] / median[KERNEL] for n in OURS}
        if args.x86:
            row["x86_instructions"] = once(counting(args, mode))
        out.append(row)
    return out


def lines(summary):
    """Header and rows of the table."""
    yield ["ns", *OURS, KERNEL, "ratio", "inlined", "goal",
           "Linux on x86-64, instructions"]
    for row in summary["rows"]:
        called = row["ratios"][OURS[0]]
        insn = row.get("x86_instructions")
        yield [
            row["title"],
            *(f"{row['ns'][n]:.1f}" for n in (*OURS, KERNEL)),
            *(f"{row['ratios'][n]:.2f}" for n in OURS),
            f"{GOAL:.2f} {'met' if called <= GOAL else 'missed'}",
            f"{insn:.0f}" if insn else "-",
        ]


def document(path, summary, folder):
    meta = summary["meta"]
    machine = meta["machine"]
    head = (
        f"{machine['cores']} cores of {machine['cpu']}, Linux "
        f"{machine['kernel']} below both, {meta['build']['compiler']}, "
        f"{meta['date'][:10]}, commit {meta['build']['commit']}, backend "
        f"`{meta['build']['backend']}`; the kernel is of "
        f"{meta['peers']['source']}, `bench/kernel/config-um`; median of "
        f"{meta['repeat']}, in turns, on one CPU."
        + (f" `{folder}/` has the raw data." if folder else "")
    )
    first, *rest = lines(summary)
    body = "\n".join([head, "", *table.table_rows(first, rest)])
    table.write_between(path, body, *MARKS)


def keep(folder, summary, samples):
    run.make_folder(folder)
    with open(folder / "kernel.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["measurement", "allocator", "repeat", "ns"])
        for (mode, name), values in samples.items():
            for i, ns in enumerate(values):
                out.writerow([mode, name, i + 1, f"{ns:.6g}"])
    run.write_meta(folder / "kernel.toml", summary["meta"], [])


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = p.add_argument
    add("--build", default="build", metavar="DIR", help="build folder")
    add("--uml", required=True, help="a kernel of User Mode Linux with the loops in it")
    add("--x86", help="an x86-64 kernel with them, to count instructions")
    add("--repeat", type=int, default=5, help="runs of each competitor (5)")
    add("--scale", type=float, default=1, help="of the operations of a run")
    add("--only", default="", metavar="ROW,...", help="some rows")
    add("--json", action="store_true", help="the summary as JSON on stdout")
    add("--out", metavar="DIR", help="where kernel.csv and kernel.toml go")
    add("--document", metavar="FILE", help="writes the table between its marks")
    return p.parse_args()


def main():
    args = arguments()
    wanted = args.only.split(",") if args.only else [r[0] for r in ROWS]
    rows = [row for row in ROWS if row[0] in wanted]
    if not rows:
        sys.exit(f"kernel.py: no row is called {args.only}")
    args.quick = args.scale < 1
    load = list(os.getloadavg())
    samples = measure(args, rows)
    package = run.output_of(
        "dpkg-query", "-W", "-f", "${Package} ${Version}", "linux-source-6.1"
    )
    versions = {"source": package or "unknown"}
    folder = run.ROOT / args.build
    backend = run.output_of(str(folder / "bench-load-cache"), "backend")
    summary = {
        "meta": run.provenance(folder, args, versions, load, backend),
        "rows": summarize(args, rows, samples),
    }
    out = pathlib.Path(args.out).resolve() if args.out else None
    if out:
        keep(out, summary, samples)
    if args.document:
        shown = os.path.relpath(out, run.ROOT) if out else ""
        document(args.document, summary, shown)
    if args.json:
        json.dump(summary, sys.stdout, indent=1)
        print()
    else:
        for cells in lines(summary):
            print(cells[0].ljust(32), *(c.rjust(10) for c in cells[1:]))


if __name__ == "__main__":
    main()
