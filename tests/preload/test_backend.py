#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Which backend a process has, and that nothing but reports can tell.

By default, when KMEM_OPTIONS names one, and when libc has been told not to
register restartable sequences: the same results, and each way of asking
names the same backend.
"""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

NO_RSEQ = "glibc.pthread.rseq=0"
REFUSED = "kmem: percpu=rseq: this system has no restartable sequences"

# Prints its backend; then objects go from a thread to the next, each of which
# frees what the one before it has left.
PROGRAM = r"""
#include <kmem/kmem.h>
#include <linux/slab.h>
#include <pthread.h>
#include <stdio.h>

static struct kmem_cache *cache;
static void *left[300];

static void *relay(void *arg)
{
	int i;

	for (i = 0; i < 300; i++) {
		if (left[i])
			kmem_cache_free(cache, left[i]);
		left[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	}
	return arg;
}

int main(void)
{
	pthread_t t;
	int i;

	cache = kmem_cache_create("relay", 48, 0, 0, NULL);
	puts(kmem_backend());
	for (i = 0; i < 50; i++) {
		pthread_create(&t, NULL, relay, NULL);
		pthread_join(t, NULL);
	}
	for (i = 0; i < 300; i++)
		kmem_cache_free(cache, left[i]);
	puts(kmem_validate() ? "valid" : "broken");
	printf("left: %d\n", kmem_cache_destroy(cache));
	return 0;
}
"""


def settings():
    """Name, KMEM_OPTIONS, GLIBC_TUNABLES."""
    yield "the default", None, None
    yield "percpu=lock", "percpu=lock", None
    yield "percpu=rseq", "percpu=rseq", None
    yield "no rseq in libc", None, NO_RSEQ
    yield "percpu=lock, no rseq in libc", "percpu=lock", NO_RSEQ
    yield "percpu=rseq, no rseq in libc", "percpu=rseq", NO_RSEQ


def compile_program(t):
    (t.folder / "prog.c").write_text(PROGRAM)
    cc = os.environ.get("CC", "cc").split()
    made = t.run(cc + ["-O1", f"-I{tap.ROOT}/include", "prog.c", "-o", "prog",
                       t.build / "libkmem.a", "-pthread"])
    return t.ok(made.returncode == 0, "the program compiles", made.stderr)


def told_by_tools(t, env, name, backend):
    """A process that lives, seen from outside."""
    process = t.start(t.front() + ["/usr/bin/python3", "-c",
                                   "print('up', flush=True); input()"],
                      stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      stderr=subprocess.DEVNULL, text=True, env=env)
    t.same(process.stdout.readline(), "up\n", f"{name}: python3 starts")
    pid = str(process.pid)
    for command in (["flow", "--interval", "0.1", "--json"], ["meminfo", "--json"]):
        got = t.run([t.kmem, *command, pid])
        told = json.loads(got.stdout or "{}")
        t.same((told.get("backend"), told.get("sheaves_known")), (backend, True),
               f"{name}: kmem {command[0]} says so")
    head = t.run([t.kmem, "meminfo", pid]).stdout.splitlines()[:1]
    t.ok(head and f"backend {backend}" in head[0], f"{name}: and to people", head)
    process.communicate("\n", timeout=60)
    t.same(process.returncode, 0, f"{name}: python3 ends")


def one(t, name, options, tunables, best, want):
    env = dict(os.environ)
    if options:
        env["KMEM_OPTIONS"] = options
    if tunables:
        env["GLIBC_TUNABLES"] = tunables
    backend = "lock" if tunables or options == "percpu=lock" else best
    refused = options == "percpu=rseq" and backend == "lock"

    got = t.run(["./prog"], env=env)
    t.same((got.returncode, got.stdout), (0, f"{backend}\nvalid\nleft: 0\n"),
           f"{name}: kmem_backend() is {backend}")
    t.same(got.stderr.count(REFUSED), int(refused),
           f"{name}: a wish that cannot be met is reported, once")
    got = t.run(t.front() + ["/usr/bin/python3", tap.ROOT / "tests/preload/workload.py",
                             "--quick"], env=env)
    t.same((got.returncode, digest(got.stdout)), want, f"{name}: python3 works as without")
    t.same((got.stderr.count(REFUSED), got.stderr.count("kmem:")), (int(refused), int(refused)),
           f"{name}: and no other report")
    told_by_tools(t, env, name, backend)


def digest(text):
    """What does not depend on time."""
    return [line for line in text.splitlines() if " s" not in line]


def test(t):
    if not compile_program(t):
        return
    plain = t.run(["/usr/bin/python3", tap.ROOT / "tests/preload/workload.py", "--quick"])
    want = (0, digest(plain.stdout))
    best = t.run(["./prog"]).stdout.split("\n", maxsplit=1)[0]
    t.ok(best in ("rseq", "lock"), "there is a backend", best)
    for name, options, tunables in settings():
        one(t, name, options, tunables, best, want)


tap.main(test)
