/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One addition to a counter: of this CPU's object, beside a thread's own
 * variable and an atomic one.  In a loop that knows which object it is, and in
 * a function that is called for each addition.
 */
#include "bench.h"
#include "shapes.h"

#include <linux/percpu.h>

static DEFINE_PER_CPU(unsigned long, fixed);
static unsigned long __percpu *object;
static __thread unsigned long own;
static unsigned long shared;

INLINE void add_own(void)
{
	own++;
	__asm__ volatile("" : : : "memory");
}

INLINE void add_shared(void)
{
	__atomic_fetch_add(&shared, 1, __ATOMIC_RELAXED);
}

INLINE void add_fixed(void)
{
	this_cpu_add(fixed, 1);
}

INLINE void add_object(unsigned long __percpu *p)
{
	this_cpu_add(*p, 1);
}

ALONE static void call_own(void)
{
	add_own();
}

ALONE static void call_shared(void)
{
	add_shared();
}

ALONE static void call_fixed(void)
{
	add_fixed();
}

ALONE static void call_object(unsigned long __percpu *p)
{
	add_object(p);
}

#define LOOP(name, step)                            \
	SHAPE_SINGLE(name, {                        \
		unsigned long __percpu *p = object; \
                                                    \
		(void)p;                            \
		for (long i = 0; i < ops; i++)      \
			step;                       \
	})

LOOP(thread, add_own())
LOOP(atomic, add_shared())
LOOP(static, add_fixed())
LOOP(dynamic, add_object(p))
LOOP(thread_call, call_own())
LOOP(atomic_call, call_shared())
LOOP(static_call, call_fixed())
LOOP(dynamic_call, call_object(p))

#define TIMES 100000000

static const struct single singles[] = {
	{ "thread", TIMES, warm_thread, measured_thread },
	{ "atomic", TIMES, warm_atomic, measured_atomic },
	{ "static", TIMES, warm_static, measured_static },
	{ "dynamic", TIMES, warm_dynamic, measured_dynamic },
	{ "thread-call", TIMES, warm_thread_call, measured_thread_call },
	{ "atomic-call", TIMES, warm_atomic_call, measured_atomic_call },
	{ "static-call", TIMES, warm_static_call, measured_static_call },
	{ "dynamic-call", TIMES, warm_dynamic_call, measured_dynamic_call },
	{},
};

int main(int argc, char **argv)
{
	struct args args = bench_args(argc, argv);

	object = alloc_percpu(unsigned long);
	if (!object)
		bench_die("no object");
	if (!bench_run_single(singles, &args))
		bench_die("%s: no mode %s", argv[0], args.mode);
	free_percpu(object);
	return 0;
}
