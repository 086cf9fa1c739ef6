/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The shapes of the loads of a process: loops.h, and what has threads, random
 * sizes and an output.
 */
#ifndef BENCH_SHAPES_H
#define BENCH_SHAPES_H

#include "bench.h"
#include "loops.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the program is linked to, or what was preloaded. */
INLINE void *libc_get(size_t size)
{
	return malloc(size);
}

INLINE void libc_put(void *p)
{
	free(p);
}

#define LIBC ((struct heap){ libc_get, libc_put })

/* Runs args->mode if the table, ended by {}, has it. */
static inline int bench_run_single(const struct single *table,
				   const struct args *args)
{
	for (; table->mode; table++) {
		cpu_set_t allowed;
		uint64_t wall, cpu;
		long ops;

		if (strcmp(table->mode, args->mode))
			continue;
		ops = bench_count(args, table->ops);
		sched_getaffinity(0, sizeof(allowed), &allowed);
		bench_pin(&allowed, 0);
		table->warm(ops / 10 + 1);
		wall = bench_now();
		cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
		table->measured(ops);
		cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		wall = bench_now() - wall;
		bench_report_time(wall, cpu, (double)ops);
		return 1;
	}
	return 0;
}

/*
 * The halves of batches of 64 in functions of their own, for callgrind to
 * count one without the other: measured_NAME_get and measured_NAME_put.
 */
#define HALF 64

INLINE void half_get(struct heap heap, void **slots)
{
	for (long i = 0; i < HALF; i++)
		slots[i] = shape_get(heap, 64);
}

INLINE void half_put(struct heap heap, void **slots)
{
	for (long i = 0; i < HALF; i++)
		heap.put(slots[i]);
}

#define SHAPE_HALVES(name, heap, slots)                         \
	ALONE static void measured_##name##_get(void)           \
	{                                                       \
		half_get(heap, slots);                          \
	}                                                       \
	ALONE static void measured_##name##_put(void)           \
	{                                                       \
		half_put(heap, slots);                          \
	}                                                       \
	static void run_##name##_halves(long ops)               \
	{                                                       \
		for (long done = 0; done < ops; done += HALF) { \
			measured_##name##_get();                \
			measured_##name##_put();                \
		}                                               \
	}                                                       \
	static void warm_##name##_halves(long ops)              \
	{                                                       \
		for (long done = 0; done < ops; done += HALF) { \
			half_get(heap, slots);                  \
			half_put(heap, slots);                  \
		}                                               \
	}

/*
 * Between two stores to the marker lies one call: first HALF allocations, then
 * HALF frees.  Tracing the memory that a program touches needs them; an
 * address on the stack tells where that is.
 */
static _Alignas(CACHE_LINE) volatile long bench_marker;

INLINE void shape_lines(struct heap heap, void **slots)
{
	long here = 0;

	for (int i = 0; i < 8; i++) {
		half_get(heap, slots);
		half_put(heap, slots);
	}
	dprintf(1, "marker %zu\nstack %zu\n", (size_t)&bench_marker,
		(size_t)&here);
	for (long i = 0; i < HALF; i++) {
		bench_marker = 1;
		slots[i] = heap.get(64);
		bench_marker = 0;
		*(volatile long *)slots[i] = 1;
	}
	for (long i = 0; i < HALF; i++) {
		void *p = slots[i];

		bench_marker = 1;
		heap.put(p);
		bench_marker = 0;
	}
}

/* --- objects of random size, replaced at random --------------------------- */

INLINE void shape_fill(struct heap heap, void **slots, uint32_t count,
		       uint64_t *state)
{
	for (uint32_t i = 0; i < count; i++) {
		size_t size = bench_mixed_size(bench_random(state));
		char *p = shape_get(heap, size);

		p[size - 1] = 1;
		slots[i] = p;
	}
}

INLINE void shape_replace(struct heap heap, void **slots, uint32_t count,
			  uint64_t *state, long ops)
{
	for (long i = 0; i < ops; i++) {
		uint64_t random = bench_random(state);
		void **slot = &slots[bench_below(random, count)];
		size_t size = bench_mixed_size(random);
		char *p;

		heap.put(*slot);
		p = shape_get(heap, size);
		p[size - 1] = 1;
		*slot = p;
	}
}

/* --- threads that start at once ------------------------------------------- */

struct team {
	void *(*run)(struct team *team, int number);
	int size;
	long ops; /* of each member */
	cpu_set_t allowed;
	atomic_int ready;
	atomic_int go;
};

struct member {
	struct team *team;
	int number;
	pthread_t thread;
};

#define TEAM_MAX 4096
static struct member team_members[TEAM_MAX];

/* A member calls it once, between getting warm and being measured. */
static inline void team_start(struct team *team)
{
	atomic_fetch_add(&team->ready, 1);
	bench_gate_wait(&team->go);
}

static void *team_main(void *arg)
{
	struct member *me = arg;
	struct team *team = me->team;

	/* With more threads than CPUs the scheduler is part of the load. */
	if (team->size <= CPU_COUNT(&team->allowed))
		bench_pin(&team->allowed, me->number);
	return team->run(team, me->number);
}

/* Reports the time of all members, for ops operations together. */
static inline void team_measure(struct team *team, double ops)
{
	uint64_t wall, cpu;

	if (team->size > TEAM_MAX)
		bench_die("at most %d threads", TEAM_MAX);
	sched_getaffinity(0, sizeof(team->allowed), &team->allowed);
	for (int i = 0; i < team->size; i++) {
		struct member *one = &team_members[i];

		one->team = team;
		one->number = i;
		if (pthread_create(&one->thread, NULL, team_main, one))
			bench_die("no thread %d", i);
	}
	while (atomic_load(&team->ready) < team->size)
		bench_sleep(0.001);
	cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
	wall = bench_now();
	bench_gate_open(&team->go);
	for (int i = 0; i < team->size; i++)
		pthread_join(team_members[i].thread, NULL);
	wall = bench_now() - wall;
	cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	bench_report_time(wall, cpu, ops);
}

/* --- from thread to thread ------------------------------------------------ */

/* One writes, one reads; indices only grow. */
#define RING_SIZE 256
struct ring {
	_Alignas(CACHE_LINE) atomic_ulong head; /* the writer's */
	_Alignas(CACHE_LINE) atomic_ulong tail; /* the reader's */
	_Alignas(CACHE_LINE) void *slots[RING_SIZE];
};

/* Waiting for the other side; it may be off its CPU, so not for long. */
INLINE void ring_wait(unsigned int *spins)
{
	if (++*spins < 200)
		bench_relax();
	else
		sched_yield();
}

/*
 * Allocated here, freed there, in both directions, one by one.  The ring is
 * the gate: at most RING_SIZE objects are on their way, as a pool of that
 * many elements would have it.
 */
INLINE void shape_handoff(struct heap heap, size_t size, struct ring *out,
			  struct ring *in, long ops)
{
	long sent = 0, got = 0;
	unsigned long head = 0, tail = 0;
	unsigned int spins = 0;

	while (sent < ops || got < ops) {
		unsigned long arrived;
		long before = sent + got;

		while (sent < ops &&
		       head - atomic_load_explicit(&out->tail,
						   memory_order_acquire) <
			       RING_SIZE) {
			out->slots[head % RING_SIZE] = shape_get(heap, size);
			head++;
			sent++;
			atomic_store_explicit(&out->head, head,
					      memory_order_release);
		}
		arrived = atomic_load_explicit(&in->head, memory_order_acquire);
		for (; tail != arrived; got++) {
			heap.put(in->slots[tail % RING_SIZE]);
			tail++;
			atomic_store_explicit(&in->tail, tail,
					      memory_order_release);
		}
		if (sent + got != before)
			spins = 0;
		else
			ring_wait(&spins);
	}
}

static struct ring handoff_rings[2];

static pthread_barrier_t handoff_barrier;

/* What a member of a team of two does; ops / 10 objects to get warm. */
INLINE void shape_handoff_member(struct heap heap, size_t size,
				 struct team *team, int number)
{
	struct ring *out = &handoff_rings[number];
	struct ring *in = &handoff_rings[!number];

	shape_handoff(heap, size, out, in, team->ops / 10 + 1);
	pthread_barrier_wait(&handoff_barrier);
	atomic_store(&out->head, 0);
	atomic_store(&in->tail, 0);
	pthread_barrier_wait(&handoff_barrier);
	team_start(team);
	shape_handoff(heap, size, out, in, team->ops);
}

static inline void handoff_measure(struct team *team)
{
	pthread_barrier_init(&handoff_barrier, NULL, 2);
	team->size = 2;
	team_measure(team, 2.0 * (double)team->ops);
}

#endif
