/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * How long one call takes: random replacement with each call timed by itself.
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include "bench.h"
#include "shapes.h"

#define LATENCY_SLOTS 100000

/*
 * Buckets by the leading bit and the 5 bits below it: 3 % wide.  Time is in
 * ticks of the CPU's counter, what two readings in a row differ by is taken
 * off.
 */
#define FINE 32
#define BUCKETS (59 * FINE)
struct histogram {
	uint64_t bucket[BUCKETS];
	uint64_t count, max;
};

INLINE uint64_t ticks(void)
{
#if defined(__x86_64__)
	uint64_t t;

	__builtin_ia32_lfence();
	t = __builtin_ia32_rdtsc();
	__builtin_ia32_lfence();
	return t;
#else
	return bench_now();
#endif
}

INLINE void histogram_add(struct histogram *h, uint64_t value)
{
	unsigned int shift = 0;

	if (value >= 2 * FINE)
		shift = 63 - (unsigned int)__builtin_clzll(value) - 5;
	h->bucket[shift * FINE + (value >> shift)]++;
	h->count++;
	if (value > h->max)
		h->max = value;
}

/* The middle of the bucket that holds this part of all values. */
static double histogram_at(const struct histogram *h, double part)
{
	uint64_t wanted = (uint64_t)(part * (double)h->count);
	uint64_t seen = 0;

	for (unsigned int i = 0; i < BUCKETS; i++) {
		unsigned int shift = i < 2 * FINE ? 0 : i / FINE - 1;
		uint64_t low = (uint64_t)(i - shift * FINE) << shift;

		seen += h->bucket[i];
		if (seen > wanted)
			return (double)low + (double)(1ull << shift) / 2 - .5;
	}
	return (double)h->max;
}

static void histogram_report(const struct histogram *h, const char *call,
			     double ns)
{
	static const struct {
		const char *name;
		double part;
	} parts[] = {
		{ "p50", .5 },       { "p99", .99 },        { "p99.9", .999 },
		{ "p99.99", .9999 }, { "p99.999", .99999 },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(name, sizeof(name), "%s_%s_ns", call, parts[i].name);
		bench_report(name, histogram_at(h, parts[i].part) * ns);
	}
	snprintf(name, sizeof(name), "%s_max_ns", call);
	bench_report(name, (double)h->max * ns);
}

struct latency {
	struct histogram get, put;
};

/* What two readings in a row differ by. */
static uint64_t latency_empty(void)
{
	uint64_t empty = UINT64_MAX;

	for (int i = 0; i < 10000; i++) {
		uint64_t a = ticks(), b = ticks();

		if (b - a < empty)
			empty = b - a;
	}
	return empty;
}

INLINE void latency_loop(struct heap heap, void **slots, uint32_t count,
			 uint64_t *seed, long ops, uint64_t empty,
			 struct latency *into)
{
	for (long i = 0; i < ops; i++) {
		uint64_t random = bench_random(seed);
		void **slot = &slots[bench_below(random, count)];
		size_t size = bench_mixed_size(random);
		uint64_t a, b;
		char *p = *slot;

		a = ticks();
		heap.put(p);
		b = ticks();
		histogram_add(&into->put, b - a < empty ? 0 : b - a - empty);
		a = ticks();
		p = heap.get(size);
		b = ticks();
		histogram_add(&into->get, b - a < empty ? 0 : b - a - empty);
		if (!p)
			bench_die("out of memory");
		p[0] = 1;
		p[size - 1] = 1;
		*slot = p;
	}
}

static void latency_report(const struct latency *h, double ns)
{
	histogram_report(&h->get, "malloc", ns);
	histogram_report(&h->put, "free", ns);
}

/* Nanoseconds of a tick, of a stretch that began at both of these. */
static double latency_scale(uint64_t wall, uint64_t first)
{
	return (double)(bench_now() - wall) / (double)(ticks() - first);
}

INLINE void latency_measure(struct heap heap, void **slots, uint64_t *seed,
			    const struct args *args)
{
	static struct latency all;
	long ops = bench_count(args, 3000000);
	uint64_t empty, wall, first;
	cpu_set_t allowed;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	bench_pin(&allowed, 0);
	memset(&all, 0, sizeof(all));
	empty = latency_empty();
	shape_fill(heap, slots, LATENCY_SLOTS, seed);
	shape_replace(heap, slots, LATENCY_SLOTS, seed, ops / 10 + 1);
	wall = bench_now();
	first = ticks();
	latency_loop(heap, slots, LATENCY_SLOTS, seed, ops, empty, &all);
	bench_report("ops", (double)ops);
	latency_report(&all, latency_scale(wall, first));
}

#endif
