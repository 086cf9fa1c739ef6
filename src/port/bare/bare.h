/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The port of a kernel: what its author provides, and what they call.
 *
 * The kernel maps all of its memory once, physical address p at direct + p
 * (direct may be 0), fills in a struct bare_map and calls bare_start().  From
 * then on every call of the library may be made, from threads and interrupt
 * handlers as docs/contexts.md says.
 *
 * The kernel provides the calls under "provided" below.  None of them may call
 * the library.  Those that are marked [any] are called in any context, a
 * non-maskable interrupt too, and with locks of the library held.
 */
#ifndef PORT_BARE_BARE_H
#define PORT_BARE_BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- what the kernel knows ------------------------------------------------ */

/* Physical addresses [start, end). */
struct bare_range {
	uint64_t start, end;
};

/**
 * struct bare_map - the memory of a machine
 * @direct: the address at which physical address 0 is mapped, or would be:
 *	nothing below the first range needs to be there; a multiple of 4 MiB
 * @ram: the ranges of memory, in ascending order, at most BARE_RANGES
 * @nr_ram: how many
 * @reserved: what of it is in use already (the kernel's image, tables, what
 *	the loader left) in any order
 * @nr_reserved: how many
 * @dma_end: where ZONE_DMA ends; 0: at 16 MiB, or 16 MiB above the first range
 *	where that begins higher.  ZONE_DMA32 ends at 4 GiB.
 * @most: the first physical address above all memory that may be added later;
 *	0: none will be above the last range.  Records for all of it, a
 *	sixteenth, are taken at once.
 * @nr_cpus: CPU numbers are below this
 * @mapped: bytes set aside for blocks larger than 4 MiB (kvmalloc() and what
 *	stands on it); 0: there are no such blocks
 * @published: bytes set aside for the statistics that kmem reads in a dump of
 *	memory (docs/insight.md); 64 KiB are enough for a few dozen caches.
 *	0: there are none
 * @options: as in KMEM_OPTIONS (docs/guide.md), or NULL for the default,
 *	which keeps free memory as it is (decay_ms=-1)
 *
 * A range is used in pieces of 256 KiB up to where it ends, and from the next
 * multiple of 1 MiB on after one that cannot be used.
 */
struct bare_map {
	char *direct;
	const struct bare_range *ram;
	unsigned int nr_ram;
	const struct bare_range *reserved;
	unsigned int nr_reserved;
	uint64_t dma_end;
	uint64_t most;
	unsigned int nr_cpus;
	size_t mapped;
	size_t published;
	const char *options;
};

#define BARE_RANGES 64

/**
 * bare_start() - brings the allocator up
 * @map: what there is; not used after the call, except @options
 *
 * Context: Once, on the first CPU, before any other call of the library.
 * Return: 0; -EINVAL when the map is not as it must be; -ENOMEM when a machine
 * of this size has no room for its records.
 */
int bare_start(const struct bare_map *map);

/**
 * bare_add_memory() - memory that came later
 * @start: physical address
 * @end: the first one behind it, at most the map's @most
 *
 * Bytes that were not memory before, and of which none are in use.  They are
 * used when what there is runs out.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL when it overlaps other memory or lies outside of what the
 * map said; -ENOMEM when there are BARE_RANGES ranges already.
 */
int bare_add_memory(uint64_t start, uint64_t end);

/* --- provided by the kernel ----------------------------------------------- */

/**
 * bare_cpu() - the number of this CPU
 *
 * Which number it is matters for speed only, so interrupts need not be off.
 *
 * Context: Any.
 * Return: a number below the map's @nr_cpus.
 */
unsigned int bare_cpu(void);

/**
 * bare_irq_save() - turns interrupts of this CPU off
 *
 * Used around a few lines of the port itself, never by the core.
 *
 * Context: All but non-maskable interrupts.
 * Return: what bare_irq_restore() needs to bring the old state back.
 */
unsigned long bare_irq_save(void);
void bare_irq_restore(unsigned long state);

/**
 * bare_pause() - a moment of a loop that waits for another CPU
 *
 * The instruction that says so, or nothing.
 *
 * Context: Any.
 */
void bare_pause(void);

/**
 * bare_clock_ns() - time since some point, not going back
 *
 * Context: Any.
 * Return: nanoseconds; a step of some milliseconds is fine enough.
 */
uint64_t bare_clock_ns(void);

/**
 * bare_console() - text for whoever watches
 * @text: whole lines
 * @n: bytes
 *
 * Context: Any.
 */
void bare_console(const char *text, size_t n);

/**
 * bare_halt() - the end, after a report of a state that must not be
 *
 * Context: Any.
 */
void bare_halt(void) __attribute__((noreturn));

/**
 * bare_task() - where the library keeps what it knows of the running thread
 *
 * An interrupt handler may return that of the thread which it interrupted.
 *
 * Context: Any.
 * Return: BARE_TASK_BYTES bytes, aligned to 8, zero when the thread begins and
 * the same for its whole life.
 */
void *bare_task(void);
#define BARE_TASK_BYTES 256

/**
 * bare_wait() - sleeps while a word has a value
 * @word: the word
 * @val: returns at once when it is another
 * @timeout_ns: returns at the latest then; below 0: no limit
 *
 * Comparing and going to sleep are one step with respect to bare_wake().
 * It may return early for any reason.  A kernel that has no threads need not
 * provide it: the default calls bare_pause() until it is over.
 *
 * Context: Threads only.
 */
void bare_wait(uint32_t *word, uint32_t val, int64_t timeout_ns);

/**
 * bare_wake() - wakes threads that sleep on a word
 * @word: the word
 * @n: how many, at most
 *
 * Context: Any but non-maskable interrupts.
 */
void bare_wake(uint32_t *word, int n);

/**
 * bare_thread() - begins a thread of the library
 * @fn: runs in it, and may return
 *
 * For options that want one (background=1, kswapd=1).  Not provided: they do
 * nothing, and a report says so.
 *
 * Context: Threads only.
 * Return: 0, or a negative error.
 */
int bare_thread(void (*fn)(void));

/**
 * bare_rcu_call() - runs a function after all present readers have ended
 * @head: belongs to the kernel until then
 * @fn: called with @head, in a context in which a spinning lock may be taken
 *
 * Not provided: the kernel has no readers, and the function runs soon.
 *
 * Context: Any but non-maskable interrupts.
 */
struct bare_rcu {
	struct bare_rcu *next;
	void (*fn)(struct bare_rcu *head);
};
void bare_rcu_call(struct bare_rcu *head, void (*fn)(struct bare_rcu *head));

/**
 * bare_rcu_wait() - returns when all readers of now have ended
 *
 * Provided with bare_rcu_call(), or not at all.
 *
 * Context: Threads only.
 */
void bare_rcu_wait(void);

#endif
