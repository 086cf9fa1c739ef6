#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The table of options is the only place that reads KMEM_OPTIONS.

 1. Every option of src/lib/options.c has a row in docs/debugging.md and a
    reader in src/, and the other way round.
 2. A row that says "default N" says what the table says, and one of an option
    with a default says it.
 3. The text of KMEM_OPTIONS is asked for where it is parsed, nowhere else.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
source = (root / "src/lib/options.c").read_text()
bad = []

# Key: name and default, as the table of the documentation would write it.
table = {}
text = source[source.index("option_table[OPTIONS] ="):source.index("\n};")]
for key, entry in re.findall(r"\[OPT_(\w+)\]\s*=\s*\{(.*?)\n\t?\}", text, re.S):
    name = re.search(r'\.name = "([\w.]+)"', entry)[1]
    standard = re.search(r"\.standard = (\d+)( \* MIB)?", entry)
    default = standard and standard[1] + ("M" if standard[2] else "")
    table[key] = (name, default)
    if key != name.upper().replace(".", "_"):
        bad.append(f"{name}: is OPT_{key}")

keys = re.search(r"enum option_key \{(.*?)OPTIONS\n",
                 (root / "src/lib/options.h").read_text(), re.S)[1]
keys = set(re.findall(r"OPT_(\w+)", keys))
bad += [f"OPT_{k}: no entry in the table" for k in sorted(keys - set(table))]

rows = dict(re.findall(r"^\| `([\w.]+)` \| ([^|]*) \|",
                       (root / "docs/debugging.md").read_text(), re.M))
read = set()
asks = set()
for path in sorted([*root.glob("src/**/*.c"), *root.glob("tools/**/*.c")]):
    code = path.read_text()
    where = path.relative_to(root).as_posix()
    if where != "src/lib/options.c":
        read |= set(re.findall(r"option_(?:value|text)\(\s*OPT_(\w+)", code))
    if re.search(r'port_options\(\)|getenv\("KMEM_OPTIONS"\)', code):
        asks.add(where)

names = {name for name, _ in table.values()}
bad += [f"{n}: no row in docs/debugging.md" for n in sorted(names - set(rows))]
bad += [f"{n}: a row, and no option" for n in sorted(set(rows) - names)]
bad += [f"{table[k][0]}: nobody reads it" for k in sorted(set(table) - read)]
for name, default in table.values():
    told = re.search(r"default `?(\w+)", rows.get(name, ""))
    if default and not told:
        bad.append(f"{name}: its row does not say the default, {default}")
    elif told and default and told[1] != default:
        bad.append(f"{name}: its default is {default}, not {told[1]}")
ALLOWED = {"src/port/options.c", "src/port/linux/port.c",
           "src/port/fake/port.c", "tools/kmem/options.c"}
bad += [f"{w}: reads KMEM_OPTIONS by itself" for w in sorted(asks - ALLOWED)]
print("\n".join(bad) if bad else f"options: {len(table)} agree")
sys.exit(bool(bad))
