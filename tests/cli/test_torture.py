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


# Says of eight requests each of two functions, which failed: four of objects and
# four of pages; those of the second must not block.
FAULT = r"""
#include <linux/gfp.h>
#include <linux/slab.h>
#include <stdio.h>

static void *made[8];

static void ask(gfp_t gfp)
{
	for (int i = 0; i < 8; i++)
		made[i] = i < 4 ? kmalloc(64, gfp) : (void *)__get_free_pages(gfp, i < 6 ? 0 : 1);
	for (int i = 0; i < 8; i++) {
		putchar(made[i] ? '.' : 'x');
		if (i < 4)
			kfree(made[i]);
		else
			free_pages((unsigned long)made[i], i < 6 ? 0 : 1);
	}
}

void first(void)
{
	ask(GFP_KERNEL);
	putchar(' ');
}

void second(void)
{
	ask(GFP_ATOMIC);
	putchar('\n');
}

int main(void)
{
	first();
	second();
	return 0;
}
"""


MALLOC = r"""
#include <stdio.h>
#include <stdlib.h>

static int ask(size_t n)
{
	void *p = malloc(n);

	free(p);
	return p ? '.' : 'x';
}

int main(void)
{
	char text[] = { ask(30), ask(3000), ask(100000), ask(10 << 20), 0 };

	puts(text);
	return 0;
}
"""


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
            got = [r["status"] for r in data["tries"]]
            # a call that makes several requests fails at each
            first = list(dict.fromkeys(s for s in got if s))
            t.same(first, list(range(10, 40)), f"typed: {how}, {mode}: each call fails, in its order")
            t.ok(got.count(0) <= 2, f"typed: {how}, {mode}: only a pool has another way", got)
            places = [[f["name"] for f in s["frames"]] for s in data["sites"]]
            # calls that are made of others come before it
            t.ok(all(any(not name.startswith("kmem_") and "libkmem" not in module for name, module in
                         zip(names, [f["module"] for f in s["frames"]]))
                     for names, s in zip(places, data["sites"])),
                 f"typed: {how}, {mode}: the call site is the program's", places)


def scull(t):
    """An unchecked kmalloc() before a memset(): the line is told."""
    source = ROOT / "tests/cli/torture_scull.c"
    line = next(n for n, text in enumerate(source.read_text().splitlines(), 1) if "= kmalloc(" in text)
    prog = t.folder / "scull"
    got = t.run([*os.environ.get("CC", "cc").split(), "-g", "-O1", "-pthread", "-I", ROOT / "include", "-o", prog,
                 source, f"-L{t.build}", "-lkmem", f"-Wl,-rpath,{t.build}"])
    if not t.ok(got.returncode == 0, "scull: it is built", got.stderr):
        return
    page = t.folder / "scull.html"
    status, data = torture(t, [f"--html={page}"], [prog])
    t.same((status, data["base_status"]), (1, 0), "scull: ends well, but not each time")
    bad = [s for s in data["sites"] if s["signal"]]
    t.same(len(bad), 1, "scull: one place is not checked")
    if t.missing("addr2line"):
        t.skip("scull: its line", "addr2line is not installed")
        return
    t.ok(bad[0]["frames"][0].get("file", "").endswith("torture_scull.c") and bad[0]["frames"][0]["line"] == line,
         "scull: and its line is told", bad[0])
    text = t.run([t.kmem, "torture", prog]).stdout
    t.ok(f"torture_scull.c:{line}" in text and f"torture_scull.c:{line}" in page.read_text(), "scull: in text and on the page", text)


def by_options(t):
    """The kernel's attributes, in KMEM_OPTIONS."""
    source = t.folder / "fault.c"
    source.write_text(FAULT)
    prog = t.folder / "fault"
    got = t.run([*os.environ.get("CC", "cc").split(), "-O1", "-fno-inline", "-pthread", "-I", ROOT / "include", "-o", prog,
                 source, f"-L{t.build}", "-lkmem", f"-Wl,-rpath,{t.build}"])
    if not t.ok(got.returncode == 0, "options: it is built", got.stderr):
        return
    for options, says in (
        ("failslab=1,0,0,-1", "........ ........"),
        # as in the kernel, at first only what must not block
        ("failslab=1,100,0,-1", "........ xxxx...."),
        ("failslab=1,100,0,-1,failslab.ignore_gfp_wait=0", "xxxx.... xxxx...."),
        ("failslab=3,100,0,-1,failslab.ignore_gfp_wait=0", "..x..... .x......"),
        ("failslab=1,100,0,3,failslab.ignore_gfp_wait=0", "xxx..... ........"),
        # three of 64 bytes
        ("failslab=1,100,192,1,failslab.ignore_gfp_wait=0", "..x..... ........"),
        ("failslab=1,100,0,-1,failslab.ignore_gfp_wait=0,failslab.cache_filter=1", "........ ........"),
        ("failslab=1,100,0,-1,failslab.ignore_gfp_wait=0,failslab.cache_filter=1,slab_debug=A,kmalloc-64",
         "xxxx.... xxxx...."),
        ("fail_page_alloc=1,100,0,-1", "........ ......xx"),
        ("fail_page_alloc=1,100,0,-1,fail_page_alloc.min_order=0", "........ ....xxxx"),
        ("fail_page_alloc=1,100,0,-1,fail_page_alloc.min_order=0,fail_page_alloc.ignore_gfp_wait=0",
         "....xxxx ....xxxx"),
        ("failslab=1,100,0,-1,failslab.ignore_gfp_wait=0,fail_stack=second", "........ xxxx...."),
        ("fail_nth=6", ".....x.. ........"),
    ):
        got = t.run([prog], env={**os.environ, "KMEM_OPTIONS": options + ",failslab.verbose=0,fail_page_alloc.verbose=0"})
        t.same((got.stdout.strip(), "FAULT" in got.stderr), (says, False), options)
    got = t.run([prog], env={**os.environ, "KMEM_OPTIONS": "failslab=1,100,0,1,failslab.ignore_gfp_wait=0"})
    t.ok("FAULT_INJECTION: forcing a failure." in got.stderr
         and "name failslab, interval 1, probability 100, space 0, times 1" in got.stderr
         and "Call Trace:" in got.stderr and "first+0x" in got.stderr, "a failure is told, with its stack", got.stderr)
    for wrong in ("failslab=1", "failslab=1,101,0,1", "fail_page_alloc=1,2,3,x", "failslab=1,1,1,1,1"):
        got = t.run([prog], env={**os.environ, "KMEM_OPTIONS": wrong})
        t.ok("INTERVAL,PROBABILITY,SPACE,TIMES" in got.stderr and got.stdout.strip() == "........ ........",
             f"{wrong} is refused", got.stderr)
    # and of malloc(), under kmem run
    source.write_text(MALLOC)
    t.same(t.run([*os.environ.get("CC", "cc").split(), "-O0", "-o", prog, source]).returncode, 0, "malloc: it is built")
    for options, says in (
        ("failslab=1,100,0,-1", "...."),
        ("failslab=1,100,0,-1,failslab.ignore_gfp_wait=0,fail_stack=ask", "xx.."),
        ("fail_page_alloc=1,100,0,-1,fail_page_alloc.ignore_gfp_wait=0,fail_stack=ask", "..xx"),
    ):
        got = t.run([*t.front(), prog], env={**os.environ, "KMEM_OPTIONS": options + ",failslab.verbose=0"})
        t.same(got.stdout.strip(), says, f"malloc: {options}")


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
    scull(t)
    by_options(t)
    real_programs(t)


tap.main(test)
