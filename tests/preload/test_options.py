#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Any option, any program, any order of start.

The options are those that `kmem help options` lists, each with the value it
gives as an example and with each of its words: alone with every program and
both backends, and all pairs with a small threaded program, on the malloc front
and on the typed library by turns.  A program does what it does without them,
in time, and reports nothing.  What cannot be read is named on one line and
changes nothing; kmem run starts nothing then.
"""
import concurrent.futures
import itertools
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

PYTHON = "/usr/bin/python3"
TIMEOUT = 60
BACKENDS = ("rseq", "lock")
BAD = ("cut here", "BUG", "Kernel panic", "WARNING", "is ignored")

# Blocks of all sizes go from a thread to the next, as malloc's or as ours.  With
# EARLY the first comes before any constructor, libc's too: there is no environ.
PROGRAM = r"""
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if TYPED
#include <linux/slab.h>
#define get(n) kvmalloc(n, GFP_KERNEL)
#define put(p) kvfree(p)
#else
#define get(n) malloc(n)
#define put(p) free(p)
#endif

#define THREADS 4
#define BLOCKS 60

static int early;
static char *left[THREADS][BLOCKS];

#if EARLY
extern char **environ;

static void begin(void)
{
	void *volatile p = get(100);

	early = !environ;
	put(p);
}

static void (*const first)(void) __attribute__((used, section(".preinit_array"))) = begin;
#endif

static void *relay(void *arg)
{
	char **mine = arg;

	for (size_t i = 0; i < BLOCKS; i++) {
		size_t n = i ? 16 + i * i * 97 % 40000 : 6 << 20;

		if (mine[i] && mine[i][n - 1] != (char)i)
			abort();
		put(mine[i]);
		mine[i] = get(n);
		if (!mine[i])
			abort();
		mine[i][0] = mine[i][n - 1] = (char)i;
	}
	return NULL;
}

int main(void)
{
	pthread_t t[THREADS];

	for (size_t i = 0; i < 8; i++) {
		for (size_t k = 0; k < THREADS; k++)
			if (pthread_create(&t[k], NULL, relay, left[(i + k) % THREADS]))
				abort();
		for (size_t k = 0; k < THREADS; k++)
			pthread_join(t[k], NULL);
	}
	for (size_t i = 0; i < THREADS * BLOCKS; i++)
		put(left[i / BLOCKS][i % BLOCKS]);
	printf("done %d\n", early);
	return 0;
}
"""

def options(t):
    """{name: values} of what kmem lists; a path that is written to is ours."""
    listed = {}
    words = []
    for line in t.run([t.kmem, "help", "options"]).stdout.splitlines():
        if line.startswith("    takes one of "):
            words = line.split("takes one of ")[1].split(", or ")[0].split(", ")
        elif line.startswith("    for example: "):
            name, value = line.split(": ", 1)[1].split("=", 1)
            if name == "slabinfo":
                value = f"{t.folder}/slabs.%p"
            listed[name] = list(dict.fromkeys([value] + words))
            words = []
    return listed


def compile_all(t):
    """Command, LD_PRELOAD and name of each program."""
    front = str(t.build / "libkmem-malloc.so")
    (t.folder / "prog.c").write_text(PROGRAM)
    cc = [*os.environ.get("CC", "cc").split(), "-O1", "-pthread"]
    typed = ["-DTYPED=1", f"-I{tap.ROOT}/include"]
    made = [
        t.run(cc + ["prog.c", "-o", "front"]),
        t.run(cc + typed + ["prog.c", "-o", "shared", f"-L{t.build}", "-lkmem",
                            f"-Wl,-rpath,{t.build}"]),
        t.run(cc + typed + ["prog.c", "-o", "static", t.build / "libkmem.a"]),
        t.run(cc + ["-DEARLY=1", "prog.c", "-o", "early"]),
    ]
    if not t.ok(not any(m.returncode for m in made), "the programs compile",
                "".join(m.stderr for m in made)):
        return None
    return {
        "true": (["/bin/true"], front),
        "ls": (["/bin/ls", "/"], front),
        "python3": ([PYTHON, "-c", "import json; print(json.dumps({'a': [1]}))"], front),
        "threads on the front": ([f"{t.folder}/front"], front),
        "before libc begins": ([f"{t.folder}/early"], front),
        "the shared library": ([f"{t.folder}/shared"], None),
        "the static library": ([f"{t.folder}/static"], None),
    }


def run(program, text):
    command, preload = program
    env = dict(os.environ)
    env.pop("KMEM_OPTIONS", None)
    if text:
        env["KMEM_OPTIONS"] = text
    if preload:
        env["LD_PRELOAD"] = preload
    try:
        got = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    except subprocess.TimeoutExpired:
        return "no end", "", ""
    return got.returncode, got.stdout.decode(errors="replace"), got.stderr.decode(errors="replace")


def wrong(got, want):
    """What is wrong with a run, or nothing."""
    if got[:2] != want[:2]:
        return f"status {got[0]}, said {got[1]!r} {got[2][-500:]!r}"
    return next((line for line in got[2].splitlines()
                 if any(word in line for word in BAD) and "torture=" not in line), "")


def with_backend(text, backend):
    return text if "percpu=" in text else f"{text},percpu={backend}"


def matrix(programs, listed):
    """(name of the case, program, options) of every run."""
    for name, values in listed.items():
        for value, program, backend in itertools.product(values, programs, BACKENDS):
            yield f"{name} alone", program, with_backend(f"{name}={value}", backend)
    by_turns = itertools.cycle(itertools.product(
        ("threads on the front", "the static library", "the shared library"), BACKENDS))
    for (a, first), (b, second) in itertools.combinations(listed.items(), 2):
        text = f"{a}={first[0]},{b}={second[0]}"
        program, backend = next(by_turns)
        yield f"{a} with others", program, with_backend(text, backend)


def try_matrix(t, programs, listed):
    want = {name: run(program, None) for name, program in programs.items()}
    for name, got in want.items():
        t.ok(got[0] == 0 and not got[2], f"{name}: runs without options", got)
    t.same(want["before libc begins"][1], "done 1\n", "and one allocates without an environ")
    runs = list(matrix(programs, listed))
    bad = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        all_got = pool.map(lambda r: run(programs[r[1]], r[2]), runs)
        for (case, program, text), got in zip(runs, all_got):
            bad.setdefault(case, [])
            why = wrong(got, want[program])
            if why:
                bad[case].append(f"{program}, {text}: {why}")
    t.note(f"{len(runs)} runs")
    for case, why in bad.items():
        t.ok(not why, case, "\n".join(why))


def made_once(t, programs):
    """What is made when it is first needed is made once, though threads that
    begin together all need it."""
    said = [got for got in (run(programs["before libc begins"],
                                f"check=strict,percpu={BACKENDS[k % 2]}")
                            for k in range(100))
            if got != (0, "done 1\n", "")]
    t.ok(not said, "threads that begin together under check=strict", said[:1])


def refused(t, programs, listed):
    """Each way to write it wrong is one line, and no more than that."""
    text = ("slabinfo", "pressure_root", "torture", "slab_debug", "fail_stack", "lines")
    for name, values in listed.items():
        ways = [f"{name}={values[0]},{name}={values[0]}"]
        # an empty list of letters is one
        if name != "slab_debug":
            ways += [f"{name}="]
        if name not in text:
            ways += [f"{name}=-7", f"{name}=1.5G", f"{name}=99999999999999999999",
                     f"{name}={values[0]}x", f"{name}=foo"]
        for way in ways:
            item = way[way.rindex(f"{name}="):]
            for program in ("true", "the static library"):
                got = run(programs[program], way)
                lines = [x for x in got[2].splitlines() if "KMEM_OPTIONS" in x]
                status = -6 if way.startswith("panic_on_warn=1,") else 0
                good = (got[0] == status and len(lines) == 1 and
                        f"'{item}' is ignored: {name} " in lines[0])
                if not good:
                    t.ok(False, f"{way}, {program}: one line", got)
            got = t.run(t.front() + ["/bin/echo", "ran"],
                        env=dict(os.environ, KMEM_OPTIONS=way))
            if (got.returncode, got.stdout, got.stderr.count("\n")) != (125, "", 1) or \
                    f"'{item}': {name} " not in got.stderr:
                t.ok(False, f"{way}: kmem run starts nothing", got)
        t.ok(True, f"{name}: what is refused was looked at")
    for way in ("memm=1M", "foo", "=1", "MEM=1M"):
        got = run(programs["true"], way)
        t.ok(got[0] == 0 and got[2].count("\n") == 1 and "there is no such option" in got[2],
             f"{way}: an unknown key", got)
    got = run(programs["true"], "panic_on_warn,mem=1.5G")
    t.ok(got[0] == -6 and got[2].count("\n") == 2, "with panic_on_warn it is the end", got)
    got = run(programs["true"], "mem=64M," + "x" * 5000)
    t.ok(got[0] == 0 and "more than 4095 bytes" in got[2], "what is too long is told", got)


def resident(t):
    """rt= on the front: as much is there, after a while, and not much more."""
    size = 128
    process = t.start([PYTHON, "-c", "input()"], stdin=subprocess.PIPE,
                      env=dict(os.environ, KMEM_OPTIONS=f"rt={size}M",
                               LD_PRELOAD=str(t.build / "libkmem-malloc.so")))

    def rss():
        text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) >> 10

    end = time.monotonic() + TIMEOUT
    while rss() < size and time.monotonic() < end:
        time.sleep(0.05)
    # a step more, what the layers have from the first, and python's own
    last = 0
    while rss() != last and time.monotonic() < end:
        last = rss()
        time.sleep(0.5)
    t.ok(size <= last <= size + 64 + 80 + 40, "rt= costs what it says", f"{last} MiB")
    process.communicate(b"\n", timeout=TIMEOUT)
    t.same(process.returncode, 0, "and the program ends")


def test(t):
    listed = options(t)
    t.ok(len(listed) >= 20, "kmem lists options", listed)
    programs = compile_all(t)
    if not programs:
        return
    try_matrix(t, programs, listed)
    made_once(t, programs)
    refused(t, programs, listed)
    resident(t)


tap.main(test)
