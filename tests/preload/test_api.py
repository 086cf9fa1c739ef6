#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The rules of the malloc family (api.c), and when the front is there."""
import os
import re
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

# api.c's misuses in their order: a part of the report each must give.
MISUSES = [
    ("free of the stack", [r"free\(\): object pointer: 0x"]),
    ("free of static data", [r"free\(\): object pointer: 0x"]),
    ("free inside a span", [r"free\(\): object pointer: 0x"] * 2),
    ("a span freed twice", [r"free\(\): object pointer: 0x"]),
    ("a region freed twice", [r"free\(\): object pointer: 0x"]),
    ("free inside a region", [r"free\(\): object pointer: 0x"]),
    ("realloc of static data", [r"realloc\(\): object pointer: 0x"]),
    ("free_sized with another size", [r"free_sized\(\).*500 bytes"]),
    ("free of an unused address", [r"free\(\): object pointer: 0x"]),
    ("malloc_usable_size of static data", [r"malloc_usable_size\(\)"]),
]


def compile_programs(t):
    here = pathlib.Path(__file__).resolve().parent
    cc = os.environ.get("CC", "cc").split()
    made = t.run(cc + ["-O1", "-g", "-pthread", "-o", "api", here / "api.c", "-ldl"])
    if not t.ok(made.returncode == 0, "api.c compiles", made.stderr):
        return False
    made = t.run(cc + ["-shared", "-fPIC", "-o", "plugin.so", here / "plugin.c"])
    return t.ok(made.returncode == 0, "plugin.c compiles", made.stderr)


def rules(t, title, **more):
    got = t.run(t.front() + ["./api"], timeout=300, **more)
    for name, good in re.findall(r"^(ok|not ok) \d+ - (.*)$", got.stdout, re.M):
        t.ok(name == "ok", f"{title}: {good}", got.stdout)
    t.same(got.returncode, 0, f"{title}: all rules")
    t.quiet(got.stderr, f"{title}: no report")


def misuse(t):
    for number, (name, want) in enumerate(MISUSES):
        got = t.run(t.front() + ["./api", "misuse", str(number)])
        t.same((got.returncode, got.stdout), (0, "still here\n"), name + ": goes on")
        found = re.findall(r"cut here \]-+\nWARNING: CPU.*\n(.*)", got.stderr)
        t.ok(
            len(found) == len(want) and all(map(re.search, want, found)),
            name + ": is reported",
            got.stderr,
        )
    got = t.run(
        t.front() + ["./api", "misuse", "0"],
        env=dict(os.environ, KMEM_OPTIONS=t.options("panic_on_warn")),
    )
    t.same(got.returncode, -6, "panic_on_warn ends the program")


def hard_limit(t):
    env = dict(os.environ, KMEM_OPTIONS=t.options("mem=32M"))
    got = t.run(t.front() + ["./api", "limit"], env=env)
    t.same((got.returncode, got.stdout), (0, "ok\n"), "mem=32M is a hard limit")
    t.quiet(got.stderr, "and says nothing")


def saved(t):
    table = t.folder / "table"
    got = t.run(t.front("--slabinfo", table) + ["./api", "leave"])
    t.same(got.returncode, 3, "_exit() works")
    t.ok(not table.exists(), "and writes no table")
    got = t.run(t.front("--slabinfo", table, "--every", "1") + ["./api", "save", table])
    t.same(got.returncode, 0, "forks beside the thread that writes the table")
    t.same(t.run([t.kmem, "slabinfo", table]).returncode, 0, "the table is whole")
    names = sorted(p.name for p in t.folder.iterdir())
    t.same(names, ["api", "plugin.so", "table"], "nothing else was left")
    t.run(
        t.front("--slabinfo", "each,%%.%p")
        + ["sh", "-c", "/bin/ls / >ls.out; /bin/true; exit 0"]
    )
    each = [p for p in t.folder.iterdir() if re.fullmatch(r"each,%\.\d+", p.name)]
    t.ok(len(each) >= 2, "%p: every process writes its own", sorted(t.folder.iterdir()))
    for path in each:
        got = t.run([t.kmem, "slabinfo", path])
        t.same((got.returncode, got.stderr), (0, ""), f"{path.name} is whole")


def early(t):
    """The loader's first call, and programs that ask for nothing."""
    t.both(["/bin/true"], "true")
    t.both(["/bin/false"], "false")
    t.both(["/bin/ls", "-la", "/usr"], "ls")
    for name, value in (("LD_BIND_NOW", "1"), ("LD_LIBRARY_PATH", "/nowhere")):
        env = dict(os.environ, **{name: value})
        t.both(["/bin/ls", "-la", "/usr"], f"ls with {name}", env=env)
    got = t.run(t.front() + ["./api"], env={"API_PLUGIN": "./plugin.so"})
    t.same(got.returncode, 0, "an environment with nothing in it")
    got = t.run(t.front() + ["sh", "-c", "ulimit -v 2000000; exec ./api misuse 9"])
    t.same(got.stdout, "still here\n", "little address space")
    deep = t.front() + t.front() + ["/bin/echo", "deep"]
    t.same(t.run(deep).stdout, "deep\n", "kmem run in kmem run")


def test(t):
    if not compile_programs(t):
        return
    os.environ["API_PLUGIN"] = str(t.folder / "plugin.so")
    rules(t, "all CPUs")
    rules(t, "one CPU", preexec_fn=lambda: os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]))
    misuse(t)
    hard_limit(t)
    saved(t)
    early(t)


tap.main(test)
