/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The operations of <kmem/percpu.h> for aarch64, with the labels of
 * <kmem/sequence_aarch64.h>.  Each loads, computes and commits with a store.
 */
#ifndef KMEM_PERCPU_H
#include <kmem/percpu.h>
#endif

#if KMEM_RSEQ && defined(__aarch64__) && !defined(KMEM_PERCPU_MACHINE_H)
#define KMEM_PERCPU_MACHINE_H

/* clang-format off */

/*
 * slot: where the object of this CPU is.  The bit that is set is
 * KMEM_PERCPU_FAR; a thread without a CPU has a negative number.
 */
#define KMEM_PERCPU_THIS                                                     \
	"ldr %w[slot], [%[area], " KMEM_SEQ_CPU_ID "]\n\t"                   \
	KMEM_SEQ_INJECT                                                      \
	"tbnz %w[slot], #31, %l[slow]\n\t"                                   \
	"orr %w[slot], %w[slot], #0x40000000\n\t"                            \
	"add %[slot], %[c], %[slot], lsl #18\n\t"                            \
	KMEM_SEQ_INJECT

#define KMEM_PERCPU_ARM_OP(name, insn, answer, what, bytes, type, s, m)      \
KMEM_SEQ_FN uint64_t kmem_percpu_##name##_##bytes(uintptr_t c, uint64_t value) \
{                                                                            \
	uintptr_t area, slot;                                                \
	type v = (type)value, now;                                           \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		"ldr" s " %" m "[now], [%[slot]]\n\t" KMEM_SEQ_INJECT        \
		insn " %" m "[now], %" m "[now], %" m "[v]\n\t"              \
		"str" s " %" m "[now], [%[slot]]\n"                          \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot), [now] "=&r"(now)   \
		: KMEM_SEQ_AT, [c] "r"(c), [v] "r"(v)                        \
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER                     \
		: slow);                                                     \
	return answer ? now : 0;                                             \
slow:                                                                        \
	return KMEM_PERCPU_SLOW(c, what * 16 + bytes, v, 0);                 \
}

#define KMEM_PERCPU_ARM(bytes, type, s, m)                                   \
KMEM_PERCPU_ARM_OP(add, "add", 0, KMEM_PERCPU_ADD, bytes, type, s, m)        \
KMEM_PERCPU_ARM_OP(and, "and", 0, KMEM_PERCPU_AND, bytes, type, s, m)        \
KMEM_PERCPU_ARM_OP(or, "orr", 0, KMEM_PERCPU_OR, bytes, type, s, m)          \
KMEM_PERCPU_ARM_OP(add_return, "add", 1, KMEM_PERCPU_ADD_RETURN, bytes, type, \
		   s, m)                                                     \
KMEM_SEQ_FN uint64_t kmem_percpu_write_##bytes(uintptr_t c, uint64_t value)  \
{                                                                            \
	uintptr_t area, slot;                                                \
	type v = (type)value;                                                \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		"str" s " %" m "[v], [%[slot]]\n"                            \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot)                     \
		: KMEM_SEQ_AT, [c] "r"(c), [v] "r"(v)                        \
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER                     \
		: slow);                                                     \
	return 0;                                                            \
slow:                                                                        \
	return KMEM_PERCPU_SLOW(c, KMEM_PERCPU_WRITE * 16 + bytes, v, 0);    \
}                                                                            \
KMEM_SEQ_FN uint64_t kmem_percpu_xchg_##bytes(uintptr_t c, uint64_t value)   \
{                                                                            \
	uintptr_t area, slot;                                                \
	type v = (type)value, was;                                           \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		"ldr" s " %" m "[was], [%[slot]]\n\t" KMEM_SEQ_INJECT        \
		"str" s " %" m "[v], [%[slot]]\n"                            \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot), [was] "=&r"(was)   \
		: KMEM_SEQ_AT, [c] "r"(c), [v] "r"(v)                        \
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
	uint64_t wanted = (type)old;                                         \
	type v = (type)value, was;                                           \
                                                                             \
	__asm__ volatile goto(                                               \
		KMEM_SEQ_BEGIN KMEM_PERCPU_THIS                              \
		"ldr" s " %" m "[was], [%[slot]]\n\t" KMEM_SEQ_INJECT        \
		"cmp %" m "[was], %" m "[wanted]\n\t"                        \
		"b.ne 773f\n\t"                                              \
		"str" s " %" m "[v], [%[slot]]\n"                            \
		"773:\n"                                                     \
		: [area] "=&r"(area), [slot] "=&r"(slot), [was] "=&r"(was)   \
		: KMEM_SEQ_AT, [c] "r"(c), [v] "r"(v), [wanted] "r"(wanted)  \
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER                     \
		: slow);                                                     \
	return was;                                                          \
slow:                                                                        \
	return KMEM_PERCPU_SLOW(c, KMEM_PERCPU_CMPXCHG * 16 + bytes, value,  \
				old);                                        \
}

KMEM_PERCPU_ARM(1, uint8_t, "b", "w")
KMEM_PERCPU_ARM(2, uint16_t, "h", "w")
KMEM_PERCPU_ARM(4, uint32_t, "", "w")
KMEM_PERCPU_ARM(8, uint64_t, "", "x")

/* clang-format on */

#endif
