#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Draws a results folder: plot.py FOLDER

From summary.csv one SVG a section, by gnuplot: each row's values as ratios to
its best peer, on a logarithmic axis that ends at 8; latencies as curves.
Left out: competitors that did not run, counts, and the spread
between repetitions (summary.csv has both).
"""
import csv
import math
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from loads import OURS, SECTIONS  # noqa: E402

COLOURS = (
    "#c0392b",
    "#7f8c8d",
    "#2980b9",
    "#27ae60",
    "#8e44ad",
    "#d68910",
    "#16a085",
)
TOP = 8.0


def quoted(text):
    return '"' + text.replace("\\", "").replace('"', "'") + '"'


def colours(names):
    """Ours is always the first one."""
    peers = [n for n in names if n != OURS]
    table = {OURS: COLOURS[0]}
    for i, name in enumerate(peers):
        table[name] = COLOURS[1 + i % (len(COLOURS) - 1)]
    return table


def gnuplot(script):
    subprocess.run(
        ["gnuplot"], input=script, text=True, check=True, capture_output=True
    )


def bars(path, title, rows, names):
    data = []
    for title_of_row, results in rows:
        cells = [quoted(title_of_row)]
        for name in names:
            value = results.get(name)
            cells.append(f"{min(value, TOP):.4g}" if value else "NaN")
        data.append(" ".join(cells))
    colour = colours(names)
    plots = ", ".join(
        f"$data using {i + 2}:xtic(1) title {quoted(name)} "
        f'linecolor rgb "{colour[name]}"'
        for i, name in enumerate(names)
    )
    least = min(v for _, results in rows for v in results.values())
    bottom = 2.0 ** min(-1, math.floor(math.log2(least)))
    width = max(640, 60 + len(rows) * (len(names) + 2) * 13)
    gnuplot(
        f"""$data << EOD
{chr(10).join(data)}
EOD
set terminal svg size {width},480 font "sans,12" background "white"
set output {quoted(str(path))}
set title {quoted(title)} noenhanced
set ylabel "ratio to the best peer (lower is better)"
set logscale y 2
set yrange [{bottom}:{TOP}]
set style data histogram
set style histogram clustered gap 2
set style fill solid 0.9 noborder
set boxwidth 0.95
set grid ytics
set xtics rotate by -30 noenhanced nomirror
set key outside top horizontal noenhanced
set arrow from graph 0, first 1 to graph 1, first 1 nohead lw 2 lc rgb "black"
plot {plots}
"""
    )


def curves(path, rows, names):
    colour = colours(names)
    blocks, plots = [], []
    order = ["p50", "p99", "p99.9", "p99.99", "max"]
    for call, dash in (("malloc", 1), ("free", 2)):
        for name in names:
            points = []
            for i, part in enumerate(order):
                value = rows.get(f"{call}-{part}", {}).get(name)
                if value:
                    points.append(f"{i} {max(value, 1):.6g}")
            if not points:
                continue
            block = f"$d{len(blocks)}"
            blocks.append(f"{block} << EOD\n" + "\n".join(points) + "\nEOD")
            plots.append(
                f"{block} using 1:2 with linespoints dashtype {dash} lw 2 "
                f'pt {dash + 5} ps 0.6 lc rgb "{colour[name]}" '
                f"title {quoted(name + ' ' + call)}"
            )
    if not plots:
        return
    ticks = ", ".join(f'"{part}" {i}' for i, part in enumerate(order))
    newline = "\n"
    gnuplot(
        f"""{newline.join(blocks)}
set terminal svg size 800,480 font "sans,12" background "white" dashed
set output {quoted(str(path))}
set title "Latency of one call under random replacement"
set ylabel "ns"
set logscale y
set xtics ({ticks})
set xrange [-0.2:4.2]
set grid ytics
set key outside right noenhanced
plot {", ".join(plots)}
"""
    )


def draw(folder):
    """The files drawn; none, with a reason, when gnuplot is missing."""
    if not shutil.which("gnuplot"):
        return [], "no drawings: there is no gnuplot"
    folder = pathlib.Path(folder)
    with open(folder / "summary.csv", newline="") as f:
        table = list(csv.DictReader(f))
    drawn = []
    for group, heading, _ in SECTIONS:
        lines = [
            t for t in table if t["section"] == group and t["median"]
        ]
        if not lines or group in ("instructions", "lines"):
            continue
        names = list(dict.fromkeys(t["allocator"] for t in lines))
        path = folder / f"{group}.svg"
        if group == "latency":
            rows = {}
            for t in lines:
                rows.setdefault(t["row"], {})[t["allocator"]] = float(
                    t["median"]
                )
            curves(path, rows, names)
        else:
            rows = {}
            for t in lines:
                if t["ratio"]:
                    rows.setdefault(t["title"], {})[t["allocator"]] = float(
                        t["ratio"]
                    )
            if not rows:
                continue
            bars(path, heading, list(rows.items()), names)
        drawn.append(path)
    return drawn, ""


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files, why = draw(sys.argv[1])
    print("\n".join(str(f) for f in files) or why)
