/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Where a per-CPU object is on each CPU, and one operation on this CPU's.
 *
 *	dynamic		a cookie: what alloc_percpu() returns.  It lies where no
 *			program has memory, so that it faults if it is
 *			dereferenced; the object of CPU n is at
 *			cookie + KMEM_PERCPU_FAR + (n << KMEM_PERCPU_SHIFT)
 *	static		the template: the variable that DEFINE_PER_CPU() defines
 *			in the section kmem_percpu of its executable or shared
 *			object, which has a record, kmem_percpu_own, in each
 *			of its files.  Template + far is the cookie.
 *
 * The top bit tells them apart.  Pointers into an object are translated like
 * those to its start.  A template of another object, or of one whose
 * constructors have not run yet, is looked up by the library.
 *
 * An operation is one restartable sequence: it commits with one instruction on
 * the object of the CPU that it runs on, or it begins again.  A thread that has
 * no CPU (<kmem/sequence.h>) leaves the sequence, and the library does the
 * operation, by an atomic instruction on an object that no sequence writes to.
 * So does a process without sequences.
 *
 * A shared object calls the library for every operation, so that it can be
 * unloaded; with KMEM_INLINE before this header it has the sequences inside,
 * and stays.  All this is part of the binary interface: a library with another
 * layout has other names in the place of those that end with _1.
 */
#ifndef KMEM_PERCPU_H
#define KMEM_PERCPU_H

#include <kmem/compiler.h>
#include <kmem/cpu.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KMEM_PERCPU_SHIFT 18
#define KMEM_PERCPU_UNIT (1ul << KMEM_PERCPU_SHIFT)

/* Added to an address below it, the result is one of the kernel's. */
#if defined(__x86_64__)
#define KMEM_PERCPU_FAR (1ul << 47)
#elif defined(__aarch64__)
#define KMEM_PERCPU_FAR (1ul << 48)
#else
#define KMEM_PERCPU_FAR (1ul << (sizeof(long) * 8 - 1))
#endif

/* The per-CPU variables of an executable or shared object. */
struct kmem_percpu_object {
	uintptr_t start; /* of the templates */
	uintptr_t size;  /* 0: not registered */
	uintptr_t far;   /* from a template to its cookie */
	const char *begin, *end;
};

/* An exported variable: an executable may have a copy of its template. */
struct kmem_percpu_export {
	const void *own, *seen;
	size_t size;
};

/* What an operation does, and on how many bytes: what * 16 + bytes. */
enum kmem_percpu_what {
	KMEM_PERCPU_ADD,
	KMEM_PERCPU_AND,
	KMEM_PERCPU_OR,
	KMEM_PERCPU_WRITE,
	KMEM_PERCPU_ADD_RETURN,
	KMEM_PERCPU_XCHG,
	KMEM_PERCPU_CMPXCHG
};

KMEM_EXTERN_C_BEGIN

/* The cookie of what is not registered in own. */
KMEM_API uintptr_t kmem_percpu_find_1(const volatile void *p,
				      struct kmem_percpu_object *own);
KMEM_API void kmem_percpu_load_1(struct kmem_percpu_object *own,
				 const struct kmem_percpu_export *exports,
				 const struct kmem_percpu_export *end);
KMEM_API void kmem_percpu_unload_1(struct kmem_percpu_object *own);
/* The old value, or that after the addition; of what answers none, 0. */
KMEM_API uint64_t kmem_percpu_op_1(uintptr_t cookie, unsigned int what,
				   uint64_t value, uint64_t old);
/* KMEM_PERCPU_CMPXCHG of 16 bytes; *old becomes what was there. */
KMEM_API bool kmem_percpu_cmpxchg16_1(uintptr_t cookie, void *old,
				      const void *value);

/* The library has no variables of its own. */
#if !defined(KMEM_SEQ_AREA)

#define KMEM_PERCPU_HIDDEN __attribute__((weak, visibility("hidden")))

/* The linker's, if there are such sections. */
extern const char __start_kmem_percpu[] KMEM_PERCPU_HIDDEN;
extern const char __stop_kmem_percpu[] KMEM_PERCPU_HIDDEN;
extern const struct kmem_percpu_export
	__start_kmem_percpu_exports[] KMEM_PERCPU_HIDDEN;
extern const struct kmem_percpu_export
	__stop_kmem_percpu_exports[] KMEM_PERCPU_HIDDEN;

extern struct kmem_percpu_object kmem_percpu_own KMEM_PERCPU_HIDDEN;
struct kmem_percpu_object kmem_percpu_own = { 0, 0, 0, __start_kmem_percpu,
					      __stop_kmem_percpu };

/* Before the constructors and after the destructors of the object's own. */
static __attribute__((constructor(101))) void kmem_percpu_begin(void)
{
	kmem_percpu_load_1(&kmem_percpu_own, __start_kmem_percpu_exports,
			   __stop_kmem_percpu_exports);
}

/* A program uses its variables until it is gone. */
#if defined(__PIC__) && !defined(__PIE__)
static __attribute__((destructor(101))) void kmem_percpu_end(void)
{
	kmem_percpu_unload_1(&kmem_percpu_own);
}
#endif

#endif
KMEM_EXTERN_C_END

/* --- where it is ---------------------------------------------------------- */

#if !defined(KMEM_SEQ_AREA)
/*
 * Is c a variable of this object, which is registered?  Then *cookie is its
 * own.
 *
 * The record changes once, from a size of 0, and where the size is another all
 * of it is there.  So a compiler may load it once for a whole loop: a 0 that it
 * keeps leads to the library, which knows better.  An asm without operands in
 * memory says so; each of the others has the size for an operand, and so is
 * neither done before it nor kept from before it.
 */
static inline __attribute__((always_inline, unused)) bool
kmem_percpu_is_own(uintptr_t c, uintptr_t *cookie)
{
	uintptr_t size, off;

#if defined(__x86_64__) && defined(__LP64__) && !defined(__SANITIZE_THREAD__)
	__asm__("movq %P1(%%rip), %0"
		: "=r"(size)
		: "i"(&kmem_percpu_own.size));
	__asm__("subq %P2(%%rip), %0"
		: "=r"(off)
		: "0"(c), "i"(&kmem_percpu_own.start), "r"(size));
	__asm__("addq %P2(%%rip), %0"
		: "=r"(*cookie)
		: "0"(c), "i"(&kmem_percpu_own.far), "r"(size));
#else
	/* acquire: pairs with the release in kmem_percpu_load_1() */
	size = __atomic_load_n(&kmem_percpu_own.size, __ATOMIC_ACQUIRE);
	off = c - kmem_percpu_own.start;
	*cookie = c + kmem_percpu_own.far;
#endif
	return off < size;
}

static inline __attribute__((always_inline, unused)) uintptr_t
kmem_percpu_cookie(const volatile void *p)
{
	uintptr_t c = (uintptr_t)p, cookie;

	/*
	 * Of a variable the compiler knows the size, and then leaves out the
	 * first question.
	 */
	if (__builtin_object_size((const void *)c, 0) != (size_t)-1 ||
	    __builtin_expect((intptr_t)c >= 0, 0))
		c = __builtin_expect(kmem_percpu_is_own(c, &cookie), 1) ?
			    cookie :
			    kmem_percpu_find_1(p, &kmem_percpu_own);
	/* from here on it has nothing to do with the template */
	__asm__("" : "+r"(c));
	return c;
}
#endif

static inline __attribute__((always_inline, unused)) void *
kmem_percpu_at(uintptr_t cookie, unsigned long cpu)
{
	return (void *)(cookie + KMEM_PERCPU_FAR +
			((uintptr_t)cpu << KMEM_PERCPU_SHIFT));
}

/* --- one operation -------------------------------------------------------- */

/* Are the sequences in the code that includes this? */
#if !defined(KMEM_PERCPU_INLINE)
#if defined(KMEM_SEQ_AREA) || !defined(__PIC__) || defined(__PIE__)
#define KMEM_PERCPU_INLINE 1
#elif defined(KMEM_INLINE)
#define KMEM_PERCPU_INLINE KMEM_INLINE
#else
#define KMEM_PERCPU_INLINE 0
#endif
#endif

#if KMEM_PERCPU_INLINE
#include <kmem/sequence.h>
#endif

#if !defined(KMEM_PERCPU_SLOW)
#define KMEM_PERCPU_SLOW kmem_percpu_op_1
#endif

#if KMEM_PERCPU_INLINE && KMEM_RSEQ

#if defined(__x86_64__)
#include <kmem/percpu_x86_64.h>
#else
#include <kmem/percpu_aarch64.h>
#endif

/* clang-format off */
#define KMEM_PERCPU_BYTES(bytes)                                              \
KMEM_SEQ_FN uint64_t kmem_percpu_do_##bytes(uintptr_t c,                      \
					    enum kmem_percpu_what what,       \
					    uint64_t value, uint64_t old)     \
{                                                                             \
	switch (what) {                                                       \
	case KMEM_PERCPU_ADD:                                                 \
		return kmem_percpu_add_##bytes(c, value);                     \
	case KMEM_PERCPU_AND:                                                 \
		return kmem_percpu_and_##bytes(c, value);                     \
	case KMEM_PERCPU_OR:                                                  \
		return kmem_percpu_or_##bytes(c, value);                      \
	case KMEM_PERCPU_WRITE:                                               \
		return kmem_percpu_write_##bytes(c, value);                   \
	case KMEM_PERCPU_ADD_RETURN:                                          \
		return kmem_percpu_add_return_##bytes(c, value);              \
	case KMEM_PERCPU_XCHG:                                                \
		return kmem_percpu_xchg_##bytes(c, value);                    \
	default:                                                              \
		return kmem_percpu_cmpxchg_##bytes(c, value, old);            \
	}                                                                     \
}
/* clang-format on */

KMEM_PERCPU_BYTES(1)
KMEM_PERCPU_BYTES(2)
KMEM_PERCPU_BYTES(4)
KMEM_PERCPU_BYTES(8)

/* what and bytes are constants. */
KMEM_SEQ_FN uint64_t kmem_percpu_op(uintptr_t c, enum kmem_percpu_what what,
				    size_t bytes, uint64_t value, uint64_t old)
{
	switch (bytes) {
	case 1:
		return kmem_percpu_do_1(c, what, value, old);
	case 2:
		return kmem_percpu_do_2(c, what, value, old);
	case 4:
		return kmem_percpu_do_4(c, what, value, old);
	default:
		return kmem_percpu_do_8(c, what, value, old);
	}
}

#else

static inline __attribute__((always_inline, unused)) uint64_t
kmem_percpu_op(uintptr_t c, enum kmem_percpu_what what, size_t bytes,
	       uint64_t value, uint64_t old)
{
	return KMEM_PERCPU_SLOW(c, what * 16 + (unsigned int)bytes, value, old);
}

#endif
#endif
