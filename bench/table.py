# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Shows a summary: as text, and as the table between README.md's markers."""
import pathlib

from loads import DPDK, OURS, SECTIONS

ROOT = pathlib.Path(__file__).resolve().parents[1]
BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"
README_SECTIONS = ("front", "servers", "typed", "dpdk", "memory")


def number(value):
    if value is None:
        return "-"
    if value < 9.95:
        return f"{value:.1f}"
    return f"{value:,.0f}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def goal(row):
    """Like "0.60 missed"; a goal that is a value names its unit."""
    wanted = row.get("goal")
    if not wanted:
        return ""
    limit = f"{wanted['limit']:.2f}"
    if wanted["of"] == "value":
        unit = row["unit"].replace("instructions", "insn")
        limit = f"{wanted['limit']:g} {unit}"
    return f"{limit} {wanted['state'] or 'unknown'}"


def lines_of(summary, group):
    """Header and rows of a group's table; a best value is marked with *."""
    rows = [r for r in summary["rows"] if r["section"] == group]
    names = [OURS, DPDK] if group == "dpdk" else summary["allocators"]
    if not rows:
        return None, []
    body = []
    goals = any(row.get("goal") for row in rows)
    for row in rows:
        known = {n: row["results"].get(n, {}).get("median") for n in names}
        values = [v for v in known.values() if v is not None]
        best = min(values) if values else None
        cells = [row["title"]]
        for name in names:
            mark = "*" if known[name] is not None and known[name] == best else ""
            cells.append(number(known[name]) + mark)
        cells.append(ratio(row["results"].get(OURS, {}).get("ratio")))
        if goals:
            cells.append(goal(row))
        body.append(cells)
    return ["", *names, "ratio", *(["goal"] if goals else [])], body


def goals_met(summary):
    states = [r["goal"]["state"] for r in summary["rows"] if r.get("goal")]
    return (
        f"goals: {states.count('met')} of {len(states)} met, "
        f"{states.count('missed')} missed"
    )


def text(summary):
    out = []
    for group, heading, what in SECTIONS:
        header, body = lines_of(summary, group)
        if not header:
            continue
        widths = [
            max(len(line[i]) for line in [header, *body])
            for i in range(len(header))
        ]
        out.append(f"{heading} ({what})")
        for line in [header, *body]:
            cells = [line[0].ljust(widths[0])]
            cells += [c.rjust(w) for c, w in zip(line[1:], widths[1:])]
            out.append("  " + "  ".join(cells).rstrip())
        out.append("")
    out.append("ratio: libkmem to the best peer of the row; * best of the row")
    out.append(goals_met(summary))
    out += [f"note: {note}" for note in summary["notes"]]
    return "\n".join(out)


def markdown(summary, folder):
    meta = summary["meta"]
    machine = meta["machine"]
    out = [
        f"{machine['cores']} cores of {machine['cpu']}, Linux "
        f"{machine['kernel']}, {meta['build']['compiler']}, "
        f"{meta['date'][:10]}, commit {meta['build']['commit']}, backend "
        f"`{meta['build']['backend']}`; median of {meta['repeat']}, run in "
        "turns. The ratio is libkmem to the row's best peer: below 1 we are "
        "better. A goal is what the ratio is to be at most, or our value where "
        f"it has a unit; {goals_met(summary)}. [bench/README.md](bench/README.md) says how to read it"
        + (f", `{folder}/` has the raw data." if folder else "."),
    ]
    for group, heading, what in SECTIONS:
        header, body = lines_of(summary, group)
        if group not in README_SECTIONS or not header:
            continue
        header[0] = f"{heading}: {what}"
        out += [
            "",
            "| " + " | ".join(header) + " |",
            "|---" + "|--:" * (len(header) - 1) + "|",
        ]
        for line in body:
            cells = [
                f"**{c[:-1]}**" if c.endswith("*") else c for c in line
            ]
            out.append("| " + " | ".join(cells) + " |")
        if folder and (ROOT / folder / f"{group}.svg").exists():
            out += ["", f"![{heading}]({folder}/{group}.svg)"]
    return "\n".join(out)


def write_readme(path, summary, folder):
    path = pathlib.Path(path)
    old = path.read_text()
    if old.count(BEGIN) != 1 or old.count(END) != 1:
        raise SystemExit(f"{path}: needs one {BEGIN} and one {END}")
    head, rest = old.split(BEGIN)
    tail = rest.split(END)[1]
    new = f"{head}{BEGIN}\n{markdown(summary, folder)}\n{END}{tail}"
    path.with_suffix(".new").write_text(new)
    path.with_suffix(".new").replace(path)
