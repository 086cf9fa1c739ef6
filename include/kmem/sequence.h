/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One object off this CPU's sheaf, one object onto it, as restartable
 * sequences: what kmem_cache_alloc() and kmem_cache_free() begin with, in the
 * library and, where KMEM_INLINE asks for it, in the program itself.
 *
 * What the steps mean is said once, in src/sync/pcs.h.  The words that a slot
 * holds are tops less the address of the sentinel, so that zero is the
 * sentinel: a slot that was never written is a slot without a sheaf.
 *
 *	CPU	  -3	  -2	  -1	  0	  1
 *	unit	[masks ][zero  ][zero  ][ ..   ][ ..   ]  KMEM_SEQ_UNIT bytes
 *	column	   m	   |	   |	   x	   x	  x: main, spare
 *
 * A cache owns a column: the same place in the unit of every CPU, reached by
 * adding cpu_id << KMEM_SEQ_SHIFT to the column's address.  A thread without
 * a registered area has a cpu_id below 0; the units there are never written,
 * so such a thread finds the sentinel, and so does every thread whose cache
 * has no column at the moment.  The unit below those has the mask once more,
 * for the library, which knows of an object the column and not the cache.
 *
 * The layout is part of the binary interface of programs that were built with
 * KMEM_INLINE.  They refer to kmem_rseq_1; a library with another layout has
 * another number there, and refuses them when they are loaded.
 */
#ifndef _KMEM_SEQUENCE_H
#define _KMEM_SEQUENCE_H

#include <kmem/abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Are there sequences for this machine?  Else the lock backend is all. */
#if !defined(KMEM_RSEQ)
#if (defined(__x86_64__) || defined(__aarch64__)) && defined(__linux__) && \
	defined(__LP64__) && !defined(__SANITIZE_THREAD__)
#define KMEM_RSEQ 1
#else
#define KMEM_RSEQ 0
#endif
#endif
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef KMEM_RSEQ
#define KMEM_RSEQ 0
#endif
#endif

#define KMEM_SEQ_SHIFT 16
#define KMEM_SEQ_UNIT (1ul << KMEM_SEQ_SHIFT)

/* The first words of struct kmem_cache. */
struct kmem_seq {
	uintptr_t column;  /* address of its slot in the unit of CPU 0 */
	uintptr_t standin; /* what the words in slots are relative to */
	uint32_t mask;     /* bytes of a sheaf - 1 */
	uint32_t spare;
};

#if KMEM_RSEQ

KMEM_EXTERN_C_BEGIN
/*
 * From a thread's pointer to its area: the one that the kernel knows, or, in
 * a process without sequences, one of ours whose cpu_id is -1 for ever.  It is
 * set before there is a cache, and no sequence runs without a cache.
 */
extern KMEM_API int64_t kmem_rseq_1;

#if !defined(KMEM_SEQ_AREA) && defined(__PIC__) && !defined(__PIE__)
/*
 * A shared object with sequences in it is not unloaded any more once it was
 * loaded; one variable for all its files says that this was done.
 */
KMEM_API void kmem_inline_loaded(const void *address);
extern bool kmem_inline_stays __attribute__((weak, visibility("hidden")));
bool kmem_inline_stays;

static __attribute__((constructor)) void kmem_inline_begin(void)
{
	if (!kmem_inline_stays)
		kmem_inline_loaded(&kmem_inline_stays);
	kmem_inline_stays = true;
}
#endif
KMEM_EXTERN_C_END

/* Places in the kernel's area and in our records, for the assembler. */
#define KMEM_SEQ_CPU_ID "4"
#define KMEM_SEQ_CS "8"

/* Inlined or not there at all, in C and C++. */
#define KMEM_SEQ_FN extern __inline__ __attribute__((gnu_inline, always_inline))

/* Points inside a sequence where a test lets time pass; see src/sync/pcs.h. */
#if !defined(KMEM_SEQ_INJECT)
#define KMEM_SEQ_INJECT ""
#define KMEM_SEQ_INJECT_CLOBBER
#endif

#if defined(__x86_64__)
#include <kmem/sequence_x86_64.h>
#else
#include <kmem/sequence_aarch64.h>
#endif

#endif /* KMEM_RSEQ */
#endif
