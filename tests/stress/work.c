/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "stress/work.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include <kmem/kmem.h>

#include "debug/report.h"
#include "kunit/test.h"
#include "model/in_use.h"

unsigned int work_seconds(unsigned int otherwise)
{
	const char *text = getenv("STRESS_SECONDS");

	return text ? (unsigned int)strtoul(text, NULL, 0) : otherwise;
}

uint64_t work_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

size_t work_size(struct rng *r)
{
	uint32_t x = rng_below(r, 100);

	if (x < 70)
		return 1 + rng_below(r, 256);
	if (x < 92)
		return 1 + rng_below(r, 4096);
	if (x < 99)
		return 1 + rng_below(r, 40000);
	return 1 + rng_below(r, 300000);
}

static void stamp_at(unsigned char *p, uint32_t seed)
{
	*p = (unsigned char)(seed ^ seed >> 8 ^ seed >> 16 ^ 0x5a);
}

void work_stamp(void *p, size_t size, uint32_t seed)
{
	unsigned char *c = p;

	stamp_at(c, seed);
	stamp_at(c + size / 2, seed);
	stamp_at(c + size - 1, seed);
}

bool work_stamped(const void *p, size_t size, uint32_t seed)
{
	const unsigned char *c = p;
	unsigned char want;

	stamp_at(&want, seed);
	return c[0] == want && c[size / 2] == want && c[size - 1] == want;
}

struct queue {
	pthread_mutex_t lock;
	unsigned int room, head, nr;
	struct parcel parcel[];
};

struct queue *queue_new(unsigned int room)
{
	struct queue *q = calloc(1, sizeof(*q) + room * sizeof(q->parcel[0]));

	if (!q)
		abort();
	pthread_mutex_init(&q->lock, NULL);
	q->room = room;
	return q;
}

void queue_delete(struct queue *q)
{
	pthread_mutex_destroy(&q->lock);
	free(q);
}

bool queue_put(struct queue *q, const struct parcel *what)
{
	bool room;

	pthread_mutex_lock(&q->lock);
	room = q->nr < q->room;
	if (room)
		q->parcel[(q->head + q->nr++) % q->room] = *what;
	pthread_mutex_unlock(&q->lock);
	return room;
}

bool queue_get(struct queue *q, struct parcel *what)
{
	bool any;

	pthread_mutex_lock(&q->lock);
	any = q->nr > 0;
	if (any) {
		*what = q->parcel[q->head];
		q->head = (q->head + 1) % q->room;
		q->nr--;
	}
	pthread_mutex_unlock(&q->lock);
	return any;
}

unsigned long work_in_use(void)
{
	return in_use_bytes();
}

void work_balanced(struct kunit *test, unsigned long before)
{
	struct list_head *pos;
	struct slab_counts n;
	struct kmem_cache *s;

	KUNIT_EXPECT_TRUE(test, kmem_validate());
	KUNIT_EXPECT_EQ(test, in_use_bytes(), before);
	kmem_trim();
	KUNIT_EXPECT_TRUE(test, kmem_validate());
	KUNIT_EXPECT_EQ(test, in_use_bytes(), before);
	/* what was refused on the way left the counts in order */
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	/* Flushed: what a cache counts as active is what the threads hold. */
	for (pos = slab_caches.next; pos != &slab_caches; pos = pos->next) {
		s = (struct kmem_cache *)((uintptr_t)pos -
					  offsetof(struct kmem_cache, list));
		slab_counts(s, &n);
		if (n.free_in_sheaves)
			KUNIT_FAIL(test,
				   "%s: %lu objects in sheaves after "
				   "kmem_trim()",
				   s->name, n.free_in_sheaves);
		if (!before && !in_use_internal(s->name) && n.active_objs)
			KUNIT_FAIL(test, "%s: %lu objects active", s->name,
				   n.active_objs);
	}
}
