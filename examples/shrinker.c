/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache of decoded pictures that gives way when memory is short: run it
 * with KMEM_OPTIONS=mem=64M, and it never fails.
 */
#include <kmem/stats.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <pthread.h>
#include <stdio.h>

struct picture {
	struct picture *older;
	unsigned char pixels[8000];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct picture *newest;
static unsigned long kept, dropped;

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = __atomic_load_n(&kept, __ATOMIC_RELAXED);

	(void)s;
	(void)sc;
	return n ? n : SHRINK_EMPTY;
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = 0;
	struct picture *p;

	(void)s;
	/* its holder may be waiting for us */
	if (pthread_mutex_trylock(&lock))
		return SHRINK_STOP;
	for (; n < sc->nr_to_scan && newest; n++) {
		p = newest;
		newest = p->older;
		__atomic_fetch_sub(&kept, 1, __ATOMIC_RELAXED);
		kfree(p);
	}
	dropped += n;
	pthread_mutex_unlock(&lock);
	return n;
}

int main(void)
{
	struct shrinker *s = shrinker_alloc(0, "pictures");
	char table[1000];

	s->count_objects = count;
	s->scan_objects = scan;
	shrinker_register(s);
	for (int i = 0; i < 40000; i++) {
		struct picture *p = kmalloc(sizeof(*p), GFP_KERNEL);

		if (!p)
			return 1;
		pthread_mutex_lock(&lock);
		p->older = newest;
		newest = p;
		__atomic_fetch_add(&kept, 1, __ATOMIC_RELAXED);
		pthread_mutex_unlock(&lock);
	}
	kmem_shrinkers(table, sizeof(table));
	fputs(table, stdout);
	printf("%lu pictures kept, %lu dropped\n", kept, dropped);
	shrinker_free(s);
	return 0;
}
