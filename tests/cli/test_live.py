#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The commands of kmem that look at a running process, on redis-server under
redis-benchmark, on programs made for it, and on areas made to break them."""
import json
import os
import pathlib
import pty
import random
import re
import select
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "preload"))
import redis_bench  # noqa: E402
import tap  # noqa: E402

PAGE = 4096
TRIES = 40

# Does what it is told: "a" allocates 1000 objects, "f" frees 700 of them, "t"
# writes its table, "c" makes a cache where the record of one that is gone was,
# "r" uses all of a reserve, "u" says how much that was, "n" begins again, "s"
# takes pages until there are none, beside a shrinker, and says what that freed,
# "v" makes four areas of three kinds, frees the first, and writes their table.
PROGRAM = r"""
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <kmem/reserve.h>
#include <kmem/stats.h>
#include <stdio.h>

struct thing { char bytes[256]; };

static unsigned long left = 300, shrunk;

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	return left;
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = sc->nr_to_scan < left ? sc->nr_to_scan : left;

	left -= n;
	shrunk += n;
	return n;
}

static void run_short(void)
{
	struct shrinker *s = shrinker_alloc(0, "live");
	unsigned long page, last = 0;

	s->count_objects = count;
	s->scan_objects = scan;
	shrinker_register(s);
	while ((page = __get_free_page(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN))) {
		*(unsigned long *)page = last;
		last = page;
	}
	for (; last; last = page) {
		page = *(unsigned long *)last;
		free_page(last);
	}
	printf("%lu\n", shrunk);
}

static void make_areas(void)
{
	static char table[8192];
	static struct page *pages[2];
	void *first = vmalloc(10 * PAGE_SIZE);

	vmalloc_user(3 * PAGE_SIZE);
	kvmalloc(8 << 20, GFP_KERNEL);
	pages[0] = alloc_page(GFP_KERNEL);
	pages[1] = alloc_page(GFP_KERNEL);
	vmap(pages, 2, VM_MAP, PAGE_KERNEL);
	vm_map_ram(pages, 2, 0);
	vfree(first);
	kmem_vmallocinfo(table, sizeof(table));
	fputs(table, stdout);
}

int main(void)
{
	struct kmem_cache *cache = KMEM_CACHE(thing, 0);
	struct kmem_cache *first = kmem_cache_create("first", 40, 0, 0, NULL);
	static char table[65536];
	static void *held[1000];
	int c, i;

	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
	puts("ready");
	fflush(stdout);
	while ((c = getchar()) != EOF) {
		for (i = 0; c == 'a' && i < 1000; i++)
			held[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		for (i = 0; c == 'f' && i < 700; i++)
			kmem_cache_free(cache, held[i]);
		if (c == 't' && kmem_slabinfo(table, sizeof(table)))
			fputs(table, stdout);
		if (c == 'v')
			make_areas();
		if (c == 'c') {
			kmem_cache_create("second", 40, 0, 0, NULL);
			kmem_cache_destroy(first);
			first = kmem_cache_create("third", 40, 0, 0, NULL);
		}
		if (c == 'r') {
			unsigned long page, last = 0;

			kmem_reserve(4 << 20);
			while ((page = __get_free_pages(GFP_ATOMIC | __GFP_NOWARN, 4))) {
				*(unsigned long *)page = last;
				last = page;
			}
			for (; last; last = page) {
				page = *(unsigned long *)last;
				free_pages(last, 4);
			}
		}
		if (c == 's')
			run_short();
		else if (c == 'u' || c == 'n')
			printf("%zu\n", kmem_reserve_used(c == 'n'));
		else if (c != '\n')
			puts("done");
		fflush(stdout);
	}
	return 0;
}
"""


class Talker:
    """A process that says a line when it is ready, and when told a word."""

    def __init__(self, t, words, **more):
        self.process = t.start(words, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, **more)
        self.pid = self.process.pid
        self.line = self.process.stdout.readline().strip()

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        return self.process.wait(60)


def kmem(t, *words, **more):
    return t.run([t.kmem, *map(str, words)], **more)


def kmem_json(t, *words):
    got = kmem(t, *words, "--json")
    return json.loads(got.stdout)


def until(check):
    """The first answer that is true, of a process that comes to rest."""
    for _ in range(TRIES):
        got = check()
        if got:
            return got
        time.sleep(0.1)
    return None


# --- redis -------------------------------------------------------------------

def slabinfo(t, pid, table):
    # The server writes its table once a second, the first one after a second.
    t.ok(until(table.exists), "the server writes its table")

    def same_as_library():
        raw = kmem(t, "slabinfo", "--raw", pid).stdout
        return raw if raw == table.read_text() else None

    raw = until(same_as_library)
    t.ok(raw, "slabinfo --raw PID is the library's own table",
         kmem(t, "slabinfo", "--raw", pid).stdout + "---\n" + table.read_text())

    def same_view():
        raw = kmem(t, "slabinfo", "--raw", pid).stdout
        of_pid = kmem(t, "slabinfo", "--sort=active", pid).stdout
        of_table = kmem(t, "slabinfo", "--sort=active", "-", input=raw).stdout
        return of_pid if of_pid == of_table else None

    view = until(same_view)
    t.ok(view and view.startswith("NAME "), "slabinfo PID is the view of that table", view)
    data = kmem_json(t, "slabinfo", "--all", pid)
    t.ok({"malloc-16", "malloc-1k", "kmem_cache"} <= {c["name"] for c in data["caches"]}, "--json has the caches")
    got = kmem(t, "slabinfo", "--count", 3, "--interval", "0.05", "--json", pid)
    lines = [json.loads(line) for line in got.stdout.splitlines()]
    t.same([line["version"] for line in lines], ["2.1"] * 3, "--count 3 --json: a document a line")


def buddyinfo(t, pid):
    got = kmem(t, "buddyinfo", pid)
    form = re.compile(r"Node 0, zone +(DMA|DMA32|Normal) ( *\d+ ){11}$")
    lines = got.stdout.splitlines()
    t.ok(lines and all(map(form.match, lines)), "buddyinfo has the form of /proc/buddyinfo", got.stdout)
    data = kmem_json(t, "buddyinfo", pid)
    for zone in data["zones"]:
        free = sum(n << order for order, n in enumerate(zone["nr_free"]))
        t.same(free, zone["free_pages"], f"{zone['zone']}: the blocks add up to its free pages")
        marks = zone["watermarks"]
        t.ok(marks["min"] <= marks["low"] <= marks["high"], f"{zone['zone']}: watermarks", marks)


def parts(m):
    """The figures of meminfo that add up to what is mapped."""
    return (m["free_pages"]["bytes"] + m["page_lists"] + m["slabs"]["bytes"] + m["large"]
            + m["spans"] + m["vmalloc"] + m["other"] + m["regions"]["bytes"] + m["kept"]["bytes"] + m["percpu"]
            + m["metadata"]["bytes"])


def at_rest(t, pid):
    def check():
        m = kmem_json(t, "meminfo", pid)
        return m if m["settled"] and not m["other"] else None

    return until(check) or kmem_json(t, "meminfo", pid)


def adds_up(t, m, name):
    t.same(parts(m), m["mapped"], f"{name}: the parts add up to what is mapped")
    free, slabs, meta = m["free_pages"], m["slabs"], m["metadata"]
    t.same(free["kept"] + free["purged"] + free["being_purged"], free["bytes"], f"{name}: free pages")
    t.same(slabs["in_use"] + (slabs["in_sheaves"] or 0) + slabs["in_barn"] + slabs["free"] + slabs["waste"],
           slabs["bytes"], f"{name}: slabs")
    t.same(meta["page_records"] + meta["slab_maps"] + meta["published_area"] + meta["page_list_heads"]
           + meta["slot_columns"], meta["bytes"], f"{name}: metadata")
    # The books against the system: this is what nothing in them could fake.
    usable = parts(m) - m["regions"]["bytes"] - m["kept"]["bytes"] - m["percpu"] - meta["bytes"]
    t.same(m["maps"]["window"]["mapped"], usable, f"{name}: the window is mapped as the books say")
    t.same(m["maps"]["arrays"]["mapped"], meta["page_records"] + meta["slab_maps"], f"{name}: its records too")
    t.same(m["maps"]["area"]["mapped"], meta["published_area"], f"{name}: and the area")
    t.same(m["other"], 0, f"{name}: no page that no book has")


def meminfo(t, pid):
    m = at_rest(t, pid)
    adds_up(t, m, "redis")
    t.ok(m["sheaves_known"] and m["slabs"]["in_sheaves"] > 0, "sheaves of its CPUs are seen", m)
    got = kmem(t, "meminfo", pid)
    rows = re.findall(r"^([A-Za-z][^0-9\n]*?|MAPPED) +(-?\d+) +-?\d+ +-?[\d.]+%$", got.stdout, re.M)
    *tops, (last, mapped) = [(name, int(n)) for name, n in rows]
    t.same((last, sum(n for _, n in tops)), ("MAPPED", mapped), "the text's lines add up")
    t.ok("the same as in the books" in got.stdout, "and the text says that the system agrees", got.stdout)
    return m


def flow(t, pid):
    data = kmem_json(t, "flow", "--interval", "0.1", pid)
    rest = dict(data["at_rest"])
    mapped = data["mapped"]
    t.same(sum(rest.values()), mapped, "flow: bytes at rest add up")
    t.same(mapped, kmem_json(t, "meminfo", pid)["mapped"], "to meminfo's sum")
    got = kmem(t, "flow", "--batch", "--count", 1, "--interval", "0.1", pid)
    for floor in ("alloc/", "slab/sheaf", "slab/barn", "slab/slub", "page/pcp", "page/buddy", "port/", "MAPPED"):
        t.ok(floor in got.stdout, f"flow shows {floor}", got.stdout)
    t.ok(max(map(len, got.stdout.splitlines())) < 100, "in 100 columns")


def flow_under_load(t, server):
    load = t.start(["redis-benchmark", "-p", server.port, "-t", "lpush,sadd,set", "-n", "20000",
                    "-r", "20000", "-d", "120", "-q"], stdout=subprocess.DEVNULL)
    got = kmem(t, "flow", "--json", "--count", 4, "--interval", "0.2", server.process.pid)
    status = load.wait(300)
    t.same(status, 0, "redis-benchmark runs meanwhile")
    docs = [json.loads(line) for line in got.stdout.splitlines()]
    t.same(len(docs), 4, "flow --count 4")
    bad = []
    for before, now in zip(docs, docs[1:]):
        for a, b in zip(before["arrows"], now["arrows"]):
            for way in ("down", "up"):
                grown = b[way] - a[way]
                if grown < 0 or abs(b[way + "_per_s"] * now["seconds"] - grown) > 0.01 + grown * 1e-6:
                    bad.append((a, b, now["seconds"]))
    t.same(bad, [], "its rates are its totals' growth over its seconds")
    rows = {a["above"]: a for a in docs[-1]["arrows"]}
    t.ok(rows["slab/barn"]["down"] > 1000, "objects came out of slabs", rows)
    return docs


def top(t, pid):
    got = kmem(t, "top", "--batch", "--count", 2, "--interval", "0.2", pid)
    t.same((got.returncode, got.stderr), (0, ""), "top --batch")
    tables = [part.splitlines() for part in got.stdout.strip("\n").split("\n\n")]
    t.same(len(tables), 2, "shows two tables")
    form = re.compile(r"(\S+) +(\d+) +(\d+) +(\d+)% +([\d.]+[BKMGT]) +([\d.]+[BKMGT])"
                      r"( +[+-]\d+| +-){3} +[\d.]+ +[\d.]+ +(\d+) +(\d+)$")
    bad = [line for table in tables for line in table[3:] if not form.match(line)]
    t.same(bad, [], "every row is well-formed")
    for key, field, sign in (("size", "bytes", -1), ("active", "active", -1), ("waste", "waste_bytes", -1),
                             ("objsize", "objsize", -1), ("slabs", "slabs", -1)):
        rows = json.loads(kmem(t, "top", "--json", "--sort", key, "--interval", "0.05", pid).stdout)["caches"]
        values = [row[field] for row in rows]
        t.same(values, sorted(values, reverse=sign < 0), f"--sort={key}")
    rows = kmem_json(t, "top", "--sort=name", "--all", "--interval", "0.05", pid)["caches"]
    names = [row["name"] for row in rows]
    t.ok(names == sorted(names) and {"malloc-16", "sheaf-64"} <= set(names), "--sort=name --all", names)
    for row in rows:
        if not (row["active"] <= row["total"] and 0 <= row["waste_bytes"] <= row["bytes"]):
            t.ok(False, "numbers fit each other", row)


def leak(t):
    """A cache that only grows shows in the growth columns, and in no other."""
    script = ("import sys\nkept = []\nprint('ready', flush=True)\n"
              "for line in sys.stdin:\n"
              "    kept += [b'x' * 1900 + bytes(str(i), 'ascii') for i in range(3000)]\n"
              "    print('done', flush=True)\n")
    child = Talker(t, t.front() + ["/usr/bin/python3", "-c", script])
    watch = t.start([t.kmem, "top", "--json", "--batch", "--interval", "0.3", child.pid],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen, most = {}, 0
    for _ in range(100):
        child.tell("more")
        doc = json.loads(watch.stdout.readline())
        seen = {row["name"]: row for row in doc["caches"]}
        most = max(most, (seen["malloc-2k"]["net_1s"] or 0))
        if most >= 3000:
            break
    t.ok(most >= 3000, "net growth shows a leak", seen.get("malloc-2k"))
    diff = kmem_json(t, "top", "--diff", "--interval", "0.05", child.pid)["caches"]
    t.same({(row["active"], row["slabs"]) for row in diff}, {(0, 0)}, "--diff of a process at rest is nothing")
    child.end()
    said = watch.communicate(timeout=60)[1]
    t.ok(watch.returncode == 0 and "has ended" in said, "top ends when the process does", said)


class Terminal:
    """A command on a terminal of 40 rows and 130 columns."""

    def __init__(self, words):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ.update(TERM="xterm", LINES="40", COLUMNS="130")
            os.execv(words[0], words)

    def wait_for(self, *words):
        mark = 0
        for _ in range(600):
            if all(word in self.seen[mark:] for word in words):
                self.seen = ""
                return True
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                return False
        return False

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        try:
            while os.read(self.fd, 65536):
                pass
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def screens(t, pid):
    term = Terminal([t.kmem, "top", "--interval", "0.2", str(pid)])
    t.ok(term.wait_for("NET-10S", "malloc-", "q quit"), "top on a terminal", term.seen)
    for key, says in (("n", "name"), ("u", "active of total"), ("w", "wasted"), ("1", "over 1 s"),
                      ("r", "upside down"), ("h", "take a snapshot"), (" ", "NET-10S"),
                      ("s", ""), ("d", "since ")):
        term.type(key)
        if says:
            t.ok(term.wait_for(says), f"key {key!r}", term.seen)
    term.type("q")
    t.same(term.end(), 0, "q quits")
    term = Terminal([t.kmem, "flow", "--interval", "0.2", str(pid)])
    t.ok(term.wait_for("page/buddy", "q: quit"), "flow on a terminal", term.seen)
    term.type("q")
    t.same(term.end(), 0, "q quits it too")
    got = kmem(t, "top", pid)
    t.ok(got.returncode == 1 and "--batch" in got.stderr, "top without a terminal says --batch", got.stderr)
    term = Terminal(["/usr/bin/env", "TERM=no-such", t.kmem, "top", str(pid)])
    t.ok(term.wait_for("--batch"), "and with an unknown one", term.seen)
    t.same(term.end(), 1, "which is an error")


def procfs(t, pid):
    env = dict(os.environ, KMEM=t.kmem)
    script = tap.ROOT / "scripts/kmem-procfs.sh"
    got = t.run([script, pid, "sh", "-c", "exit 7"], env=env)
    if got.returncode == 77:
        t.skip("kmem-procfs.sh", got.stderr.strip())
        return
    t.same(got.returncode, 7, "kmem-procfs.sh exits as its command does")
    for words in (["vmstat", "-m"], ["slabtop", "-o", "-s", "c"]):
        if t.missing(words[0]):
            t.skip(words[0], "not installed")
            continue
        got = t.run([script, pid, *words], env=env)
        t.ok(got.returncode == 0 and "malloc-1k" in got.stdout, f"{' '.join(words)} reads the process", got)
    t.ok("malloc-1280" not in pathlib.Path("/proc/slabinfo").read_text(),
         "nobody else's /proc/slabinfo has changed")


# --- programs made for it ----------------------------------------------------

def build_program(t):
    source = t.folder / "live.c"
    source.write_text(PROGRAM)
    cc = os.environ.get("CC", "cc").split()
    got = t.run(cc + ["-I", tap.ROOT / "include", "-o", t.folder / "live", source,
                      t.build / "libkmem.a", "-lpthread"])
    t.ok(got.returncode == 0, "a program with the library in it is built", got.stderr)


def counted(t):
    """What the program holds is what meminfo says it uses, to the byte."""
    child = Talker(t, [t.folder / "live"])
    sizes = []

    def used():
        m = at_rest(t, child.pid)
        return m["slabs"]["in_use"] - m["slabs"]["in_use_own"]

    sizes.append(used())
    child.tell("a")
    sizes.append(used())
    child.tell("f")
    sizes.append(used())
    t.same(sizes[1] - sizes[0], 1000 * 256, "1000 objects more are in use")
    t.same(sizes[2] - sizes[1], -700 * 256, "and 700 fewer when they are freed")
    adds_up(t, at_rest(t, child.pid), "a program on the library")
    child.end()


def reclaimed(t):
    """What reclaim did is what the process itself saw."""
    child = Talker(t, [t.folder / "live"], env={**os.environ, "KMEM_OPTIONS": t.options("mem=8M")})
    t.ok("RECLAIM" not in kmem(t, "meminfo", child.pid).stdout, "nothing was reclaimed at first")
    shrunk = int(child.tell("s"))
    got = kmem_json(t, "meminfo", child.pid)["reclaim"]
    text = kmem(t, "meminfo", child.pid).stdout
    t.ok(shrunk > 0, "the shrinker was called", shrunk)
    t.same(got["shrunk"], shrunk, "meminfo shows what it freed")
    t.ok(got["runs"] > 0, "and runs", got)
    t.ok(f"RECLAIM    {got['runs']} runs, 0 of them kswapd's, brought {got['pages']} pages\n"
         f"shrinkers freed {shrunk} objects\n" in text, "in the text too", text)
    child.end()


def in_order(t):
    """Caches stand in the order of their creation, wherever their records lie."""
    child = Talker(t, [t.folder / "live"])
    child.tell("c")
    child.process.stdin.write("t\n")
    child.process.stdin.flush()
    lines = list(iter(child.process.stdout.readline, "done\n"))
    raw = kmem(t, "slabinfo", "--raw", child.pid).stdout
    t.same(raw, "".join(lines), "slabinfo --raw is kmem_slabinfo(), after caches came and went")
    t.ok(raw.index("\nsecond ") < raw.index("\nthird ") and "\nfirst " not in raw, "second and third are there", raw)
    child.end()


def reserve(t):
    """How deep the reserve was used is what the process itself says."""
    child = Talker(t, [t.folder / "live"])

    def below():
        r = kmem_json(t, "meminfo", child.pid)["reserve"]
        text = kmem(t, "meminfo", child.pid).stdout
        said = re.search(r"^used of the reserve at the worst: (\d+) bytes$", text, re.M)
        rows = re.findall(r"^(DMA|DMA32|Normal) +\d+ +(\d+) +\d+ +\d+ +\d+ +(\d+)$", text, re.M)
        t.same(sum(z["used"] for z in r["zones"]), r["used"], "the zones' parts add up")
        t.same(sum(int(n) for *_, n in rows), r["used"], "those in the text too")
        t.same([int(n) for _, n, _ in rows if n != "0"],
               [z["free_highatomic"] for z in r["zones"] if z["free_highatomic"]], "and what is kept in blocks")
        t.same(said and int(said[1]), r["used"], "and so it says")
        return r["used"]

    t.same(below(), 0, "nothing of the reserve is used at first")
    child.tell("r")
    used = int(child.tell("u"))
    t.ok(used > 4 << 20, "a reserve of 4 MiB is used whole", used)
    t.same(below(), used, "which meminfo shows")
    t.same(int(child.tell("n")), used, "it is so until it is begun again")
    t.same(below(), 0, "and nothing afterwards")
    zones = kmem_json(t, "meminfo", child.pid)["reserve"]["zones"]
    kept = [(z["highatomic"], z["free_highatomic"]) for z in zones if z["highatomic"]]
    t.same(kept, [(4 << 20, 4 << 20)], "4 MiB are kept in blocks")
    marks = [(z["min"], z["low"], z["high"]) for z in kmem_json(t, "meminfo", child.pid)["reserve"]["zones"]]
    zones = kmem_json(t, "buddyinfo", child.pid)["zones"]
    t.same(marks, [tuple(PAGE * z["watermarks"][m] for m in ("min", "low", "high")) for z in zones],
           "its watermarks are those of buddyinfo")
    child.end()


def mapping_sizes(pid):
    sizes = set()
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        start, end = (int(x, 16) for x in line.split()[0].split("-"))
        sizes.add(end - start)
    return sizes


def regions(t):
    script = "b = bytearray(64 << 20); print('ready', flush=True); __import__('sys').stdin.read()"
    child = Talker(t, t.front() + ["/usr/bin/python3", "-c", script])
    m = at_rest(t, child.pid)
    t.ok(m["regions"]["number"] == 1 and m["regions"]["bytes"] >= 64 << 20, "a region is seen", m["regions"])
    sizes = mapping_sizes(child.pid)
    t.ok(m["regions"]["bytes"] in sizes, "and is a mapping of that size", (m["regions"], sorted(sizes)))
    t.same(parts(m), m["mapped"], "all adds up with it")
    child.end()


def kept(t):
    """A freed region stays mapped for the next one, and in the books."""
    script = "b = bytearray(16 << 20); del b; print('ready', flush=True); __import__('sys').stdin.read()"
    env = dict(os.environ, KMEM_OPTIONS="decay_ms=-1")
    child = Talker(t, t.front() + ["/usr/bin/python3", "-c", script], env=env)
    m = at_rest(t, child.pid)
    t.ok(m["regions"]["number"] == 0 and m["kept"]["number"] == 1 and m["kept"]["bytes"] >= 16 << 20,
         "a freed region is seen as kept", (m["regions"], m["kept"]))
    t.ok(m["kept"]["bytes"] in mapping_sizes(child.pid), "and is a mapping of that size", m["kept"])
    t.same(parts(m), m["mapped"], "all adds up with it too")
    child.end()


def forks(t):
    script = ("import os, sys\nkept = [b'x' * 500 + bytes([i % 256]) for i in range(5000)]\n"
              "pid = os.fork()\n"
              "if not pid:\n    kept += [b'y' * 500 + bytes([i % 256]) for i in range(9000)]\n"
              "    os.write(1, b'')\n    sys.stdin.read()\n    os._exit(0)\n"
              "print(pid, flush=True)\nsys.stdin.read()\nos.waitpid(pid, 0)\n")
    child = Talker(t, t.front() + ["/usr/bin/python3", "-c", script])
    of = {}

    def grown():
        for name, pid in (("parent", child.pid), ("child", int(child.line))):
            rows = kmem_json(t, "slabinfo", "--all", pid)["caches"]
            of[name] = sum(row["active_objs"] for row in rows if row["name"] == "malloc-640")
        # of what both have some lies in sheaves
        return of["child"] >= of["parent"] + 8000

    t.ok(until(grown), "a forked child shows its own books", of)
    child.end()


def two_allocators(t):
    child = Talker(t, t.front() + [t.folder / "live"])
    first = kmem(t, "slabinfo", "--raw", child.pid)
    second = kmem(t, "slabinfo", "--raw", "--area=2", child.pid)
    t.ok("--area=2" in first.stderr, "a process with two allocators is told", first.stderr)
    both = first.stdout + second.stdout
    t.ok("malloc-1k" in both and "thing" in both and first.stdout != second.stdout, "each can be had", both)
    third = kmem(t, "slabinfo", "--area=3", child.pid)
    t.ok(third.returncode == 1 and "1 to 2" in third.stderr, "there is no third", third.stderr)
    child.end()


# --- areas -------------------------------------------------------------------

def areas(t):
    child = Talker(t, [t.folder / "live"])
    none = kmem(t, "vmallocinfo", child.pid)
    t.same((none.returncode, none.stdout), (0, ""), "vmallocinfo: no areas, no lines")
    before = kmem_json(t, "meminfo", child.pid)["vmalloc"]
    lines = [child.tell("v")]
    while lines[-1] != "done":
        lines.append(child.process.stdout.readline().strip())
    lines.pop()
    t.ok(len(lines) == 4 and sum("make_areas+0x" in line for line in lines) == 3,
         "kmem_vmallocinfo() has four areas, and names who made three", lines)
    got = kmem(t, "vmallocinfo", child.pid)
    t.same(got.stdout.splitlines(), lines, "vmallocinfo PID says the same")
    form = re.compile(r"0x[0-9a-f]{16}-0x[0-9a-f]{16} +\d+ "
                      r"(\w+\+0x[0-9a-f]+/0x[0-9a-f]+ pages=\d+ (vmalloc|vmalloc user|vmap) N0=\d+|vm_map_ram)$")
    t.ok(all(map(form.match, lines)), "in the form of /proc/vmallocinfo", lines)
    data = kmem_json(t, "vmallocinfo", child.pid)
    t.same(sorted((a["pages"], *a["kinds"]) for a in data["areas"]),
           [(2, "vmap"), (2, "vmap"), (3, "vmalloc", "user"), (2048, "vmalloc")], "--json has them")
    memory = kmem_json(t, "meminfo", child.pid)
    # of the two of vmalloc(), with two guards each
    t.same(memory["vmalloc"] - before, (2048 + 3 + 4) * PAGE, "meminfo has the pages of those of vmalloc()")
    t.same(data["pages"] * PAGE, memory["vmalloc"], "as many as vmallocinfo says")
    text = kmem(t, "meminfo", child.pid).stdout
    used = re.search(r"^VmallocUsed: +(\d+) kB$", text, re.M)
    t.same(int(used.group(1)) * 1024, memory["vmalloc"], "VmallocUsed is that")
    at_rest = kmem_json(t, "flow", "--interval", "0.01", child.pid)["at_rest"]
    t.same(at_rest["vmalloc"], memory["vmalloc"], "and flow too")
    child.end()


# --- what cannot be ----------------------------------------------------------

def errors(t):
    commands = ("slabinfo", "buddyinfo", "meminfo", "flow", "top", "vmallocinfo")
    gone = t.start(["true"])
    gone.wait()
    zombie = subprocess.Popen(["true"])
    until(lambda: "Z (zombie)" in pathlib.Path(f"/proc/{zombie.pid}/status").read_text())
    plain = t.start(["sleep", "600"])
    hidden = Talker(t, t.front() + ["sh", "-c", "echo ready; exec sleep 600"],
                    env=dict(os.environ, KMEM_OPTIONS="publish=0"))
    cases = (
        (gone.pid, "there is no process"),
        (zombie.pid, "has ended"),
        (plain.pid, "not on libkmem; start it with: kmem run"),
        (hidden.pid, "publish=0"),
    )
    for pid, says in cases:
        for command in commands:
            got = kmem(t, command, "--batch", pid)
            t.ok((got.returncode, got.stdout) == (1, "") and says in got.stderr
                 and got.stderr.startswith(f"kmem: {command}: "), f"{command}: {says}", got)
    zombie.wait()
    for process in (plain, hidden.process):
        process.kill()
        process.wait()
    for command in commands:
        for words in ([], ["1", "2"], ["--fly", "1"], ["--interval", "0", "1"], ["--interval", "1s", "1"],
                      ["--count", "0", "1"], ["--area", "0", "1"], ["99999999999999"]):
            got = kmem(t, command, *words)
            t.ok(got.returncode == 2 and got.stderr.startswith("kmem: ") and not got.stdout,
                 f"{command} {' '.join(words)}", got)
        if command != "slabinfo":
            got = kmem(t, command, "redis")
            t.ok(got.returncode == 2 and "not the number of a process" in got.stderr, f"{command} redis", got)
    got = kmem(t, "slabinfo", "--count", 2, "somefile")
    t.ok(got.returncode == 2 and "is a file" in got.stderr, "slabinfo --count of a file", got)
    got = kmem(t, "top", "--sort=colour", 1)
    t.ok(got.returncode == 2 and "net60" in got.stderr, "top --sort=colour", got)


def other_users(t, pid):
    if os.geteuid() or t.missing("setpriv"):
        t.skip("other users", "needs root and setpriv")
        return
    t.folder.chmod(0o755)
    away = t.folder / "kmem"
    shutil.copy(t.kmem, away)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    got = t.run([*nobody, away, "meminfo", pid])
    t.ok(got.returncode == 1 and "belongs to another user (uid 0)" in got.stderr and not got.stdout,
         "another user may not look", got)
    # the user's own process: yes, and root too
    (t.folder / "live").chmod(0o755)
    child = Talker(t, [*nobody, t.folder / "live"])
    t.ok(until(lambda: t.run([*nobody, away, "meminfo", child.pid]).returncode == 0), "its own user may")
    t.same(kmem(t, "meminfo", child.pid).returncode, 0, "root may")
    child.end()
    # set-uid: nothing is published, so that root finds nothing either
    setuid = t.folder / "setuid"
    shutil.copy(t.folder / "live", setuid)
    os.chown(setuid, 65534, 65534)
    setuid.chmod(0o4755)
    child = Talker(t, [setuid])
    links = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{child.pid}/fd")]
    t.ok(child.line == "ready" and not any("memfd" in link for link in links), "a set-uid program publishes nothing", links)
    got = kmem(t, "slabinfo", child.pid)
    t.ok(got.returncode == 1 and not got.stdout, "and cannot be looked at", got)
    child.end()


HEADER = struct.Struct("<QII5Q8s")
VERSION = int(re.search(r"KMEM_PUB_VERSION (\d+)",
                        (tap.ROOT / "include/kmem/published.h").read_text()).group(1))
MAGIC = 0x3142555030306d6b

# Publishes what the standard input says; a number of 0 becomes its own.
FORGER = """
import os, struct, sys
area = bytearray(sys.stdin.buffer.read())
if area[12:16] == bytes(4):
    area[12:16] = struct.pack('<I', os.getpid())
fd = os.memfd_create('kmem')
os.write(fd, area)
print('ready', flush=True)
import time
time.sleep(600)
"""


def forged(t, area, *words):
    (t.folder / "area").write_bytes(area)
    with open(t.folder / "area", "rb") as source:
        child = t.start(["/usr/bin/python3", "-c", FORGER], stdin=source, stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    outs = [kmem(t, *w, child.pid, timeout=60) for w in words]
    child.kill()
    child.wait()
    return outs


def header(used, size=4 << 20, version=VERSION, pid=0):
    return HEADER.pack(MAGIC, version, pid, size, used, 1 << 40, 1 << 30, 1 << 44, b"lock")


def hostile(t):
    got, = forged(t, header(64, version=99), ["meminfo"])
    t.ok(got.returncode == 1 and "version 99" in got.stderr, "an area of another version", got)
    got, = forged(t, header(1 << 50), ["meminfo"])
    t.ok(got.returncode == 1 and "broken" in got.stderr, "an area that says it is huge", got)
    got, = forged(t, header(4096), ["meminfo"])
    t.ok(got.returncode == 1 and "broken" in got.stderr, "an area shorter than it says", got)
    got, = forged(t, header(64, pid=1), ["meminfo"])
    t.ok(got.returncode == 1 and "not on libkmem" in got.stderr, "an area that is another process's", got)
    # a sound cache whose slots lie where nothing is
    cache = struct.pack("<4I64s8I19Q", 4, 320, 2, 0, b"forged", 64, 64, 64, 0, 8, 256, 0, 1,
                        1, 1, 64, 4, 1, 0, 60, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4096, 2, 64)
    cache = cache.ljust(320, b"\0")
    text, table = forged(t, header(64 + 320) + cache, ["meminfo"], ["slabinfo", "--raw"])
    t.ok("in use or in sheaves" in text.stdout and "cannot be read" in text.stdout,
         "slots that cannot be read: in use or in sheaves, and why", text)
    t.ok("forged                60     64     64   64    1 :" in table.stdout, "the rest is shown", table)
    # stuck in the middle of a change
    stuck = bytearray(header(64 + 320) + cache)
    stuck[64 + 8] = 1
    got, = forged(t, stuck, ["slabinfo", "--raw"])
    t.ok("forged" in got.stdout, "a record that never becomes whole is taken as it is", got)
    for size in (0, 63, 65, 0x7fffffc0, 0xffffffc0):
        stuck = bytearray(header(64 + 320) + cache)
        stuck[68:72] = struct.pack("<I", size)
        outs = forged(t, stuck, ["slabinfo", "--raw"], ["meminfo"])
        t.ok(all(got.returncode == 0 and "forged" not in got.stdout for got in outs),
             f"a record of {size} bytes ends the reading", outs)
    dice = random.Random(7)
    for number in range(12):
        area = bytearray(header(64 + 6 * 320) + cache * 6)
        for _ in range(40):
            area[dice.randrange(64, len(area))] = dice.randrange(256)
        outs = forged(t, area, ["meminfo"], ["slabinfo"], ["flow", "--interval", "0.01", "--json"],
                      ["top", "--batch", "--count", "1", "--interval", "0.01", "--all"], ["buddyinfo"])
        t.ok(all(got.returncode in (0, 1) for got in outs), f"random area {number}: no crash",
             [got for got in outs if got.returncode not in (0, 1)])


def test(t):
    errors(t)
    build_program(t)
    counted(t)
    in_order(t)
    reclaimed(t)
    reserve(t)
    regions(t)
    kept(t)
    areas(t)
    forks(t)
    two_allocators(t)
    leak(t)
    hostile(t)
    program = redis_bench.server_program(t.folder)
    if t.missing("redis-cli", "redis-benchmark") or not program:
        t.skip("redis", "redis-server is not installed")
        return
    table = t.folder / "table"
    server = redis_bench.Server(program, t.front("--slabinfo", table, "--every", "1"), t.folder)
    try:
        pid = server.process.pid
        flow_under_load(t, server)
        slabinfo(t, pid, table)
        buddyinfo(t, pid)
        meminfo(t, pid)
        flow(t, pid)
        top(t, pid)
        screens(t, pid)
        procfs(t, pid)
        other_users(t, pid)
    finally:
        status, said = server.stop()
    t.same(status, 0, "redis ends as it should")
    t.quiet(said, "and says nothing odd")


tap.main(test)
