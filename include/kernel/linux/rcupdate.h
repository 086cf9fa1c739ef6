/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * RCU, over liburcu's flavour "bp", in which a thread needs no words before it
 * reads: programs that use it are linked with -lurcu-bp.  kfree_rcu() of the
 * library finds it there.
 */
#ifndef KMEM_KERNEL_RCUPDATE_H
#define KMEM_KERNEL_RCUPDATE_H

#include <kmem/abi.h>
#include <kmem/names.h>
#include <linux/compiler.h>
#include <linux/types.h>

KMEM_EXTERN_C_BEGIN

/* liburcu's, by their names in its ELF file. */
void kmem_rcu_read_lock(void) __asm__("urcu_bp_read_lock");
void kmem_rcu_read_unlock(void) __asm__("urcu_bp_read_unlock");
void synchronize_rcu(void) __asm__("urcu_bp_synchronize_rcu");
void call_rcu(struct rcu_head *head,
	      void (*func)(struct rcu_head *head)) __asm__("urcu_bp_call_rcu");
void kmem_rcu_barrier(void) __asm__("urcu_bp_barrier");

KMEM_API void kvfree_rcu_barrier(void) KMEM_ABI(kvfree_rcu_barrier);

KMEM_EXTERN_C_END

/* The library's own grace periods as well: of slabs, and of kfree_rcu(). */
static inline void rcu_barrier(void)
{
	kmem_rcu_barrier();
	kvfree_rcu_barrier();
}

#define rcu_read_lock() kmem_rcu_read_lock()
#define rcu_read_unlock() kmem_rcu_read_unlock()
#define synchronize_rcu_expedited() synchronize_rcu()

#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define rcu_dereference(p) __atomic_load_n(&(p), __ATOMIC_CONSUME)
#define rcu_dereference_raw(p) rcu_dereference(p)
#define rcu_dereference_check(p, cond) rcu_dereference(p)
#define rcu_dereference_protected(p, cond) (p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_replace_pointer(p, v, cond)        \
	(__extension__({                       \
		__typeof__(p) kmem_old_ = (p); \
		rcu_assign_pointer(p, v);      \
		kmem_old_;                     \
	}))

#endif
