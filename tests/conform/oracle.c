/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The hosted side of the conformance tests: reads the kernel's answers,
 * compares, and looks into the library where the kernel's own test module
 * would look into struct kmem_cache.
 *
 * The environment:
 *	KMEM_ORACLE	the file of answers, if not the one of this folder
 *	ORACLE_LOG	a file to which every key and field that was compared
 *			is appended, for scripts/check-oracle.py
 */
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>
#include <linux/mm.h>

#include "conform/oracle.h"
#include "kunit/options.h"
#include "kunit/test.h"
#include "model/in_use.h"
#include "page/page.h"
#include "slab/slab.h"

#define ANSWERS_MAX 2000

static struct answer {
	char *key, *value;
} answers[ANSWERS_MAX];
static unsigned int nr_answers;
static FILE *compared;

static const char *answers_path(void)
{
	static const char here[] = __FILE__;
	static char path[sizeof(here) + 64];
	const char *env = getenv("KMEM_ORACLE"), *slash = strrchr(here, '/');

	if (env)
		return env;
	snprintf(path, sizeof(path), "%.*soracle/linux-6.1-slub.txt",
		 slash ? (int)(slash - here + 1) : 0, here);
	return path;
}

/* By its first '=': no key has one, many values do. */
static void answers_read(void)
{
	static char line[4096];
	const char *path = answers_path();
	FILE *f = fopen(path, "re");

	if (!f) {
		fprintf(stderr, "oracle: cannot read %s; set KMEM_ORACLE\n",
			path);
		exit(1);
	}
	while (fgets(line, sizeof(line), f)) {
		char *value = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || !value)
			continue;
		*value++ = '\0';
		if (nr_answers == ANSWERS_MAX)
			break;
		answers[nr_answers].key = strdup(line);
		answers[nr_answers++].value = strdup(value);
	}
	fclose(f);
}

static const char *answer_to(const char *key)
{
	for (unsigned int i = 0; i < nr_answers; i++)
		if (strcmp(answers[i].key, key) == 0)
			return answers[i].value;
	return NULL;
}

static void note(const char *key, const char *field)
{
	if (!compared)
		return;
	fprintf(compared, "%s#%s\n", key, field);
	fflush(compared);
}

static long oracle_number(const char *text)
{
	return strtol(text, NULL, 0);
}

#define ORACLE_THREAD __thread
#include "conform/compare.h"

void oracle_cache(struct kmem_cache *s, struct oracle_cache *c)
{
	c->name = s->name;
	c->size = s->size;
	c->object_size = s->object_size;
	c->align = s->align;
	c->order = s->order;
	c->objs_per_slab = s->objects;
	c->min_partial = s->min_partial;
	c->refcount = s->refcount;
	c->flags = (unsigned int)s->flags;
}

void oracle_cache_text(struct kmem_cache *s, char *buf, size_t n)
{
	unsigned long bytes = PAGE_SIZE << s->order;

	snprintf(buf, n,
		 "kmem_cache_size:%u object_size:%u size:%u align:%u "
		 "objs_per_slab:%u order:%u slab_bytes:%lu "
		 "waste_per_slab:%lu min_partial:%u refcount:%d name:%s "
		 "flags:0x%x",
		 kmem_cache_size(s), s->object_size, s->size, s->align,
		 s->objects, s->order, bytes,
		 bytes - (unsigned long)s->objects * s->size, s->min_partial,
		 s->refcount, s->name, (unsigned int)s->flags);
}

void oracle_counts(struct kmem_cache *s, struct oracle_counts *c)
{
	struct slab_counts n;

	slab_counts(s, &n);
	c->active = n.active_objs;
	c->total = n.num_objs;
	c->slabs = n.num_slabs;
	c->parked = n.free_in_sheaves;
}

struct kmem_cache *oracle_owner(const void *p)
{
	return page_cache(virt_to_page(p));
}

/* kmalloc() makes a compound block of every order above 0. */
unsigned int oracle_order(const void *p)
{
	return compound_order(virt_to_head_page(p));
}

void *oracle_block(const void *p)
{
	return page_address(virt_to_head_page(p));
}

bool oracle_valid(void)
{
	return kmem_validate();
}

phys_addr_t oracle_dma_end(void)
{
	return window.dma_end;
}

unsigned long oracle_in_use(void)
{
	return in_use_bytes();
}

static struct {
	pthread_t thread;
	unsigned int ms;
	void (*fn)(void *arg);
	void *arg;
} later;

static void *later_run(void *unused)
{
	struct timespec ts = { .tv_sec = later.ms / 1000,
			       .tv_nsec = later.ms % 1000 * 1000000l };

	nanosleep(&ts, NULL);
	later.fn(later.arg);
	return unused;
}

void oracle_later(unsigned int ms, void (*fn)(void *arg), void *arg)
{
	later.ms = ms;
	later.fn = fn;
	later.arg = arg;
	if (pthread_create(&later.thread, NULL, later_run, NULL))
		abort();
}

void oracle_later_end(void)
{
	pthread_join(later.thread, NULL);
}

unsigned long oracle_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000 +
	       (unsigned long)ts.tv_nsec / 1000000;
}

static unsigned long in_use_before;

int oracle_init(struct kunit *test)
{
	(void)test;
	in_use_before = oracle_in_use();
	return 0;
}

/* Every case ends with what it began with, and with all invariants true. */
void oracle_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, oracle_in_use(), in_use_before);
	KUNIT_EXPECT_TRUE(test, oracle_valid());
}

/*
 * The kernel that was asked had one CPU; so have these tests.  Options have to
 * stand in the environment before the first allocation: the program starts
 * itself again.
 */
static __attribute__((constructor)) void set_up(int argc, char **argv,
						char **envp)
{
	const char *log = getenv("ORACLE_LOG");
	cpu_set_t one;

	(void)argc;
	(void)envp;
	CPU_ZERO(&one);
	CPU_SET((unsigned int)sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (oracle_options && !getenv("ORACLE_OPTIONS_SET")) {
		test_options(oracle_options);
		setenv("ORACLE_OPTIONS_SET", "1", 1);
		execv("/proc/self/exe", argv);
		perror("execv");
		exit(1);
	}
	if (log)
		compared = fopen(log, "ae");
	answers_read();
}
