#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What docs/debugging.md says that is seen of faults is seen, and when; memcheck's
and AddressSanitizer's columns are those of test_valgrind.py and test_asan.py."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import faults  # noqa: E402
import tap  # noqa: E402

sys.dont_write_bytecode = True
table = faults.table

ELSEWHERE = ("memcheck", "ASan")
# Of the rest it has what a program without it has.
TSAN = ("race", "race_with_free", "overrun", "double_free", "none")
# A sample comes by time, and lies at one end of its page by chance.
TRIES = 8


def judge(t, program, kind, mode, said):
    for _ in range(TRIES if mode.samples > 1 else 1):
        word, text = table.run(t.build, program, kind, mode)
        if word in said.split("/"):
            break
    t.ok(word in said.split("/"), f"{'front, ' if mode.front else ''}{mode.name}: {kind}: {said}",
         f"{word}\n{text}")


def test(t):
    for name in table.TABLES:
        cells = faults.cells(name)
        for mode in table.MODES[name]:
            if mode.name in ELSEWHERE:
                continue
            if not table.can(mode, t.folder):
                t.skip(mode.name, "not there")
                continue
            program = table.compile_program(t.build, t.folder, mode)
            kinds = table.listed(program)
            t.same(set(kinds), set(cells), f"{name}, {mode.name}: every fault has a row")
            for kind in kinds:
                if mode.name != "TSan" or kind in TSAN:
                    judge(t, program, kind, mode, cells.get(kind, {}).get(mode.name, "no cell"))
    got = t.run([tap.ROOT / "bench/fault_table.py", "--build", t.build, "--json", "--modes=off,cheap",
                 "--only=double_free"])
    t.ok(got.returncode == 0 and '"cheap": "call"' in got.stdout, "bench/fault_table.py --json", got.stdout + got.stderr)
    got = t.run([tap.ROOT / "bench/fault_table.py", "--build", t.build, "--only=no_such_fault"])
    t.ok(got.returncode and "no such fault" in got.stderr, "a fault that does not exist is refused", got.stderr)


tap.main(test)
