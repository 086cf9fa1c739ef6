#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""kmem allocinfo on threaded programs: what it says is what the other commands
say is in use, and it turns the accounting on and off."""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LINE = re.compile(r" *(\d+) +(\d+) (\S+):(\d+) (?:\[(\S+)\] )?func:(\S+)$")

# Threads allocate and free, each other's blocks too, rest, and say so.
PROGRAM = r"""
#define KBUILD_MODNAME "prog"
#define CONFIG_MEM_ALLOC_PROFILING 1
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct thing { char bytes[120]; };
static struct kmem_cache *cache;
static void *cell[1000];

static void *make(unsigned int n)
{
	switch (n % 5) {
	case 0:
		return kmem_cache_alloc(cache, GFP_KERNEL);
	case 1:
		return kmalloc(n % 3000 + 1, GFP_KERNEL);
	case 2:
		return kzalloc(20000, GFP_KERNEL);
	case 3:
		return kstrdup("a string of the program", GFP_KERNEL);
	}
	return kvmalloc(9000, GFP_KERNEL);
}

static void *work(void *arg)
{
	unsigned int seed = (unsigned int)(unsigned long)arg;

	for (int i = 0; i < 20000; i++) {
		unsigned int n = (unsigned int)rand_r(&seed);

		kvfree(__atomic_exchange_n(&cell[n % 1000], n % 3 ? make(n) : NULL, __ATOMIC_ACQ_REL));
	}
	return NULL;
}

int main(void)
{
	pthread_t t[4];

	cache = KMEM_CACHE(thing, 0);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF) {
		for (long i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, work, (void *)(i + 1));
		for (long i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
		puts("rest");
		fflush(stdout);
	}
	return 0;
}
"""

# The same by malloc(), of which nothing was compiled for it.
FRONT = r"""
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *cell[1000];

__attribute__((noinline)) void *small_ones(unsigned int n)
{
	void *p = malloc(n % 900 + 1);

	return memset(p, 1, 1);
}

__attribute__((noinline)) void *zeroed_ones(unsigned int n)
{
	void *p = calloc(n % 90 + 1, 10);

	return memset(p, 1, 1);
}

__attribute__((noinline)) void *grown_ones(unsigned int n)
{
	void *p = realloc(malloc(10), 5000 + n % 90000);

	return memset(p, 1, 1);
}

__attribute__((noinline)) void *large_ones(unsigned int n)
{
	void *p = malloc((5 << 20) + n % 5000);

	return memset(p, 1, 1);
}

static void *work(void *arg)
{
	unsigned int seed = (unsigned int)(unsigned long)arg;

	for (int i = 0; i < 5000; i++) {
		unsigned int n = (unsigned int)rand_r(&seed);
		void *p = n % 100 == 0 ? large_ones(n) : n % 3 == 0 ? grown_ones(n) :
			  n % 3 == 1 ? small_ones(n) : zeroed_ones(n);

		free(__atomic_exchange_n(&cell[n / 300 % 1000], p, __ATOMIC_ACQ_REL));
	}
	return NULL;
}

int main(void)
{
	pthread_t t[4];

	puts("ready");
	fflush(stdout);
	while (getchar() != EOF) {
		for (long i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, work, (void *)(i + 1));
		for (long i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
		puts("rest");
		fflush(stdout);
	}
	return 0;
}
"""


def build(t):
    kmem = ["-I" + str(SOURCE / "include"), "-L" + str(t.build), "-lkmem", "-Wl,-rpath," + str(t.build)]
    for name, text, words in (("prog", PROGRAM, kmem), ("front", FRONT, [])):
        (t.folder / f"{name}.c").write_text(text)
        built = t.run(["cc", "-O1", "-Wall", "-Werror", "-o", t.folder / name, f"{name}.c", *words, "-pthread"])
        if not t.ok(not built.returncode, f"{name}: compiles", built.stderr):
            return False
    return True


class Program:
    def __init__(self, t, words, options=""):
        self.t = t
        env = dict(os.environ, KMEM_OPTIONS=options)
        self.process = t.start(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.pid = self.process.pid
        self.process.stdout.readline()

    def work(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kmem(self, command, *words):
        return self.t.run([self.t.kmem, command, *words, self.pid], timeout=60)

    def json(self, command, *words):
        got = self.kmem(command, "--json", *words)
        return json.loads(got.stdout) if got.stdout else None

    def end(self):
        self.process.stdin.close()
        self.t.same(self.process.wait(60), 0, "the program ends as it should")


def balance(t, p, name):
    """All sites together are what slabinfo and meminfo say is in use."""
    said = p.json("allocinfo")
    m = p.json("meminfo")
    # what was flushed for allocinfo is in slabs; what is active is in use; what
    # no book has is none of these programs', but counts of page lists that lag
    parts = ("large", "spans", "vmalloc", "percpu")
    used = m["slabs"]["in_use"] + m["regions"]["bytes"] + sum(m[part] for part in parts)
    t.same(said["bytes"], used, f"{name}: the sum over sites is what meminfo says is in use")
    rows = p.json("slabinfo", "--all")["caches"]
    objects = sum(row["active_objs"] * row["objsize"] for row in rows)
    t.same(said["bytes"] - (used - m["slabs"]["in_use"]), objects, f"{name}: and slabinfo")
    return said["sites"]


def top(t, p, sites):
    """kmem top by call site: what allocinfo says, and growth between two readings."""
    watch = t.start([t.kmem, "top", "--sites", "--json", "--batch", "--interval", "0.2", "--sort=since", p.pid],
                    stdout=subprocess.PIPE, text=True)
    first = json.loads(watch.stdout.readline())
    keep = ("line", "function", "bytes", "calls")
    t.same(sorted([s.get(k, 0) for k in keep] for s in first["sites"] if s["accounted"]),
           sorted([s.get(k, 0) for k in keep] for s in sites if s["accounted"]), "top --sites: what allocinfo says")
    t.same({(s["growth_bytes"], s["since_start_bytes"]) for s in first["sites"]}, {(0, 0)}, "nothing has grown")
    t.same(p.work(), "rest", "threads ran")
    # a reading between two others: one that saw it all is the first with a growth and the next without
    grew, said = {}, first
    for _ in range(100):
        said = json.loads(watch.stdout.readline())
        growth = {s.get("line", 0): s["growth_bytes"] for s in said["sites"]}
        for line, n in growth.items():
            grew[line] = grew.get(line, 0) + n
        if any(grew.values()) and not any(growth.values()):
            break
    watch.terminate()
    watch.wait()
    was = {s.get("line", 0): s["bytes"] for s in sites}
    change = {s.get("line", 0): s["bytes"] - was.get(s.get("line", 0), 0) for s in said["sites"]}
    t.same({s.get("line", 0): s["since_start_bytes"] for s in said["sites"]}, change, "growth since the start")
    t.same({line: n for line, n in grew.items() if line in change}, change, "growth by intervals adds up to it")
    t.ok(any(change.values()), "and there was some", change)
    order = [s["since_start_bytes"] for s in said["sites"]]
    t.same(order, sorted(order, reverse=True), "sorted by it")
    text = p.kmem("top", "--sites", "--batch", "--count", "1", "--interval", "0.01", "--sort=bytes")
    t.ok(text.returncode == 0 and "BYTES    BLOCKS   GROWTH    SINCE  CALL SITE" in text.stdout
         and text.stdout.count("func:make") == 5, "the same as text", text)
    t.same(p.kmem("top", "--sites", "--sort=waste").returncode, 2, "sorted by what sites have not: a mistake")


def typed(t):
    p = Program(t, [t.folder / "prog"])
    off = p.kmem("allocinfo")
    t.ok(off.returncode == 1 and not off.stdout and "is off" in off.stderr, "off: says so", off)
    t.same(p.work(), "rest", "threads ran")
    t.same(p.kmem("allocinfo", "--on").returncode, 0, "--on")
    sites = balance(t, p, "on")
    t.same([s for s in sites if s["accounted"]], [], "what was there before has no site")
    for i in range(3):
        t.same(p.work(), "rest", "threads ran")
        sites = balance(t, p, f"on, {i}")
    named = {(s["file"].rsplit("/", 1)[-1], s["function"], s["module"]): s for s in sites if "file" in s}
    t.same({key for key in named}, {("prog.c", "make", "prog"), ("prog.c", "work", "prog")} & set(named),
           "sites are files and functions of the program")
    lines = {s["line"] for s in sites if "file" in s}
    first = PROGRAM.split("\n").index("\t\treturn kmem_cache_alloc(cache, GFP_KERNEL);") + 1
    t.same(lines, {first, first + 2, first + 4, first + 6, first + 8}, "each call is a line")
    text = p.kmem("allocinfo").stdout.split("\n")
    t.same(text[:2], ["allocinfo - version: 1.0", "#     <size>  <calls> <tag info>"], "the head of the table")
    t.ok(all(LINE.match(line) for line in text[2:-1]), "the lines of the table", text)
    t.same(sum(int(LINE.match(line)[1]) for line in text[2:-1]), sum(s["bytes"] for s in sites), "the same in text")
    page = t.folder / "page.html"
    got = p.kmem("allocinfo", "--html", page)
    t.ok(got.returncode == 0 and not got.stdout and page.read_text().count("func:make") == 5
         and page.read_text().endswith("</html>\n"), "--html writes a page", got)
    bad = p.kmem("allocinfo", "--html", "/no/such/folder/x")
    t.ok(bad.returncode == 1 and "/no/such" in bad.stderr, "or says why not", bad)
    top(t, p, sites)
    t.same(p.kmem("allocinfo", "--off").returncode, 0, "--off")
    t.same(p.kmem("allocinfo").returncode, 1, "and it is off")
    off = p.kmem("top", "--sites", "--batch", "--count", "1", "--interval", "0.01")
    t.ok(off.returncode == 1 and not off.stdout and "allocinfo --on" in off.stderr, "top --sites: off: says so", off)
    t.same(p.work(), "rest", "threads ran")
    t.same(p.kmem("allocinfo", "--on").returncode, 0, "--on again")
    sites = balance(t, p, "on again")
    t.same([s for s in sites if s["accounted"]], [], "nothing is left of the time before")
    p.end()


def front(t, *options):
    name = ",".join(("mem_profiling=1",) + options)
    p = Program(t, t.front() + [t.folder / "front"], name)
    t.same(p.work(), "rest", f"{name}: threads ran")
    sites = balance(t, p, name)
    by = {s["function"].split("+")[0]: s for s in sites if "address" in s}
    for function in ("small_ones", "zeroed_ones", "grown_ones", "large_ones"):
        t.ok(function in by and by[function]["calls"], f"{name}: {function}() is a site", sorted(by))
    # a call is a region and a record of it
    t.ok(2 * by["large_ones"]["bytes"] >= by["large_ones"]["calls"] * (5 << 20), f"{name}: of so much", by["large_ones"])
    # those in which there is more than one call
    t.ok(not any(s["function"].startswith(("malloc", "calloc", "realloc")) for s in sites if "address" in s),
         f"{name}: no site is the library", sites)
    p.end()


def refusals(t):
    none = t.run([t.kmem, "allocinfo"])
    t.ok(none.returncode == 2 and "one process" in none.stderr, "no process: a mistake", none)
    fly = t.run([t.kmem, "allocinfo", "--fly", "1"])
    t.same(fly.returncode, 2, "an option that is none: a mistake")


def test(t):
    refusals(t)
    if os.uname().machine != "x86_64":
        t.skip("allocinfo", "threads are lent a call on x86-64 only")
        return
    if build(t):
        typed(t)
        front(t)
        front(t, "percpu=lock")


tap.main(test)
