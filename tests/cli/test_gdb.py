#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The commands of tools/gdb/kmem.py, on a process that gdb has stopped and on
the core it writes of it: both say the same, and what they say is true."""
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SCRIPT = tap.ROOT / "tools/gdb/kmem.py"
COMMANDS = ["slabinfo", "meminfo", "debug entry", "buddyinfo", "vmallocinfo", "flow", "slabinfo --json --all",
            "whatis used", "whatis gone", "track used", "track gone", "neighbours gone"]
WRONG = {"nothing": "there is no command 'nothing'", "whatis": "which address",
         "whatis absent": 'No symbol "absent"', "neighbours &entries": "no object of a slab",
         "slabinfo --sort=none": "--sort=none"}


def gdb(t, *words, before=(), commands=(), env=None):
    argv = ["gdb", "-q", "-batch", "-nx", "-ex", "set debuginfod enabled off", "-ex", f"source {SCRIPT}"]
    for command in [*before, *commands]:
        argv += ["-ex", f"echo <{command}>\\n", "-ex", command]
    return t.run([*argv, *words], env=os.environ | {"KMEM": t.kmem} | (env or {}))


def answers(got):
    """By command what came after its echo."""
    return dict(re.findall(r"^<(.*?)>\n(.*?)(?=^<|\Z)", got.stdout, re.S | re.M))


def steady(text):
    return re.sub(r"\nAS THE SYSTEM SAYS.*?\n(?=\n|\Z)", "", re.sub(r" age=\d+|, rates over [\d.]+ s", "", text),
                  flags=re.S)


def true(t, said):
    t.ok(re.search(r"^entry +299 +\d+", said["kmem slabinfo"], re.M), "slabinfo on a live process", said)
    t.ok(": object " in said["kmem whatis used"] and ", allocated, offset 0" in said["kmem whatis used"],
         "whatis takes an expression", said["kmem whatis used"])
    t.ok("Freed" not in said["kmem track used"] and said["kmem track used"].startswith("Allocated in read_index+"),
         "track of one in use", said["kmem track used"])
    t.ok("\nFreed in forget+" in said["kmem track gone"], "track of a freed one", said["kmem track gone"])
    lines = [line.split() for line in said["kmem neighbours gone"].splitlines()]
    t.ok([line[0] for line in lines] == ["before", "this", "after"] and lines[1][2] == "free"
         and lines[0][2] == lines[2][2] == "allocated" and int(lines[0][1], 16) < int(lines[1][1], 16)
         < int(lines[2][1], 16), "the objects beside it", lines)


def test(t):
    if t.missing("gdb"):
        t.skip("commands of gdb", "there is no gdb")
        return
    cc = os.environ.get("CC", "cc").split()
    got = t.run(cc + ["-O0", "-g", "-o", "entries", tap.ROOT / "tests/cli/entries.c", f"-I{tap.ROOT}/include",
                      t.build / "libkmem.a", "-lpthread"])
    if not t.ok(not got.returncode, "the program is built", got.stderr):
        return
    commands = [f"kmem {c}" for c in COMMANDS]
    live = gdb(t, t.folder / "entries", before=["break last_of_all", "run"],
               commands=[*commands, *(f"kmem {c}" for c in WRONG), f"generate-core-file {t.folder}/the-core", "kill"])
    said = answers(live)
    if not t.ok(all(c in said and (said[c] or c == "kmem vmallocinfo") for c in commands), "every command answers", live.stdout + live.stderr):
        return
    true(t, said)
    for command, words in WRONG.items():
        t.ok(words in live.stderr, f"kmem {command}: {words}", live.stderr)
    core = gdb(t, t.folder / "entries", t.folder / "the-core", commands=commands)
    dead = answers(core)
    for command in commands:
        t.same(steady(dead.get(command, "")), steady(said[command]), f"{command}: the same on the core")
    got = gdb(t, t.folder / "entries", commands=["kmem slabinfo"])
    t.ok("no process and no core" in got.stderr, "without a program that runs", got.stderr)
    got = gdb(t, t.folder / "entries", t.folder / "the-core", commands=["kmem slabinfo"],
              env={"KMEM": "", "PATH": "/usr/bin:/bin"})
    t.ok("no kmem command" in got.stderr or "Usage" in got.stderr or got.stdout, "without the command", got.stderr)


tap.main(test)
