#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Loads in counts that do not vary: page faults, system calls, memory.

The loads are small ones of the bench.  Each runs on one CPU, without huge
pages, with a fixed seed, and gives nothing back by itself, so that its counts
depend neither on the machine's speed nor on how many CPUs it has.  TABLE has
what they were; more than SLACK beside it is a change to look at, in either
direction: when it is wanted, the table follows.
"""
import ctypes
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SOURCE = r"""
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MANY (1 << 20)
static void *slots[MANY];
static uint32_t state = 1;

static uint32_t next(void)
{
	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

static void *get(size_t size)
{
	char *volatile p = malloc(size);

	if (!p)
		abort();
	p[0] = 1;
	p[size - 1] = 1;
	return p;
}

/* 16 bytes to 2 KiB */
static size_t mixed(void)
{
	size_t least = (size_t)16 << next() % 7;

	return least + next() % least;
}

static void fifo(long n)
{
	for (long i = 0; i < n; i++)
		slots[i] = get(64);
	for (long i = 0; i < n; i++)
		free(slots[i]);
}

static void replace(long n, long times)
{
	while (times--) {
		void **slot = &slots[next() % n];

		free(*slot);
		*slot = get(mixed());
	}
}

static void fill(long from, long to)
{
	for (long i = from; i < to; i++)
		slots[i] = get(mixed());
}

static void drop(long from, long to)
{
	for (long i = from; i < to; i++)
		free(slots[i]);
}

static void large(int times)
{
	for (int i = 0; i < times; i++) {
		free(slots[i % 8]);
		slots[i % 8] = get((1 << 20) + next() % (4 << 20));
	}
}

static void load(const char *name, int again)
{
	if (!strcmp(name, "first"))
		free(get(64));
	else if (!strcmp(name, "pairs"))
		for (int i = 0; i < 100000; i++)
			free(get(mixed()));
	else if (!strcmp(name, "fifo-1m"))
		fifo(MANY);
	else if (!strcmp(name, "replace"))
		again ? replace(20000, 100000) : fill(0, 20000);
	else if (!strcmp(name, "grow-shrink"))
		fill(0, 30000), replace(30000, 30000), drop(0, 30000);
	else if (!strcmp(name, "large"))
		large(200);
}

/* Of memory without a file, in pages; exact, it walks the page table. */
static long resident(void)
{
	static char text[4096];
	int fd = open("/proc/self/smaps_rollup", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	char *at;

	close(fd);
	text[n > 0 ? n : 0] = 0;
	at = strstr(text, "Anonymous:");
	return at ? atol(at + 10) / 4 : -1;
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

int main(int argc, char **argv)
{
	long before[2], after[2], pages;
	static char out[200];

	memset(slots, 1, sizeof(slots));
	memset(slots, 0, sizeof(slots));
	pages = resident();
	for (int again = 0; again < 2; again++) {
		syscall(SYS_getppid);
		before[again] = faults();
		load(argv[argc - 1], again);
		after[again] = faults();
		syscall(SYS_getppid);
	}
	pages = resident() - pages;
	write(1, out, (size_t)snprintf(out, sizeof(out), "%ld %ld %ld\n",
				       after[0] - before[0],
				       after[1] - before[1], pages));
	return 0;
}
"""
# Load: page faults the first time and again, then resident pages, then system
# calls the first time and again.
TABLE = {
    "first": (2, 0, 1, 0, 0),
    "pairs": (57, 0, 54, 0, 0),
    "fifo-1m": (16769, 0, 16767, 39, 0),
    "replace": (2442, 196, 2635, 15, 0),
    "grow-shrink": (3782, 87, 3866, 21, 0),
    "large": (357, 220, 516, 135, 58),
}
SLACK = 4  # pages or calls
FIELDS = ("faults, the first time", "faults, again", "pages that stay",
          "system calls, the first time", "system calls, again")
# Nothing is given back by its age, which is a matter of speed.
OPTIONS = "decay_ms=-1"
PR_SET_THP_DISABLE = 41


def alone():
    """One CPU, no huge pages; both are inherited by what is executed."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)


def counted(t, load):
    front = t.build / "libkmem-malloc.so"
    run = t.run(
        ["strace", "-o", "calls", "-E", f"LD_PRELOAD={front}",
         "-E", f"KMEM_OPTIONS={t.options(OPTIONS)}", t.folder / "load", load],
        preexec_fn=alone,
    )
    numbers = [int(word) for word in run.stdout.split()]
    parts = [[]]
    for line in (t.folder / "calls").read_text().splitlines():
        if line.startswith("getppid("):
            parts.append([])
        else:
            parts[-1].append(line)
    # Before, the first time, between, again, after; faults() asks twice.
    calls = [len(parts[i]) - 2 for i in (1, 3)] if len(parts) == 5 else []
    return (*numbers, *calls), run.stderr


def test(t):
    if t.missing("strace"):
        t.skip("counts of loads", "strace is not installed")
        return
    (t.folder / "load.c").write_text(SOURCE)
    made = t.run(["gcc", "-O1", "-fno-builtin", "-w", "-o", "load", "load.c"])
    t.ok(made.returncode == 0, "the loads compile", made.stderr)
    for load, expected in TABLE.items():
        found, why = counted(t, load)
        t.note(f"{load}: {found}")
        for what, number, want in zip(FIELDS, found, expected):
            t.ok(abs(number - want) <= SLACK, f"{load}: {what}: {want}", number)
        t.ok(len(found) == len(expected), f"{load} ends", why)


tap.main(test)
