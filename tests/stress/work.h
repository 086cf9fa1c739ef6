/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What the stress tests share: random numbers, stamped blocks, time. */
#ifndef STRESS_WORK_H
#define STRESS_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct kmem_cache;

struct rng {
	uint64_t state;
};

static inline uint32_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	return (uint32_t)(z >> 29);
}

static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((uint64_t)rng_next(r) * n >> 32);
}

/* Seconds a test runs: STRESS_SECONDS, or what the test thinks right. */
unsigned int work_seconds(unsigned int otherwise);
uint64_t work_now_ms(void);

/* A size as programs ask for: mostly small, seldom large. */
size_t work_size(struct rng *r);

/*
 * Stamps a block at both ends and in the middle, and looks for the stamp:
 * false when another owner wrote into it.
 */
void work_stamp(void *p, size_t size, uint32_t seed);
bool work_stamped(const void *p, size_t size, uint32_t seed);

/* A block that carries its size and its stamp from thread to thread. */
struct parcel {
	void *p;
	size_t size;
	uint32_t seed;
	struct kmem_cache *from; /* NULL: kmalloc */
};

/* Bounded queue between threads; put is false when it is full. */
struct queue;
struct queue *queue_new(unsigned int room);
void queue_delete(struct queue *q);
bool queue_put(struct queue *q, const struct parcel *what);
bool queue_get(struct queue *q, struct parcel *what);

struct kunit;
/* Nothing in use but what was before, and every invariant true. */
void work_balanced(struct kunit *test, unsigned long before);
unsigned long work_in_use(void);

#endif
