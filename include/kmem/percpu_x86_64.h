/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The operations of <kmem/percpu.h> for x86-64, with the labels of
 * <kmem/sequence_x86_64.h>.
 *
 * Every commit is one instruction, also one that reads, changes and writes: on
 * its own CPU nothing comes between, and no other CPU writes there.
 */
#ifndef KMEM_PERCPU_H
#include <kmem/percpu.h>
#endif

#if KMEM_RSEQ && defined(__x86_64__) && !defined(KMEM_PERCPU_MACHINE_H)
#define KMEM_PERCPU_MACHINE_H

/* clang-format off */

/*
 * slot: where the object of this CPU is.  The first addition is that of
 * KMEM_PERCPU_FAR, and carries if the thread has no CPU: it has a negative
 * number then.
 * One register addresses the object: a word that is stored to and loaded again
 * by the same register is passed on without a delay on Intel, by two registers
 * after five cycles.
 */
#define KMEM_PERCPU_THIS                                                     \
	"movl %%fs:" KMEM_SEQ_CPU_ID "(%[area]), %k[slot]\n\t"               \
	KMEM_SEQ_INJECT                                                      \
	"addl $0x20000000, %k[slot]\n\t"                                     \
	"jc %l[slow]\n\t"                                                    \
	"shlq $18, %[slot]\n\t"                                              \
	"addq %[c], %[slot]\n\t"                                            \
	KMEM_SEQ_INJECT

/* No answer: the value goes into memory by one instruction. */
#define KMEM_PERCPU_X86_SET(name, insn, what, bytes, type, s, m, in)         \
KMEM_SEQ_FN uint64_t kmem_percpu_##name##_##bytes(uintptr_t c, uint64_t value) \
{                                                                            \
	uintptr_t area, slot;                                                \
	type v = (type)value;                                                \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		insn s " %" m "[v], (%[slot])\n"                       \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot)                     \
		: KMEM_SEQ_AT, [c] "r"(c), [v] in(v)                         \
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER                     \
		: slow);                                                     \
	return 0;                                                            \
slow:                                                                        \
	return KMEM_PERCPU_SLOW(c, what * 16 + bytes, v, 0);                 \
}

#define KMEM_PERCPU_X86(bytes, type, s, m, in)                               \
KMEM_PERCPU_X86_SET(add, "add", KMEM_PERCPU_ADD, bytes, type, s, m, in)      \
KMEM_PERCPU_X86_SET(and, "and", KMEM_PERCPU_AND, bytes, type, s, m, in)      \
KMEM_PERCPU_X86_SET(or, "or", KMEM_PERCPU_OR, bytes, type, s, m, in)         \
KMEM_PERCPU_X86_SET(write, "mov", KMEM_PERCPU_WRITE, bytes, type, s, m, in)  \
KMEM_SEQ_FN uint64_t kmem_percpu_add_return_##bytes(uintptr_t c,             \
						    uint64_t value)          \
{                                                                            \
	uintptr_t area, slot;                                                \
	type v = (type)value;                                                \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		"xadd" s " %" m "[v], (%[slot])\n"                     \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot), [v] "+q"(v)        \
		: KMEM_SEQ_AT, [c] "r"(c)                                    \
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER                     \
		: slow);                                                     \
	return (type)(v + (type)value);                                      \
slow:                                                                        \
	return KMEM_PERCPU_SLOW(c, KMEM_PERCPU_ADD_RETURN * 16 + bytes,      \
				value, 0);                                   \
}                                                                            \
KMEM_SEQ_FN uint64_t kmem_percpu_xchg_##bytes(uintptr_t c, uint64_t value)   \
{                                                                            \
	uintptr_t area, slot;                                                \
	type v = (type)value, was;                                           \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		"mov" s " (%[slot]), %" m "[was]\n\t"                  \
		KMEM_SEQ_INJECT                                              \
		"mov" s " %" m "[v], (%[slot])\n"                      \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot), [was] "=&q"(was)   \
		: KMEM_SEQ_AT, [c] "r"(c), [v] "q"(v)                        \
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER                     \
		: slow);                                                     \
	return was;                                                          \
slow:                                                                        \
	return KMEM_PERCPU_SLOW(c, KMEM_PERCPU_XCHG * 16 + bytes, value, 0); \
}                                                                            \
KMEM_SEQ_FN uint64_t kmem_percpu_cmpxchg_##bytes(uintptr_t c,                \
						 uint64_t value,             \
						 uint64_t old)               \
{                                                                            \
	uintptr_t area, slot;                                                \
	type v = (type)value, was = (type)old;                               \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		"cmpxchg" s " %" m "[v], (%[slot])\n"                  \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot), [was] "+a"(was)    \
		: KMEM_SEQ_AT, [c] "r"(c), [v] "q"(v)                        \
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER                     \
		: slow);                                                     \
	return was;                                                          \
slow:                                                                        \
	return KMEM_PERCPU_SLOW(c, KMEM_PERCPU_CMPXCHG * 16 + bytes, value,  \
				old);                                        \
}

KMEM_PERCPU_X86(1, uint8_t, "b", "b", "iq")
KMEM_PERCPU_X86(2, uint16_t, "w", "w", "ir")
KMEM_PERCPU_X86(4, uint32_t, "l", "k", "ir")
KMEM_PERCPU_X86(8, uint64_t, "q", "q", "er")

/* clang-format on */

#endif
