/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * One thing of every header of the second folder, as every.c for the first:
 * package kmem-kernel.
 */
#include <linux/slab.h>

#include <asm/barrier.h>
#include <asm/bug.h>
#include <asm/current.h>
#include <asm/io.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/uaccess.h>
#include <kmem/module.h>
#include <kmem/names.h>
#include <kmem/wait.h>
#include <linux/aio.h>
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/atomic/64.h>
#include <linux/atomic/int.h>
#include <linux/atomic/long.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/cdev.h>
#include <linux/compiler.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kdev_t.h>
#include <linux/kern_levels.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/kstrtox.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/mempool.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu-rwsem.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/proc_fs.h>
#include <linux/ratelimit.h>
#include <linux/ratelimit_types.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/semaphore.h>
#include <linux/seq_file.h>
#include <linux/shrinker.h>
#include <linux/spinlock.h>
#include <linux/spinlock_types.h>
#include <linux/sprintf.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <stdio.h>

#define USE(header) static bool use_##header(void)
/* What needs no more than an expression. */
#define IS(expression)               \
	{                            \
		return (expression); \
	}

static long one = 1;

struct thing {
	int n;
	struct list_head list;
	struct hlist_node hash;
	struct kref ref;
	struct work_struct work;
};

static struct thing thing;

/* clang-format off */
USE(asm_barrier_h) { smp_mb(); return true; }
USE(asm_bug_h) IS(!WARN_ON(!one))
USE(asm_current_h) IS(kmem_current()->pid > 0)
USE(asm_io_h) IS(virt_to_phys(phys_to_virt(4096)) == 4096)
USE(asm_page_h) IS(PAGE_SIZE == 4096)
USE(asm_pgtable_h) IS(is_vmalloc_addr(&one) == 0)
USE(asm_uaccess_h) IS(access_ok(&one, sizeof(one)))
USE(kmem_module_h) IS(kmem_module_param("none", "none", "1") < 0)
USE(kmem_names_h) IS(sizeof(__stringify(KMEM_KERNEL(x))) > 1)
USE(kmem_wait_h)
{
	unsigned int word = 0;

	kmem_word_lock(&word);
	kmem_word_unlock(&word);
	return !word;
}
USE(linux_aio_h) IS(sizeof(struct kiocb) > 0)
USE(linux_align_h) IS(ALIGN(5 * one, 4) == 8)
USE(linux_array_size_h) { int v[3]; return ARRAY_SIZE(v) == 3; }
static atomic_t counter = ATOMIC_INIT(1);
static atomic64_t wide = ATOMIC64_INIT(2);
static atomic_long_t long_counter = ATOMIC_LONG_INIT(3);
USE(linux_atomic_h) IS(atomic_inc_return(&counter) > 1)
USE(linux_atomic_int_h) IS(atomic_add_return(2, &counter) > 2)
USE(linux_atomic_64_h) IS(atomic64_inc_return(&wide) == 3)
USE(linux_atomic_long_h) IS(atomic_long_inc_return(&long_counter) == 4)
USE(linux_bitmap_h)
{
	DECLARE_BITMAP(map, 100);

	bitmap_zero(map, 100);
	bitmap_set(map, 10, 5);
	return bitmap_weight(map, 100) == 5;
}
USE(linux_bitops_h) IS(fls(8 * (int)one) == 4)
USE(linux_bits_h) IS(BIT(3) == 8)
USE(linux_bug_h) { BUG_ON(!one); return true; }
USE(linux_build_bug_h) { BUILD_BUG_ON(sizeof(long) != 8); return true; }
static long line __cacheline_aligned;
USE(linux_cache_h) IS((unsigned long)&line % L1_CACHE_BYTES == 0)
USE(linux_cdev_h) IS(sizeof(struct cdev) > 0)
USE(linux_compiler_h) IS(READ_ONCE(one) == 1)
USE(linux_completion_h)
{
	DECLARE_COMPLETION(done);

	complete(&done);
	wait_for_completion(&done);
	return true;
}
USE(linux_container_of_h) IS(container_of(&thing.list, struct thing, list) == &thing)
USE(linux_debugfs_h) { debugfs_remove_recursive(NULL); return true; }
USE(linux_delay_h) { udelay(1); return true; }
static struct device device;
USE(linux_device_h) IS(dev_set_name(&device, "d%d", 1) == 0)
USE(linux_errno_h) IS(ENOMEM == 12)
EXPORT_SYMBOL(thing);
USE(linux_export_h) IS(&thing != NULL)
USE(linux_fcntl_h) IS((O_RDONLY | O_RDWR) == O_RDWR)
USE(linux_fs_h) IS((FMODE_READ & FMODE_WRITE) == 0)
USE(linux_gfp_h) IS(gfp_zone(GFP_KERNEL) == ZONE_NORMAL)
USE(linux_hash_h) IS(hash_32((u32)one, 4) < 16)
static DEFINE_HASHTABLE(table, 3);
USE(linux_hashtable_h)
{
	hash_init(table);
	hash_add(table, &thing.hash, 5);
	hash_del(&thing.hash);
	return HASH_BITS(table) == 3;
}
USE(linux_highmem_h) IS(!PageHighMem(NULL))
static int __init begun(void) { return 0; }
USE(linux_init_h) IS(begun() == 0)
USE(linux_io_h) IS(readl(&one) == 1)
USE(linux_irqflags_h)
{
	unsigned long flags;

	local_irq_save(flags);
	local_irq_restore(flags);
	return true;
}
USE(linux_jiffies_h) IS(time_after(jiffies + 1, jiffies))
USE(linux_kdev_t_h) IS(MINOR(MKDEV(4, 5)) == 5)
USE(linux_kern_levels_h) IS(KERN_ERR[1] - KERN_EMERG[1] == LOGLEVEL_ERR)
USE(linux_kernel_h) IS(DIV_ROUND_UP(5 * one, 4) == 2)
USE(linux_kref_h) { kref_init(&thing.ref); return kref_read(&thing.ref) == 1; }
USE(linux_kstrtox_h) { int n = 0; return kstrtoint("42", 10, &n) == 0 && n == 42; }
static int ran(void *arg) { return arg == &one ? 7 : 0; }
USE(linux_kthread_h)
{
	struct task_struct *t = kthread_run(ran, &one, "every");

	return !IS_ERR(t) && kthread_stop(t) >= -EINTR;
}
USE(linux_ktime_h) IS(ktime_to_ns(ktime_get()) > 0)
USE(linux_limits_h) IS(INT_MAX > 0)
static LIST_HEAD(list);
USE(linux_list_h) { list_add(&thing.list, &list); return !list_empty(&list); }
USE(linux_log2_h) IS(ilog2(4096) == 12)
USE(linux_math_h) IS(round_up(5 * one, 4) == 8)
USE(linux_mempool_h) { mempool_destroy(NULL); return true; }
USE(linux_minmax_h) IS(min_t(long, one, 5) == 1)
USE(linux_miscdevice_h) IS(MISC_DYNAMIC_MINOR > 0)
USE(linux_mm_h) IS(totalram_pages() > 0)
USE(linux_mmzone_h) IS(ZONE_DMA < ZONE_NORMAL)
MODULE_LICENSE("Dual MIT/GPL");
USE(linux_module_h) { __module_get(THIS_MODULE); module_put(THIS_MODULE); return true; }
static int level = 3;
module_param(level, int, 0444);
USE(linux_moduleparam_h) IS(level == 3)
static DEFINE_MUTEX(mutex);
USE(linux_mutex_h) { mutex_lock(&mutex); mutex_unlock(&mutex); return !mutex_is_locked(&mutex); }
static DEFINE_PER_CPU(int, every_count) = 3;
USE(linux_notifier_h)
{
	RAW_NOTIFIER_HEAD(chain);

	return raw_notifier_call_chain(&chain, 0, NULL) == NOTIFY_DONE;
}
DEFINE_STATIC_PERCPU_RWSEM(percpu_sem);
USE(linux_percpu_rwsem_h) { percpu_down_read(&percpu_sem); percpu_up_read(&percpu_sem); return true; }
USE(linux_percpu_h) IS(this_cpu_read(every_count) == 3)
USE(linux_preempt_h) IS(preempt_count() == 0)
USE(linux_printk_h) { pr_debug("x"); return true; }
USE(linux_proc_fs_h) { remove_proc_entry("none", NULL); return true; }
static DEFINE_RATELIMIT_STATE(rate, HZ, 5);
USE(linux_ratelimit_h) IS(__ratelimit(&rate))
USE(linux_ratelimit_types_h) IS(rate.burst == 5)
USE(linux_rculist_h) { list_del_rcu(&thing.list); return list_empty(&list); }
USE(linux_rcupdate_h) { rcu_read_lock(); rcu_read_unlock(); return true; }
static refcount_t count = REFCOUNT_INIT(1);
USE(linux_refcount_h) IS(refcount_read(&count) == 1)
static DECLARE_RWSEM(rwsem);
USE(linux_rwsem_h) { down_read(&rwsem); up_read(&rwsem); return true; }
USE(linux_sched_h) { cond_resched(); return kmem_current() != NULL; }
USE(linux_sched_mm_h) { memalloc_nofs_restore(memalloc_nofs_save()); return true; }
USE(linux_sched_signal_h) IS(!signal_pending(kmem_current()))
static struct semaphore sem;
USE(linux_semaphore_h) { sema_init(&sem, 1); down(&sem); up(&sem); return true; }
USE(linux_seq_file_h) IS(SEQ_START_TOKEN != NULL)
USE(linux_shrinker_h) { shrinker_free(NULL); return true; }
USE(linux_slab_h) { kfree(kmalloc(8, GFP_KERNEL)); return true; }
static DEFINE_SPINLOCK(lock);
USE(linux_spinlock_h) { spin_lock(&lock); spin_unlock(&lock); return true; }
USE(linux_spinlock_types_h) IS(sizeof(spinlock_t) > 0)
USE(linux_sprintf_h) { char s[8]; return scnprintf(s, sizeof(s), "%d", 42) == 2; }
USE(linux_stddef_h) IS(offsetof(struct thing, n) == 0)
USE(linux_string_h) IS(!memchr_inv("aa", 'a', 2))
USE(linux_stringify_h) IS(sizeof(__stringify(abc)) == 4)
USE(linux_types_h) IS(sizeof(u64) == 8)
USE(linux_uaccess_h) { long n = 0; return !copy_from_user(&n, &one, 8) && n == 1; }
USE(linux_uio_h)
{
	struct iov_iter iter;

	iov_iter_ubuf(&iter, ITER_SOURCE, &one, sizeof(one));
	return iov_iter_count(&iter) == sizeof(one);
}
USE(linux_version_h) IS(KERNEL_VERSION(6, 1, 0) == 0x60100)
USE(linux_vmalloc_h) { void *p = vmalloc(5); vfree(p); return p != NULL; }
static DECLARE_WAIT_QUEUE_HEAD(queue);
USE(linux_wait_h) { wake_up(&queue); wait_event(queue, one); return true; }
static void work(struct work_struct *w) { container_of(w, struct thing, work)->n = 5; }
USE(linux_workqueue_h)
{
	INIT_WORK(&thing.work, work);
	schedule_work(&thing.work);
	flush_work(&thing.work);
	return thing.n == 5;
}
/* clang-format on */

#define CALL(header)                                      \
	do {                                              \
		if (!use_##header()) {                    \
			fprintf(stderr, "%s\n", #header); \
			bad = 1;                          \
		}                                         \
	} while (0);

int main(void)
{
	int bad = 0;

#include "uses.h"
	return bad;
}
