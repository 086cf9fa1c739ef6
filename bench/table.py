# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Shows a summary: as text, and between the markers of two documents.

docs/bench.md has every row, README.md those of README_ROWS and one picture.
"""
import pathlib

from loads import OURS, SECTIONS, competitors

ROOT = pathlib.Path(__file__).resolve().parents[1]
BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"
README_ROWS = {
    "pair-64": "malloc(64) + free, ns",
    "fifo-128": "128 of 64 B, freed FIFO, ns each",
    "replace-1": "100,000 mixed objects replaced at random, ns",
    "replace-64": "the same in 64 threads, ns",
    "prodcons": "allocated here, freed there, ns",
    "mean-servers": "12 server loads, geometric mean, ns",
    "cache-pair-inline": "kmem_cache_alloc + free inlined, beside malloc, ns",
    "dpdk-pair-inline": "mempool inlined, beside DPDK's, ns",
    "idle": "2,000 threads that sleep, resident MiB",
    "mean-peak": "peaks, geometric mean, resident MiB",
}


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
    names = competitors(group, summary["allocators"])
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


def provenance(summary):
    meta = summary["meta"]
    machine = meta["machine"]
    return (
        f"{machine['cores']} cores of {machine['cpu']}, Linux "
        f"{machine['kernel']}, {meta['build']['compiler']}, "
        f"{meta['date'][:10]}, commit {meta['build']['commit']}, backend "
        f"`{meta['build']['backend']}`; median of {meta['repeat']}, run in "
        "turns. The ratio is libkmem to the row's best peer: below 1 we are "
        "better."
    )


def table_rows(header, body):
    yield "| " + " | ".join(header) + " |"
    yield "|---" + "|--:" * (len(header) - 1) + "|"
    for line in body:
        cells = [f"**{c[:-1]}**" if c.endswith("*") else c for c in line]
        yield "| " + " | ".join(cells) + " |"


def picture(folder, at, group, heading):
    if folder and (ROOT / folder / f"{group}.svg").exists():
        return ["", f"![{heading}]({at}{folder}/{group}.svg)"]
    return []


def whole(summary, folder, at):
    """Every table; `at` leads from the document to the root."""
    out = [
        f"{provenance(summary)} A goal is what the ratio is to be at most, or "
        f"our value where it has a unit; {goals_met(summary)}. "
        f"[bench/README.md]({at}bench/README.md) says how to read it"
        + (f", `{folder}/` has the raw data." if folder else "."),
    ]
    for group, heading, what in SECTIONS:
        header, body = lines_of(summary, group)
        if not header:
            continue
        header[0] = f"{heading}: {what}"
        out += ["", *table_rows(header, body)]
        out += picture(folder, at, group, heading)
    return "\n".join(out)


def brief(summary, folder, at):
    """Few rows with titles of their own; a row's best peer is named."""
    rows = {row["id"]: row for row in summary["rows"]}
    body = []
    for id, title in README_ROWS.items():
        results = rows.get(id, {}).get("results", {})
        peers = {
            name: result["median"]
            for name, result in results.items()
            if name != OURS and result.get("median") is not None
        }
        ours = results.get(OURS, {})
        if ours.get("median") is None or not peers:
            continue
        best = min(peers, key=peers.get)
        body.append([
            title, number(ours["median"]), f"{number(peers[best])} {best}",
            ratio(ours.get("ratio")),
        ])
    if not body:
        return provenance(summary)
    header = ["", OURS, "best peer", "ratio"]
    out = [provenance(summary), "", *table_rows(header, body)]
    heading = next(h for group, h, _ in SECTIONS if group == "front")
    return "\n".join(out + picture(folder, at, "front", heading))


def write_between(path, content, begin=BEGIN, end=END):
    path = pathlib.Path(path)
    old = path.read_text()
    if old.count(begin) != 1 or old.count(end) != 1:
        raise SystemExit(f"{path}: needs one {begin} and one {end}")
    head, rest = old.split(begin)
    tail = rest.split(end)[1]
    new = f"{head}{begin}\n{content}\n{end}{tail}"
    path.with_suffix(".new").write_text(new)
    path.with_suffix(".new").replace(path)


def write_documents(root, summary, folder):
    """README.md and docs/bench.md below root."""
    root = pathlib.Path(root)
    write_between(root / "README.md", brief(summary, folder, ""))
    write_between(root / "docs/bench.md", whole(summary, folder, "../"))
