#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Every key of KMEM_OPTIONS that the code reads is in the table of known keys
and in docs/debugging.md, and the other way round."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
table = (root / "src/debug/options.c").read_text()
known = set(re.findall(r'"(\w+)"', table[table.index("known[]"):
                                         table.index("};")]))
doc = (root / "docs/debugging.md").read_text()
rows = set(re.findall(r"^\| `(\w+)` \|", doc, re.M))
read = set()
for path in root.glob("src/**/*.c"):
    if not path.name.startswith("port_fake"):
        read |= set(re.findall(r'option_(?:find|bytes|number|flag|is)\(\s*'
                               r'[\w()\s]+,\s*"(\w+)"', path.read_text()))
bad = []
for what, have in (("docs/debugging.md", rows), ("code that reads it", read)):
    bad += [f"{k}: known, but no {what}" for k in sorted(known - have)]
    bad += [f"{k}: {what}, but not known" for k in sorted(have - known)]
print("\n".join(bad) if bad else f"options: {len(known)} keys agree")
sys.exit(bool(bad))
