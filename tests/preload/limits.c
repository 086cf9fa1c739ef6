/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a process has under a limit, as a program that knows nothing of the
 * library: test_limits.py runs it with libkmem-malloc.so and without.
 *
 *	limits share	the largest block, all small ones, the longest realloc,
 *			and a large block and a thread after all
 *	limits again	VmData of small blocks, and when they were freed
 *	limits realloc	a realloc that fails, time and again
 *	limits later	the limit of 1 GiB is set here
 *	limits lock [user]	mlockall(), then work limits maps	as many
 *	mappings as there may be limits met	another mapping where the heap
 *	would grow
 *
 * Figures go to the standard output, "name number".
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static void say(const char *name, long value)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%s %ld\n", name, value);

	if (write(1, line, (size_t)n) != n)
		_exit(3);
}

/* KiB of a line of /proc/self/status. */
static long status(const char *key)
{
	static char text[16384];
	FILE *f = fopen("/proc/self/status", "r");
	size_t n;
	char *at;

	if (!f)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	at = strstr(text, key);
	return at ? atol(at + strlen(key) + 1) : -1;
}

static long largest_mib(void)
{
	size_t low = 0, high = 64 << 10;

	while (high - low > 1) {
		size_t half = (low + high) / 2;
		void *p = malloc(half * MIB);

		free(p);
		if (p)
			low = half;
		else
			high = half;
	}
	return (long)low;
}

static void *idle(void *arg)
{
	return arg;
}

static int thread(void)
{
	pthread_attr_t attr;
	pthread_t t;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, MIB);
	err = pthread_create(&t, &attr, idle, NULL);
	if (!err)
		pthread_join(t, NULL);
	return err;
}

static void **fill(size_t size, size_t most, long *mib)
{
	void **head = NULL, **p;
	size_t n = 0;

	while (n < most && (p = malloc(size))) {
		*p = head;
		head = p;
		n += size;
	}
	*mib = (long)(n / MIB);
	return head;
}

static void drop(void **head)
{
	while (head) {
		void **next = *head;

		free(head);
		head = next;
	}
}

static int share(void)
{
	size_t size = MIB;
	char *p, *q;
	long mib;

	say("largest", largest_mib());
	drop(fill(1000, 64 << 10 << 20, &mib));
	say("errno", errno);
	say("small", mib);
	malloc_trim(0);
	for (p = malloc(size); (q = realloc(p, size + 10 * MIB)); p = q)
		size += 10 * MIB;
	say("realloc", (long)(size / MIB));
	free(p);
	malloc_trim(0);
	say("again", largest_mib());
	say("thread", thread());
	return 0;
}

static int again(void)
{
	void **head;
	long mib;
	void *p;

	head = fill(1000, 64 << 10 << 20, &mib);
	say("small", mib);
	drop(head);
	malloc_trim(0);
	say("data", status("VmData:") / 1024);
	p = malloc(100 * MIB);
	say("large", p != NULL);
	free(p);
	return 0;
}

static int realloc_fails(void)
{
	char *p = malloc(320 * MIB);
	long before = status("VmSize:");

	memset(p, 1, MIB);
	for (int i = 0; i < 8; i++)
		if (realloc(p, 2048 * MIB))
			return 1;
	say("leaked", (status("VmSize:") - before) / 1024);
	p = realloc(p, 330 * MIB);
	say("grown", p && p[MIB - 1] == 1);
	free(p);
	say("left", status("VmSize:") / 1024);
	return 0;
}

static void lower(void)
{
	struct rlimit lim;

	getrlimit(RLIMIT_AS, &lim);
	lim.rlim_cur = 1024 * MIB;
	if (setrlimit(RLIMIT_AS, &lim))
		_exit(77);
}

static int later(void)
{
	void **head;
	long mib;
	void *p;

	head = fill(5000, 700 * MIB, &mib);
	lower();
	drop(head);
	malloc_trim(0);
	say("left", status("VmSize:") / 1024);
	say("thread", thread());
	p = malloc(800 * MIB);
	say("large", p != NULL);
	free(p);
	drop(fill(1000, 800 * MIB, &mib));
	say("small", mib);
	malloc_trim(0);
	/* what others map has the room that was given back */
	p = mmap(NULL, 800 * MIB, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	say("theirs", p != MAP_FAILED);
	return 0;
}

static int lock(int user)
{
	static void *p[400];
	int good = 0;

	if (user) {
		struct rlimit lim;

		getrlimit(RLIMIT_MEMLOCK, &lim);
		if (lim.rlim_cur < 8 * MIB || setuid(65534))
			return 77;
	}
	free(malloc(1000));
	if (mlockall(MCL_CURRENT | MCL_FUTURE)) {
		say("refused", errno);
		return 0;
	}
	say("refused", 0);
	say("locked", status("VmLck:"));
	say("resident", status("VmRSS:"));
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 400; i++) {
			p[i] = malloc(4000);
			good += p[i] != NULL;
			if (p[i])
				memset(p[i], 1, 4000);
		}
		for (int i = 0; i < 400; i++)
			free(p[i]);
	}
	say("good", good);
	malloc_trim(0);
	say("thread", thread());
	say("after", status("VmLck:"));
	return 0;
}

/* Every second page is of another kind: no two are one mapping. */
static size_t scatter(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t n;

	if (p == MAP_FAILED)
		return 0;
	for (n = 0; n < bytes; n += 8192)
		if (mprotect(p + n, 4096, PROT_READ))
			break;
	return n < bytes ? n : 0;
}

static int maps(void)
{
	void **head, *p;
	long mib = 0, before = 0;

	if (!scatter((size_t)1 << 31))
		return 77;
	for (int round = 0; round < 2; round++) {
		before = status("VmSize:");
		for (int i = 0; i < 50; i++) {
			p = malloc(20 * MIB);
			if (p)
				memset(p, 1, 4096);
			free(p);
			free(aligned_alloc(64 * MIB, 8 * MIB));
		}
		head = fill(1000, 200 * MIB, &mib);
		drop(head);
		malloc_trim(0);
	}
	say("small", mib);
	say("grown", (status("VmSize:") - before) / 1024);
	return 0;
}

/* Where the kernel would not put them: 64 KiB at each 6 MiB above a block. */
static int met(void)
{
	char *first = malloc(100000), *theirs[32], *at;
	int n = 0;
	void **head;
	long mib, bad = 0;

	at = (char *)((uintptr_t)first & ~(uintptr_t)0xfffff);
	for (int i = 0; i < 32; i++) {
		at += 6 * MIB;
		theirs[n] =
			mmap(at, 65536, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			     -1, 0);
		if (theirs[n] != at)
			continue;
		memset(theirs[n++], 0x5a, 65536);
	}
	say("placed", n);
	head = fill(1000, 400 * MIB, &mib);
	say("small", mib);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < 65536; j++)
			bad += theirs[i][j] != 0x5a;
	say("bad", bad);
	drop(head);
	malloc_trim(0);
	free(first);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "share"))
		return share();
	if (!strcmp(what, "again"))
		return again();
	if (!strcmp(what, "realloc"))
		return realloc_fails();
	if (!strcmp(what, "later"))
		return later();
	if (!strcmp(what, "lock"))
		return lock(argc > 2);
	if (!strcmp(what, "maps"))
		return maps();
	if (!strcmp(what, "met"))
		return met();
	return 2;
}
