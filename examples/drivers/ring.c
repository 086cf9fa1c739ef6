/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A ring of packets: what is written to /dev/ring is one packet, a read takes
 * the oldest. Packets lie in fragments of pages, side by side; each CPU counts
 * for itself, and debugfs has the sums, in ring/counts.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define MOST_BYTES 2000

static unsigned int slots = 64;
module_param(slots, uint, 0444);
MODULE_PARM_DESC(slots, "packets that the ring holds, a power of two");

struct packet {
	void *data; /* a fragment */
	unsigned int len;
};

struct counts {
	unsigned long in;
	unsigned long out;
	unsigned long bytes;
	unsigned long refused;
};

/* Guards the ring and the pages that fragments are cut from. */
static DEFINE_SPINLOCK(lock);
static struct packet *ring;
static unsigned int head, tail; /* of all packets ever; tail is the oldest */
static struct page_frag_cache frags;

static struct counts __percpu *counts;
static struct dentry *folder;

static void *get_fragment(unsigned int len)
{
	void *data;

	spin_lock(&lock);
	data = page_frag_alloc(&frags, len, GFP_ATOMIC | __GFP_NOWARN);
	spin_unlock(&lock);
	return data;
}

/* 0, or -ENOBUFS when the ring is full. */
static int push(void *data, unsigned int len)
{
	int bad = -ENOBUFS;

	spin_lock(&lock);
	if (head - tail < slots) {
		struct packet *p = &ring[head++ & (slots - 1)];

		p->data = data;
		p->len = len;
		bad = 0;
	}
	spin_unlock(&lock);
	return bad;
}

static bool pop(struct packet *to)
{
	bool got = false;

	spin_lock(&lock);
	if (head != tail) {
		*to = ring[tail++ & (slots - 1)];
		got = true;
	}
	spin_unlock(&lock);
	return got;
}

static ssize_t ring_write(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	void *data;
	int bad;

	if (!n || n > MOST_BYTES)
		return -EMSGSIZE;
	data = get_fragment(n);
	if (!data)
		return -ENOMEM;
	bad = copy_from_user(data, buf, n) ? -EFAULT : push(data, n);
	if (bad) {
		page_frag_free(data);
		this_cpu_inc(counts->refused);
		return bad;
	}
	this_cpu_inc(counts->in);
	this_cpu_add(counts->bytes, n);
	return n;
}

/* One packet; what does not fit is lost. 0: there is none. */
static ssize_t ring_read(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	struct packet p;
	ssize_t got;

	if (!pop(&p))
		return 0;
	got = min_t(size_t, n, p.len);
	if (copy_to_user(buf, p.data, got))
		got = -EFAULT;
	page_frag_free(p.data);
	this_cpu_inc(counts->out);
	return got;
}

static const struct file_operations ring_fops = {
	.owner = THIS_MODULE,
	.read = ring_read,
	.write = ring_write,
	.llseek = no_llseek,
};

static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ring",
	.fops = &ring_fops,
};

static int counts_show(struct seq_file *m, void *v)
{
	struct counts sum = { 0 };
	int cpu;

	for_each_possible_cpu(cpu)
	{
		struct counts *c = per_cpu_ptr(counts, cpu);

		sum.in += READ_ONCE(c->in);
		sum.out += READ_ONCE(c->out);
		sum.bytes += READ_ONCE(c->bytes);
		sum.refused += READ_ONCE(c->refused);
	}
	seq_printf(m, "in %lu\nout %lu\nbytes %lu\nrefused %lu\n", sum.in,
		   sum.out, sum.bytes, sum.refused);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counts);

static void end_frags(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	page_frag_cache_drain(&frags);
#else
	if (frags.va)
		__page_frag_cache_drain(virt_to_page(frags.va),
					frags.pagecnt_bias);
	frags.va = NULL;
#endif
}

static int __init ring_init(void)
{
	int bad = -ENOMEM;

	if (!is_power_of_2(slots))
		return -EINVAL;
	ring = kcalloc(slots, sizeof(*ring), GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	counts = alloc_percpu(struct counts);
	if (!counts)
		goto out_ring;
	bad = misc_register(&misc);
	if (bad)
		goto out_counts;
	folder = debugfs_create_dir("ring", NULL);
	debugfs_create_file("counts", 0444, folder, NULL, &counts_fops);
	return 0;
out_counts:
	free_percpu(counts);
out_ring:
	kfree(ring);
	return bad;
}

static void __exit ring_exit(void)
{
	struct packet p;

	debugfs_remove(folder);
	misc_deregister(&misc);
	while (pop(&p))
		page_frag_free(p.data);
	end_frags();
	free_percpu(counts);
	kfree(ring);
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("a ring of packets in fragments of pages");
