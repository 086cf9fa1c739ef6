/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Operations on this CPU's instance, for code without sequences of its own and
 * for threads that cannot use them; and which CPUs there are.
 *
 * Who writes to an instance, and how:
 *	CPUs' own	sequences of threads that the kernel knows
 *	the last one	atomic instructions of threads that it does not know
 *	all of them	in a process without sequences: atomic instructions,
 *			of whichever thread believes to be on that CPU
 * So a plain instruction and an atomic one never meet, except where a program
 * writes to a CPU's instance by its address.
 */
#include <stdint.h>

/* In the place of kmem_percpu_op_1(), which begins with a sequence. */
uint64_t percpu_atomic(uintptr_t cookie, unsigned int what, uint64_t value,
		       uint64_t old);
#define KMEM_PERCPU_SLOW percpu_atomic

#include "alloc/percpu.h"

#include "alloc/alloc.h"
#include "port/port.h"
#include "sync/cpu.h"

unsigned int percpu_here(void)
{
	int cpu = pcs_this_cpu();
	unsigned int last = percpu_nr() - 1, here;

	if (cpu >= 0)
		return (unsigned int)cpu;
	if (pcs_cpus())
		return last;
	here = port_cpu();
	return here < last ? here : last;
}

/*
 * gcc 12 for RISC-V compares what it loads, as a signed word, with a value cut
 * from 64 bits, as an unsigned one; one that was loaded too is right.
 */
#if defined(__riscv)
#define FROM_MEMORY(x) __asm__("" : "+m"(x))
#else
#define FROM_MEMORY(x) ((void)0)
#endif

/* clang-format off */
#define ATOMIC_OP(type)                                                     \
static uint64_t atomic_op_##type(type *p, enum kmem_percpu_what what,       \
				 uint64_t value, uint64_t old)              \
{                                                                           \
	type v = (type)value, was = (type)old;                              \
                                                                            \
	switch (what) {                                                     \
	case KMEM_PERCPU_ADD:                                               \
		__atomic_fetch_add(p, v, __ATOMIC_RELAXED);                 \
		return 0;                                                   \
	case KMEM_PERCPU_AND:                                               \
		__atomic_fetch_and(p, v, __ATOMIC_RELAXED);                 \
		return 0;                                                   \
	case KMEM_PERCPU_OR:                                                \
		__atomic_fetch_or(p, v, __ATOMIC_RELAXED);                  \
		return 0;                                                   \
	case KMEM_PERCPU_WRITE:                                             \
		__atomic_store_n(p, v, __ATOMIC_RELAXED);                   \
		return 0;                                                   \
	case KMEM_PERCPU_ADD_RETURN:                                        \
		return __atomic_add_fetch(p, v, __ATOMIC_RELAXED);          \
	case KMEM_PERCPU_XCHG:                                              \
		return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL);         \
	default:                                                            \
		FROM_MEMORY(was);                                           \
		__atomic_compare_exchange_n(p, &was, v, false,              \
					    __ATOMIC_ACQ_REL,               \
					    __ATOMIC_ACQUIRE);              \
		return was;                                                 \
	}                                                                   \
}
/* clang-format on */

ATOMIC_OP(uint8_t)
ATOMIC_OP(uint16_t)
ATOMIC_OP(uint32_t)
ATOMIC_OP(uint64_t)

uint64_t percpu_atomic(uintptr_t cookie, unsigned int what, uint64_t value,
		       uint64_t old)
{
	void *p = percpu_on(cookie, percpu_here());

	switch (what % 16) {
	case 1:
		return atomic_op_uint8_t(p, what / 16, value, old);
	case 2:
		return atomic_op_uint16_t(p, what / 16, value, old);
	case 4:
		return atomic_op_uint32_t(p, what / 16, value, old);
	default:
		return atomic_op_uint64_t(p, what / 16, value, old);
	}
}

/**
 * kmem_percpu_op_1 - one operation on this CPU's instance
 * @cookie: of the instances
 * @what: enum kmem_percpu_what times 16, and bytes: 1, 2, 4 or 8
 * @value: the operand
 * @old: of KMEM_PERCPU_CMPXCHG, what must be there
 *
 * What this_cpu_add() and its kin call where the sequence is not inlined, and
 * where it finds that the thread has no CPU.
 *
 * Return: what was there, of KMEM_PERCPU_ADD_RETURN what is there now; 0 of
 * operations without an answer.
 * Context: any, a signal handler at any instruction included.
 * Source: ours.
 */
uint64_t kmem_percpu_op_1(uintptr_t cookie, unsigned int what, uint64_t value,
			  uint64_t old)
{
	return kmem_percpu_op(cookie, what / 16, what % 16, value, old);
}

/* --- 16 bytes ------------------------------------------------------------- */

struct pair {
	uint64_t low, high;
};

/* By atomic instructions, for objects that no sequence writes to. */
#if defined(__x86_64__)
static bool pair_atomic(void *p, struct pair *old, struct pair v)
{
	bool done;

	__asm__ volatile("lock cmpxchg16b %[p]"
			 : "=@ccz"(done), [p] "+m"(*(struct pair *)p),
			   "+a"(old->low), "+d"(old->high)
			 : "b"(v.low), "c"(v.high)
			 : "memory");
	return done;
}
#elif defined(__aarch64__)
static bool pair_atomic(void *p, struct pair *old, struct pair v)
{
	struct pair was;
	uint32_t failed;

	__asm__ volatile(
		"1:\tldaxp %[low], %[high], [%[p]]\n\t"
		"cmp %[low], %[old_low]\n\t"
		"ccmp %[high], %[old_high], #0, eq\n\t"
		"b.ne 2f\n\t"
		"stlxp %w[failed], %[new_low], %[new_high], [%[p]]\n\t"
		"cbnz %w[failed], 1b\n"
		"2:"
		: [low] "=&r"(was.low), [high] "=&r"(was.high),
		  [failed] "=&r"(failed)
		: [p] "r"(p), [old_low] "r"(old->low), [old_high] "r"(old->high),
		  [new_low] "r"(v.low), [new_high] "r"(v.high)
		: "memory", "cc");
	failed = was.low != old->low || was.high != old->high;
	*old = was;
	return !failed;
}
#else
static bool pair_atomic(void *p, struct pair *old, struct pair v)
{
	static struct lock pair_lock;
	struct pair *now = p, was;

	lock_take(&pair_lock, LOCK_COUNTER);
	was = *now;
	if (was.low == old->low && was.high == old->high)
		*now = v;
	lock_drop(&pair_lock, LOCK_COUNTER);
	v.low = was.low ^ old->low;
	v.high = was.high ^ old->high;
	*old = was;
	return !(v.low | v.high);
}
#endif

/*
 * This CPU's, by a sequence; false: the thread has no CPU.  Two words are not
 * stored in one step on aarch64, where the atomic instruction does it.
 */
#if KMEM_RSEQ && defined(__x86_64__)
static bool pair_sequence(uintptr_t c, struct pair *old, struct pair v,
			  bool *done)
{
	uint64_t low = old->low, high = old->high;
	uintptr_t area, slot;
	uint8_t same;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS "cmpxchg16b (%[slot])\n"
						"773:\tsete %b[area]\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), "+a"(low), "+d"(high)
		: KMEM_SEQ_AT, [c] "r"(c), "b"(v.low), "c"(v.high)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: slow);
	same = (uint8_t)area;
	old->low = low;
	old->high = high;
	*done = same;
	return true;
slow:
	return false;
}
#else
static bool pair_sequence(uintptr_t c, struct pair *old, struct pair v,
			  bool *done)
{
	(void)c;
	(void)old;
	(void)v;
	(void)done;
	return false;
}
#endif

/**
 * kmem_percpu_cmpxchg16_1 - compares and exchanges 16 bytes of this CPU's
 * @cookie: of the instances, aligned to 16 bytes
 * @old: what must be there; becomes what was
 * @value: what is put there
 *
 * Return: true when it was exchanged.
 * Context: any, a signal handler at any instruction included.
 * Source: ours; what this_cpu_cmpxchg128() calls.
 */
bool kmem_percpu_cmpxchg16_1(uintptr_t cookie, void *old, const void *value)
{
	struct pair was, v;
	bool done = false;

	memcpy(&was, old, sizeof(was));
	memcpy(&v, value, sizeof(v));
	if (!pair_sequence(cookie, &was, v, &done))
		done = pair_atomic(percpu_on(cookie, percpu_here()), &was, v);
	memcpy(old, &was, sizeof(was));
	return done;
}

/* --- CPUs ----------------------------------------------------------------- */

/**
 * kmem_percpu_cpu - the CPU that the caller is on
 *
 * Return: its number; the largest of all for a thread that the kernel knows no
 * CPU of.  It may be another by then.
 * Context: any.
 * Source: ours; what smp_processor_id() stands for.
 */
unsigned int kmem_percpu_cpu(void)
{
	return unlikely(kmalloc_boot()) ? 0 : percpu_here();
}

/**
 * kmem_nr_cpu_ids - one above the largest number of a CPU
 *
 * Return: as many CPUs as there can be, and one for threads without a CPU; it
 * does not change.  1 when the library does not boot.
 * Context: any.
 * Source: ours; what nr_cpu_ids stands for.
 */
unsigned int kmem_nr_cpu_ids(void)
{
	return unlikely(kmalloc_boot()) ? 1 : percpu_nr();
}

#define ONLINE_WORDS (8192 / 64)

/**
 * kmem_cpu_online - is a CPU on?
 * @cpu: its number
 *
 * Return: true where that cannot be known, and for the CPU of threads without
 * one; false for a number that is no CPU's.
 * Context: may call the OS.
 * Source: ours; what cpu_online() stands for.
 */
bool kmem_cpu_online(unsigned int cpu)
{
	uint64_t map[ONLINE_WORDS] = { 0 };

	if (cpu >= kmem_nr_cpu_ids())
		return false;
	return cpu + 1 == kmem_nr_cpu_ids() || cpu >= ONLINE_WORDS * 64 ||
	       !port_cpus_online(map, ONLINE_WORDS) ||
	       map[cpu / 64] >> cpu % 64 & 1;
}

/**
 * kmem_cpus_online - how many CPUs are on
 *
 * Return: those for which kmem_cpu_online() is true.
 * Context: may call the OS.
 * Source: ours; what num_online_cpus() stands for.
 */
unsigned int kmem_cpus_online(void)
{
	uint64_t map[ONLINE_WORDS] = { 0 };
	unsigned int n = kmem_nr_cpu_ids(), on;

	on = port_cpus_online(map, ONLINE_WORDS) + 1;
	return on == 1 || on > n ? n : on;
}
