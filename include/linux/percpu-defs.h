/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU variables and what is done with one: <kmem/percpu.h> says how.
 *
 * A thread is not kept from being preempted, by anything here.  So what is one
 * step, this_cpu_add() and its kin, is that on every CPU; what a program does
 * in several steps between get_cpu_var() and put_cpu_var(), another thread on
 * the same CPU may do in between.
 */
#ifndef KMEM_LINUX_PERCPU_DEFS_H
#define KMEM_LINUX_PERCPU_DEFS_H

#include <kmem/percpu.h>
#include <linux/cache.h>
#include <linux/preempt.h>

/* --- variables ------------------------------------------------------------ */

#define PER_CPU_BASE_SECTION "kmem_percpu"
#define KMEM_PERCPU_SECTION __attribute__((section(PER_CPU_BASE_SECTION)))

/* clang-format off */

#define DECLARE_PER_CPU_SECTION(type, name, sec)                              \
	extern KMEM_PERCPU_SECTION __percpu __typeof__(type) name
#define DEFINE_PER_CPU_SECTION(type, name, sec)                               \
	KMEM_PERCPU_SECTION __percpu __typeof__(type) name

#define DECLARE_PER_CPU(type, name) DECLARE_PER_CPU_SECTION(type, name, "")
#define DEFINE_PER_CPU(type, name) DEFINE_PER_CPU_SECTION(type, name, "")

/* What the kernel keeps apart lies in one section here. */
#define DECLARE_PER_CPU_FIRST(type, name) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_FIRST(type, name) DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_READ_MOSTLY(type, name) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name) DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_CACHE_HOT(type, name) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_CACHE_HOT(type, name) DEFINE_PER_CPU(type, name)

#define DECLARE_PER_CPU_ALIGNED(type, name)                                   \
	DECLARE_PER_CPU(type, name) ____cacheline_aligned
#define DEFINE_PER_CPU_ALIGNED(type, name)                                    \
	DEFINE_PER_CPU(type, name) ____cacheline_aligned
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name)                            \
	DECLARE_PER_CPU(type, name) ____cacheline_aligned
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name)                             \
	DEFINE_PER_CPU(type, name) ____cacheline_aligned
#define DECLARE_PER_CPU_PAGE_ALIGNED(type, name)                              \
	DECLARE_PER_CPU(type, name) __attribute__((aligned(4096)))
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name)                               \
	DEFINE_PER_CPU(type, name) __attribute__((aligned(4096)))

/*
 * For a variable that other executables and shared objects use, in the file
 * that defines it: if the linker gave an executable a copy of the template,
 * the library learns of it here.
 */
#define KMEM_PERCPU_EXPORT(name)                                              \
	KMEM_EXTERN_C_BEGIN                                                   \
	extern __typeof__(name) kmem_percpu_own_##name                        \
		__attribute__((alias(#name), visibility("hidden")));          \
	KMEM_EXTERN_C_END                                                     \
	static const struct kmem_percpu_export kmem_percpu_export_##name      \
		__attribute__((used, section("kmem_percpu_exports"))) = {     \
			(const void *)&kmem_percpu_own_##name,                \
			(const void *)&(name), sizeof(name)                   \
		}
#define EXPORT_PER_CPU_SYMBOL(name) KMEM_PERCPU_EXPORT(name)
#define EXPORT_PER_CPU_SYMBOL_GPL(name) KMEM_PERCPU_EXPORT(name)

/* clang-format on */

/* --- where an instance is ------------------------------------------------- */

/* That of a CPU, of which there is one in any case. */
#define per_cpu_ptr(ptr, cpu)                                                \
	((__typeof__(*(ptr)) KMEM_FORCE *)kmem_percpu_at(                    \
		kmem_percpu_cookie((const volatile void KMEM_FORCE *)(ptr)), \
		(unsigned long)(cpu)))
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))

/* That of the CPU that the thread runs on; it may be moved. */
#define raw_cpu_ptr(ptr) per_cpu_ptr(ptr, kmem_percpu_cpu())
#define this_cpu_ptr(ptr) raw_cpu_ptr(ptr)
#define __this_cpu_ptr(ptr) raw_cpu_ptr(ptr)
#define SHIFT_PERCPU_PTR(ptr, offset)                         \
	((__typeof__(*(ptr)) KMEM_FORCE *)((uintptr_t)(ptr) + \
					   (uintptr_t)(offset)))

/* Atomic sections (<linux/preempt.h>) around the use of one. */
#define get_cpu_ptr(ptr)           \
	(__extension__({           \
		preempt_disable(); \
		this_cpu_ptr(ptr); \
	}))
#define put_cpu_ptr(ptr)          \
	do {                      \
		(void)(ptr);      \
		preempt_enable(); \
	} while (0)
#define get_cpu_var(var) (*get_cpu_ptr(&(var)))
#define put_cpu_var(var) put_cpu_ptr(&(var))

/* --- one step on this CPU's instance -------------------------------------- */

#define KMEM_PERCPU_OP(pcp, what, value, old)                              \
	(__extension__({                                                   \
		KMEM_STATIC_ASSERT(sizeof(pcp) == 1 || sizeof(pcp) == 2 || \
					   sizeof(pcp) == 4 ||             \
					   sizeof(pcp) == 8,               \
				   "1, 2, 4 or 8 bytes");                  \
		kmem_percpu_op(                                            \
			kmem_percpu_cookie(                                \
				(const volatile void KMEM_FORCE *)&(pcp)), \
			what, sizeof(pcp), (uint64_t)(uintptr_t)(value),   \
			(uint64_t)(uintptr_t)(old));                       \
	}))
#define KMEM_PERCPU_VOID(pcp, what, value) \
	((void)KMEM_PERCPU_OP(pcp, what, value, 0))
#define KMEM_PERCPU_VALUE(pcp, what, value, old) \
	((__typeof__(pcp))(uintptr_t)KMEM_PERCPU_OP(pcp, what, value, old))

#define this_cpu_read(pcp) \
	__atomic_load_n(raw_cpu_ptr(&(pcp)), __ATOMIC_RELAXED)
#define this_cpu_write(pcp, val) KMEM_PERCPU_VOID(pcp, KMEM_PERCPU_WRITE, val)
#define this_cpu_add(pcp, val) KMEM_PERCPU_VOID(pcp, KMEM_PERCPU_ADD, val)
#define this_cpu_sub(pcp, val) \
	KMEM_PERCPU_VOID(pcp, KMEM_PERCPU_ADD, 0 - (uintptr_t)(val))
#define this_cpu_inc(pcp) this_cpu_add(pcp, 1)
#define this_cpu_dec(pcp) this_cpu_sub(pcp, 1)
#define this_cpu_and(pcp, val) KMEM_PERCPU_VOID(pcp, KMEM_PERCPU_AND, val)
#define this_cpu_or(pcp, val) KMEM_PERCPU_VOID(pcp, KMEM_PERCPU_OR, val)
#define this_cpu_add_return(pcp, val) \
	KMEM_PERCPU_VALUE(pcp, KMEM_PERCPU_ADD_RETURN, val, 0)
#define this_cpu_sub_return(pcp, val) \
	this_cpu_add_return(pcp, 0 - (uintptr_t)(val))
#define this_cpu_inc_return(pcp) this_cpu_add_return(pcp, 1)
#define this_cpu_dec_return(pcp) this_cpu_sub_return(pcp, 1)
#define this_cpu_xchg(pcp, nval) \
	KMEM_PERCPU_VALUE(pcp, KMEM_PERCPU_XCHG, nval, 0)
/* The value that was there. */
#define this_cpu_cmpxchg(pcp, oval, nval) \
	KMEM_PERCPU_VALUE(pcp, KMEM_PERCPU_CMPXCHG, nval, oval)
/* Was it *ovalp?  If not, *ovalp becomes what it was. */
#define this_cpu_try_cmpxchg(pcp, ovalp, nval)                                 \
	(__extension__({                                                       \
		__typeof__(ovalp) kmem_ovalp = (ovalp);                        \
		__typeof__(*(ovalp)) kmem_oval = *kmem_ovalp;                  \
		__typeof__(*(ovalp)) kmem_was =                                \
			(__typeof__(*(ovalp)))this_cpu_cmpxchg(pcp, kmem_oval, \
							       nval);          \
		bool kmem_done = kmem_was == kmem_oval;                        \
		if (!kmem_done)                                                \
			*kmem_ovalp = kmem_was;                                \
		kmem_done;                                                     \
	}))

/* The same of 16 bytes, by a call; the object is aligned to them. */
#define KMEM_PERCPU_CMPXCHG16(pcp, ovalp, nval)                            \
	(__extension__({                                                   \
		__typeof__(pcp) kmem_nval = (nval);                        \
		KMEM_STATIC_ASSERT(sizeof(pcp) == 16, "16 bytes");         \
		kmem_percpu_cmpxchg16_1(                                   \
			kmem_percpu_cookie(                                \
				(const volatile void KMEM_FORCE *)&(pcp)), \
			ovalp, &kmem_nval);                                \
	}))
#define this_cpu_cmpxchg128(pcp, oval, nval)                  \
	(__extension__({                                      \
		__typeof__(pcp) kmem_oval = (oval);           \
		KMEM_PERCPU_CMPXCHG16(pcp, &kmem_oval, nval); \
		kmem_oval;                                    \
	}))
#define this_cpu_try_cmpxchg128(pcp, ovalp, nval) \
	KMEM_PERCPU_CMPXCHG16(pcp, ovalp, nval)

/* clang-format off */

/* What the kernel does with less, since the caller sees to the rest. */
#define raw_cpu_read(pcp) this_cpu_read(pcp)
#define raw_cpu_write(pcp, val) this_cpu_write(pcp, val)
#define raw_cpu_add(pcp, val) this_cpu_add(pcp, val)
#define raw_cpu_sub(pcp, val) this_cpu_sub(pcp, val)
#define raw_cpu_inc(pcp) this_cpu_inc(pcp)
#define raw_cpu_dec(pcp) this_cpu_dec(pcp)
#define raw_cpu_and(pcp, val) this_cpu_and(pcp, val)
#define raw_cpu_or(pcp, val) this_cpu_or(pcp, val)
#define raw_cpu_add_return(pcp, val) this_cpu_add_return(pcp, val)
#define raw_cpu_sub_return(pcp, val) this_cpu_sub_return(pcp, val)
#define raw_cpu_inc_return(pcp) this_cpu_inc_return(pcp)
#define raw_cpu_dec_return(pcp) this_cpu_dec_return(pcp)
#define raw_cpu_xchg(pcp, nval) this_cpu_xchg(pcp, nval)
#define raw_cpu_cmpxchg(pcp, oval, nval) this_cpu_cmpxchg(pcp, oval, nval)
#define raw_cpu_try_cmpxchg(pcp, ovalp, nval)                                 \
	this_cpu_try_cmpxchg(pcp, ovalp, nval)
#define raw_cpu_cmpxchg128(pcp, oval, nval)                                   \
	this_cpu_cmpxchg128(pcp, oval, nval)
#define raw_cpu_try_cmpxchg128(pcp, ovalp, nval)                              \
	this_cpu_try_cmpxchg128(pcp, ovalp, nval)

#define __this_cpu_read(pcp) this_cpu_read(pcp)
#define __this_cpu_write(pcp, val) this_cpu_write(pcp, val)
#define __this_cpu_add(pcp, val) this_cpu_add(pcp, val)
#define __this_cpu_sub(pcp, val) this_cpu_sub(pcp, val)
#define __this_cpu_inc(pcp) this_cpu_inc(pcp)
#define __this_cpu_dec(pcp) this_cpu_dec(pcp)
#define __this_cpu_and(pcp, val) this_cpu_and(pcp, val)
#define __this_cpu_or(pcp, val) this_cpu_or(pcp, val)
#define __this_cpu_add_return(pcp, val) this_cpu_add_return(pcp, val)
#define __this_cpu_sub_return(pcp, val) this_cpu_sub_return(pcp, val)
#define __this_cpu_inc_return(pcp) this_cpu_inc_return(pcp)
#define __this_cpu_dec_return(pcp) this_cpu_dec_return(pcp)
#define __this_cpu_xchg(pcp, nval) this_cpu_xchg(pcp, nval)
#define __this_cpu_cmpxchg(pcp, oval, nval) this_cpu_cmpxchg(pcp, oval, nval)
#define __this_cpu_try_cmpxchg(pcp, ovalp, nval)                              \
	this_cpu_try_cmpxchg(pcp, ovalp, nval)

/* clang-format on */

#endif
