#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The corpus as text, one operation a line, and as the fuzzer's files.

  corpus.py unpack FOLDER   writes an input for each sequence of corpus.txt
  corpus.py pack FOLDER     writes corpus.txt, short inputs first, up to 95 KB

A sequence of it can be run alone: copy it into a file and
`MODEL_REPLAY=file build/model-model a_sequence_can_be_replayed`.
"""
import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
TEXT = HERE / "corpus.txt"
ROOM = 95_000
HEAD = """\
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
# Sequences of operations, "name slot how arg"; corpus.py makes inputs of them.
"""


def kinds():
    header = (HERE.parent / "model/ops.h").read_text()
    body = header[header.index("enum op_kind {"):header.index("OP_KINDS,")]
    return [name.lower() for name in re.findall(r"\bOP_(\w+),", body)]


def as_text(data, names):
    lines = []
    for at in range(0, len(data) - 7, 8):
        kind, slot, how, arg = struct.unpack("<BBHI", data[at:at + 8])
        lines.append(f"{names[kind % len(names)]} {slot} {how:#x} {arg}\n")
    return "".join(lines)


def pack(folder):
    names = kinds()
    texts = {as_text(p.read_bytes(), names) for p in pathlib.Path(folder).iterdir()}
    out = HEAD
    for text in sorted(texts - {""}, key=lambda t: (len(t), t)):
        if len(out) + len(text) + 1 > ROOM:
            break
        out += "\n" + text
    TEXT.write_text(out)


def unpack(folder):
    names = kinds()
    number = 0
    for block in TEXT.read_text().split("\n\n")[1:]:
        data = b""
        for line in block.splitlines():
            name, slot, how, arg = line.split()
            data += struct.pack("<BBHI", names.index(name), int(slot), int(how, 16), int(arg))
        (pathlib.Path(folder) / f"{number:04}").write_bytes(data)
        number += 1


if len(sys.argv) != 3 or sys.argv[1] not in ("pack", "unpack"):
    sys.exit(__doc__)
{"pack": pack, "unpack": unpack}[sys.argv[1]](sys.argv[2])
