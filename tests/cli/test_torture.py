#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""kmem torture: a program of which every failure is known, then real ones."""
import html.parser
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUTCOMES = ("same", "other", "signal", "hang")


def torture(t, options, command, **more):
    """Exit status and the JSON of one run."""
    got = t.run([t.kmem, "torture", "--json", "--limit=1", *options, "--", *command], **more)
    if got.returncode > 1:
        t.note(got.stderr)
        return got.returncode, None
    return got.returncode, json.loads(got.stdout)


def counts(data):
    return tuple(data["sum"][o] for o in OUTCOMES)


def by_function(data):
    """Function that allocates: its four counts."""
    return {
        row["frames"][0]["name"].split("+")[0]: tuple(row[o] for o in OUTCOMES)
        for row in data["sites"]
    }


def each_outcome(t, prog):
    words = ["copes", "gives_up", "crashes", "hangs", "aborts"]
    want = {
        "copes": (1, 0, 0, 0),
        "gives_up": (0, 1, 0, 0),
        "crashes": (0, 0, 1, 0),
        "hangs": (0, 0, 0, 1),
        "aborts": (0, 0, 1, 0),
    }
    for mode in ("fork", "runs"):
        status, data = torture(t, ["--mode=" + mode], [prog, *words])
        t.same(status, 1, f"{mode}: a signal or a hang is status 1")
        t.same(by_function(data), want, f"{mode}: what each function does")
        t.same((data["mode"], data["allocations"], data["base_status"], data["complete"]),
               (mode, 5, 0, True), f"{mode}: of the whole")
        t.same([(r.get("signal"), r.get("status")) for r in data["tries"]],
               [(None, 0), (None, 3), (11, None), (9, None), (6, None)],
               f"{mode}: statuses and signals, in order")
        t.same([r["bytes"] for r in data["tries"]], [100, 99, 200, 300, 100000],
               f"{mode}: bytes asked for")
    status, data = torture(t, [], [prog, "copes", "gives_up"])
    t.same((status, data["mode"]), (0, "fork"), "neither signal nor hang is status 0")


def sampling(t, prog):
    for mode in ("--mode=fork", "--mode=runs"):
        status, data = torture(t, [mode], [prog, "grows"])
        t.same((status, counts(data)), (0, (0, 3, 0, 0)), f"{mode}: three of one call site")
        all_of_it = torture(t, [mode, "--per-site=0"], [prog, "grows"])[1]
        points = all_of_it["allocations"]
        t.same(counts(all_of_it), (0, points, 0, 0), f"{mode} --per-site=0: all")
        t.ok(30 < points <= 39, "realloc may fail where it has grown in place", points)
        data = torture(t, [mode, "--per-site=0", "--every=4"], [prog, "grows"])[1]
        t.same([r["allocation"] for r in data["tries"]],
               list(range(4, points + 1, 4)), f"{mode} --every=4")
        data = torture(t, [mode, "--per-site=0", "--max=2"], [prog, "grows"])[1]
        t.same([r["allocation"] for r in data["tries"]], [1, 2], f"{mode} --max=2")
        data = torture(t, [mode, "--per-site=0", "--time=0.000001"], [prog, "grows"])[1]
        t.same((data["tries"], data["complete"]), ([], False), f"{mode} --time says it stopped")
    data = torture(t, ["--only=2"], [prog, "copes", "gives_up", "crashes"])[1]
    t.same((data["mode"], [r["allocation"] for r in data["tries"]], counts(data)),
           ("runs", [2], (0, 1, 0, 0)), "--only=2")


def afterwards(t, prog):
    for mode in ("--mode=fork", "--mode=runs"):
        data = torture(t, [mode], [prog, "tries_twice"])[1]
        t.same(counts(data), (2 - 1, 0, 0, 0), f"{mode} --once: the second attempt succeeds")
        data = torture(t, [mode, "--from-then-on"], [prog, "tries_twice"])[1]
        t.same(counts(data), (0, 1, 0, 0), f"{mode} --from-then-on: it fails")
        status, data = torture(t, [mode, "--strict"], [prog, "tries_twice"])
        t.same(status, 1, f"{mode} --strict: status 1")
        first = data["tries"][0]
        t.same((first["allocations_after"], first["first_after"][0]["name"].split("+")[0]),
               (1, "tries_twice"), f"{mode} --strict: who allocated afterwards")
        status, data = torture(t, [mode, "--strict"], [prog, "gives_up"])
        t.same((status, data["sum"]["allocated_after"]), (0, 0), f"{mode} --strict: nobody did")
        data = torture(t, [mode, "--armed=call"], [prog, "copes", "begin", "gives_up", "end", "crashes"])[1]
        t.same((data["allocations"], by_function(data)), (1, {"gives_up": (0, 1, 0, 0)}),
               f"{mode} --armed=call: from begin to end")
        data = torture(t, [mode], [prog, "copes", "execs"])[1]
        t.same(set(by_function(data)), {"copes", "gives_up"}, f"{mode}: goes on in a program that takes its place")


def the_parent_notices_nothing(t, prog):
    got = t.run([prog, "reads", "waits"], input="abcdef")
    t.same(got.returncode, 0, "the program by itself")
    for mode in ("--mode=fork", "--mode=runs"):
        status, data = torture(t, [mode], [prog, "reads"], input="abcdef")
        t.same((status, data["base_status"], counts(data)), (0, 0, (0, 3, 0, 0)),
               f"{mode}: a pipe as standard input, read by each for itself")
        t.same({r["status"] for r in data["tries"]}, {5}, f"{mode}: from where it is")
    (t.folder / "input").write_text("abcdef")
    data = torture(t, ["--stdin=input"], [prog, "reads"])[1]
    t.same((data["base_status"], counts(data)), (0, (0, 3, 0, 0)), "--stdin=FILE")
    data = torture(t, [], [prog, "waits"])[1]
    t.same((data["base_status"], [r["status"] for r in data["tries"]]), (0, [5, 0]),
           "its own children are all that it can wait for")
    for mode in ([], ["--mode=runs"]):
        data = torture(t, mode, [prog, "copes", "threads"])[1]
        t.same((data["mode"], data["base_status"], by_function(data)["gives_up"]),
               ("runs", 0, (0, 1, 0, 0)), f"threads: by runs {mode}")
    data = torture(t, ["--mode=fork"], [prog, "copes", "threads"])[1]
    t.ok("gives_up" not in by_function(data), "--mode=fork does not fork beside a thread", data["sites"])


def output(t, prog):
    for mode in ("--mode=fork", "--mode=runs"):
        keep = t.folder / ("keep" + mode)
        got = t.run([t.kmem, "torture", mode, f"--keep-output={keep}", prog, "copes", "says"])
        t.ok("says it" not in got.stdout + got.stderr, f"{mode}: what it says is not the report's")
        t.same({p.name: p.read_text() for p in keep.iterdir()},
               {"base.out": "says it\n", "1.out": "says it\n", "2.out": "was not\n"},
               f"{mode} --keep-output")
    got = t.run([t.kmem, "torture", "--setup=echo x >>setups", "--mode=runs", prog, "copes", "gives_up"])
    t.same((t.folder / "setups").read_text(), "x\n" * 3, "--setup runs before each")
    got = t.run([t.kmem, "torture", "--setup=false", prog, "copes"])
    t.ok(got.returncode == 125 and "--setup" in got.stderr, "a setup that fails ends it", got.stderr)


class Page(html.parser.HTMLParser):
    void = {"meta"}

    def __init__(self):
        super().__init__()
        self.links = []
        self.text = ""
        self.rows = 0

    def handle_starttag(self, tag, attrs):
        self.rows += tag == "tr"
        self.links += [v for k, v in attrs if k in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def reports(t, prog):
    page = t.folder / "page.html"
    got = t.run([t.kmem, "torture", "--limit=1", f"--html={page}", prog, "crashes", "copes", "<&>"])
    t.same(got.returncode, 1, "text")
    lines = got.stdout.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("  TRIED"))
    t.same(lines[head].split()[:5], ["TRIED", "SAME", "OTHER", "SIGNAL", "HANG"], "columns")
    t.ok(lines[head + 1].split()[:5] == ["1", ".", ".", "1", "."] and " crashes+0x" in lines[head + 1],
         "the worst comes first", got.stdout)
    t.ok("bytes: signal 11 (Segmentation fault)" in got.stdout, "and is told in full", got.stdout)
    t.same(got.stderr, "", "no progress bar without a terminal")
    parser = Page()
    parser.feed(page.read_text())
    t.ok(parser.rows == 4 and "crashes+0x" in parser.text and "<&>" in parser.text, "the page has it too", parser.text)
    t.same(parser.links, [], "and needs no other file")


def errors(t, prog):
    for words, why in (
        ([], "no command"),
        (["--mode=x", prog], "--mode"),
        (["--every=x", prog], "--every"),
        (["--time=-1", prog], "--time"),
        (["--depth=9", prog], "--depth"),
        (["--stdin=/no/file", prog], "/no/file"),
        (["--keep-output=/no/dir/x", prog], "--keep-output"),
        (["--html=/no/dir/x", prog, "copes"], "--html"),
    ):
        got = t.run([t.kmem, "torture", *words])
        t.ok(got.returncode == 125 and why in got.stderr, f"error: {why}", got.stderr)
    got = t.run([t.kmem, "torture", "no-such-command-anywhere"])
    t.ok(got.returncode == 127 and "no such command" in got.stderr, "no such command", got.stderr)
    got = t.run([t.kmem, "torture", "env", "-i", prog, "crashes"])
    t.same(got.returncode, 0, "a program that cleans its environment is left alone")


def typed(t):
    """The calls of the kernel's API, in a program that has no malloc()."""
    for how, words in (("shared", [f"-L{t.build}", "-lkmem", f"-Wl,-rpath,{t.build}"]),
                       ("static", [t.build / "libkmem.a"])):
        prog = t.folder / f"typed-{how}"
        got = t.run([*os.environ.get("CC", "cc").split(), "-O1", "-pthread", "-I", ROOT / "include", "-o", prog,
                     ROOT / "tests/cli/torture_typed.c", *words])
        if not t.ok(got.returncode == 0, f"typed: {how}: it is built", got.stderr):
            continue
        for mode in ("fork", "runs"):
            status, data = torture(t, ["--mode=" + mode, "--per-site=0"], [prog])
            t.same((status, data["base_status"]), (0, 0), f"typed: {how}, {mode}: ends well")
            t.same([r["status"] for r in data["tries"]], list(range(10, 23)),
                   f"typed: {how}, {mode}: each call fails once, in its order")
            places = [s["frames"][0]["name"] for s in data["sites"]]
            # or that of a call which is made of others
            t.ok(all(name.startswith(("main+", "kmem_krealloc+", "kmem_kvasprintf+")) for name in places),
                 f"typed: {how}, {mode}: the call site is the program's", places)


def nothing(t, prog):
    """That nothing was tried is no success."""
    got = t.run([t.kmem, "torture", "true"])
    t.ok(got.returncode == 3 and "nothing was tried" in got.stderr, "a program that allocates nothing", got)
    got = t.run([t.kmem, "torture", "--armed=call", prog, "copes"])
    t.ok(got.returncode == 3 and "kmem_torture_begin()" in got.stderr, "one that never says begin", got)
    got = t.run([t.kmem, "torture", "--every=1000000", prog, "copes"])
    t.ok(got.returncode == 3 and "--every" in got.stderr, "--every beyond the last", got)
    got = t.run([t.kmem, "torture", "--only=1000000", prog, "copes"])
    t.ok(got.returncode == 3 and "--only" in got.stderr, "--only beyond the last", got)


def real_programs(t):
    missing = t.missing("sqlite3", "git")
    if missing:
        t.skip("real programs", f"no {missing}")
        return
    sql = "create table t(a); insert into t values(1),(2); select sum(a) from t;"
    # a home folder, for it would ask the C library for one
    env = dict(os.environ, HOME=str(t.folder))
    status, data = torture(t, ["--limit=20"], ["sqlite3", "-batch", ":memory:", sql], env=env)
    t.ok(data and len(data["tries"]) > 50 and data["complete"], "sqlite3: all of it is tried")
    ours = [r for r in data["sites"] if r["signal"] + r["hang"]
            and any("sqlite" in f["module"] for f in r["frames"][:1])]
    t.same(ours, [], "sqlite3 copes with every failure")
    env["GIT_OPTIONAL_LOCKS"] = "0"
    t.run(["git", "init", "-q", "."], env=env)
    status, data = torture(t, ["--limit=20"], ["git", "status"], env=env)
    t.ok(data and len(data["tries"]) > 50 and data["complete"], "git: all of it is tried")
    t.same((status, data["sum"]["signal"] + data["sum"]["hang"]), (0, 0), "git gives up in good order")


def test(t):
    prog = str(t.folder / "torture")
    cc = os.environ.get("CC", "cc").split()
    subprocess.run([*cc, "-O1", "-pthread", "-I", ROOT / "include", "-o", prog,
                    ROOT / "tests/cli/torture.c"], check=True)
    each_outcome(t, prog)
    sampling(t, prog)
    afterwards(t, prog)
    the_parent_notices_nothing(t, prog)
    output(t, prog)
    reports(t, prog)
    errors(t, prog)
    nothing(t, prog)
    typed(t)
    real_programs(t)


tap.main(test)
