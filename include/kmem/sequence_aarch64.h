/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The sequences for aarch64; <kmem/sequence.h> includes it.
 *
 * Labels as in <kmem/sequence_x86_64.h>: 771 the descriptor, 772 the first
 * instruction inside, 773 the one after the commit, 774 the abort handler,
 * 775 where everything starts again.  A handler lies in a section of its own,
 * which may be further away than a conditional branch reaches: 774 branches.
 *
 * Here area is an address, since the thread pointer is an ordinary register.
 */
#ifndef _KMEM_SEQUENCE_H
#include <kmem/sequence.h>
#endif

#if KMEM_RSEQ && defined(__aarch64__) && !defined(_KMEM_SEQUENCE_MACHINE_H)
#define _KMEM_SEQUENCE_MACHINE_H

#if KMEM_SEQ_SHIFT != 16
#error "KMEM_SEQ_SLOT"
#endif

/* clang-format off */

/*
 * struct rseq_cs: version, flags, start, length to the commit, abort; in the
 * group of its function, if that is one of many copies.
 */
#define KMEM_SEQ_TABLE                                                  \
	".pushsection __rseq_cs, \"aw?\"\n\t"                            \
	".balign 32\n"                                                   \
	"771:\t.long 0, 0\n\t"                                           \
	".quad 772f, 773f - 772f, 774f\n\t"                              \
	".popsection\n\t"                                                \
	".pushsection .text.kmem_abort, \"ax?\"\n\t"                     \
	".inst 0xd428bc00\n"                                             \
	"774:\tb 775f\n\t"                                               \
	".popsection\n"

#if defined(KMEM_SEQ_AREA)
#define KMEM_SEQ_AT [at] "m"(KMEM_SEQ_AREA)
#else
#define KMEM_SEQ_AT [at] "m"(kmem_rseq_1)
#endif

/* area: the address of the kernel's area; tells it of the table */
#define KMEM_SEQ_BEGIN                                                  \
	KMEM_SEQ_TABLE                                                   \
	"775:\tmrs %[area], tpidr_el0\n\t"                              \
	"ldr %[slot], %[at]\n\t"                                         \
	"add %[area], %[area], %[slot]\n\t"                              \
	"adrp %[slot], 771b\n\t"                                         \
	"add %[slot], %[slot], :lo12:771b\n\t"                           \
	"str %[slot], [%[area], " KMEM_SEQ_CS "]\n"                      \
	"772:\n\t"                                                       \
	KMEM_SEQ_INJECT

/* slot: this CPU's slot of the column; uses tmp */
#define KMEM_SEQ_SLOT                                                   \
	"ldrsw %[slot], [%[area], " KMEM_SEQ_CPU_ID "]\n\t"              \
	KMEM_SEQ_INJECT                                                  \
	"ldr %[tmp], %[column]\n\t"                                      \
	"add %[slot], %[tmp], %[slot], lsl #16\n\t"                      \
	KMEM_SEQ_INJECT

/* clang-format on */

/* An object off main; NULL: there is none, or no sheaf. */
KMEM_SEQ_FN void *kmem_seq_pop(const struct kmem_seq *p)
{
	uintptr_t area, slot, tmp, obj;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"ldr %[tmp], [%[slot]]\n\t" KMEM_SEQ_INJECT
		"ldr %[area], %[standin]\n\t"
		"sub %[tmp], %[tmp], #8\n\t"
		"ldr %[obj], [%[area], %[tmp]]\n\t" KMEM_SEQ_INJECT
		"cbz %[obj], %l[none]\n\t"
		"str %[tmp], [%[slot]]\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [tmp] "=&r"(tmp),
		  [obj] "=&r"(obj)
		: KMEM_SEQ_AT, [column] "m"(p->column), [standin] "m"(p->standin)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: none);
	if (!obj)
		__builtin_unreachable();
	return (void *)obj;
none:
	return NULL;
}

/* Puts an object onto main; false: it is full, or there is no sheaf. */
KMEM_SEQ_FN bool kmem_seq_push(const struct kmem_seq *p, void *obj)
{
	uintptr_t area, slot, tmp, top;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"ldr %[top], [%[slot]]\n\t" KMEM_SEQ_INJECT
		"ldr %w[tmp], %[mask]\n\t"
		"tst %[top], %[tmp]\n\t"
		"b.eq %l[full]\n\t"
		"ldr %[area], %[standin]\n\t"
		"str %[obj], [%[area], %[top]]\n\t" KMEM_SEQ_INJECT
		"add %[top], %[top], #8\n\t"
		"str %[top], [%[slot]]\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [tmp] "=&r"(tmp),
		  [top] "=&r"(top)
		: KMEM_SEQ_AT, [column] "m"(p->column),
		  [standin] "m"(p->standin), [mask] "m"(p->mask), [obj] "r"(obj)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: full);
	return true;
full:
	return false;
}

#endif
