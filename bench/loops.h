/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The loops of one thread, for any allocator, in a process and in a kernel:
 * whoever includes this has INLINE, ALONE, size_t and bench_die().
 *
 * A loop takes a struct heap whose members are constants where it is used;
 * everything is inlined, so each use is a loop of direct calls, as if written
 * out.  Peers' malloc, our typed calls and the kernel's thus run the very same
 * loop.
 *
 * Each object is written to once, at its first word: an allocator that hands
 * out memory which is not in the cache pays for that here, as it does in
 * programs.
 */
#ifndef BENCH_LOOPS_H
#define BENCH_LOOPS_H

struct heap {
	void *(*get)(size_t size);
	void (*put)(void *p);
};

INLINE void *shape_get(struct heap heap, size_t size)
{
	void *p = heap.get(size);

	if (__builtin_expect(!p, 0))
		bench_die("out of memory");
	*(volatile long *)p = 1;
	return p;
}

/* --- one thread ---------------------------------------------------------- */

INLINE void shape_pair(struct heap heap, size_t size, long ops)
{
	for (long i = 0; i < ops; i++)
		heap.put(shape_get(heap, size));
}

INLINE void shape_fifo(struct heap heap, size_t size, void **slots, long batch,
		       long ops)
{
	for (long done = 0; done < ops; done += batch) {
		for (long i = 0; i < batch; i++)
			slots[i] = shape_get(heap, size);
		for (long i = 0; i < batch; i++)
			heap.put(slots[i]);
	}
}

INLINE void shape_lifo(struct heap heap, size_t size, void **slots, long batch,
		       long ops)
{
	for (long done = 0; done < ops; done += batch) {
		for (long i = 0; i < batch; i++)
			slots[i] = shape_get(heap, size);
		for (long i = batch; i-- > 0;)
			heap.put(slots[i]);
	}
}

/* Both functions of a mode in one go; `ops` is what body's loop runs to. */
#define SHAPE_SINGLE(name, ...)                     \
	ALONE static void warm_##name(long ops)     \
	{                                           \
		__VA_ARGS__;                        \
	}                                           \
	ALONE static void measured_##name(long ops) \
	{                                           \
		__VA_ARGS__;                        \
	}

/* A mode of one thread: the same loop to get warm and to be measured. */
struct single {
	const char *mode;
	long ops;
	void (*warm)(long ops);
	void (*measured)(long ops);
};

#endif
