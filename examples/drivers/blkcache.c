/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A cache of the blocks of a slow disk, which gives way when memory is short.
 *
 * The disk is imagined: block n is filled with a pattern made of n. Headers
 * come from a cache of objects, the blocks themselves from a pool with a
 * reserve, so that one block can be read however little memory there is. The
 * block that was used the longest time ago goes first; a shrinker is who says
 * how many.
 *
 * /dev/blkcache is the disk; what the cache did stands in debugfs, in
 * blkcache/counts.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/mempool.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define BLOCK_BYTES 4096
#define HASH_BITS_OF_TABLE 8
#define RESERVE 4

static unsigned int blocks = 65536;
module_param(blocks, uint, 0444);
MODULE_PARM_DESC(blocks, "blocks of the disk");

struct block {
	unsigned long number;
	void *data;
	struct hlist_node hash;
	struct list_head lru; /* the newest first */
};

/* Guards the table, the list and the counts. */
static DEFINE_SPINLOCK(lock);
static DEFINE_HASHTABLE(table, HASH_BITS_OF_TABLE);
static LIST_HEAD(lru);
static unsigned long kept, hits, misses, dropped;

static struct kmem_cache *headers;
static mempool_t *pool;
static struct dentry *folder;

static void read_disk(unsigned long number, void *data)
{
	memset(data, (int)(number * 37 + 11), BLOCK_BYTES);
	memcpy(data, &number, sizeof(number));
}

/* With the lock held; a block that is found becomes the newest. */
static struct block *find(unsigned long number)
{
	struct block *b;

	hash_for_each_possible(table, b, hash, number) if (b->number == number)
	{
		list_move(&b->lru, &lru);
		return b;
	}
	return NULL;
}

/* With the lock held; then it is the caller's. */
static struct block *take_oldest(void)
{
	struct block *b = list_last_entry(&lru, struct block, lru);

	if (list_empty(&lru))
		return NULL;
	hash_del(&b->hash);
	list_del(&b->lru);
	kept--;
	dropped++;
	return b;
}

static void release(struct block *b)
{
	mempool_free(b->data, pool);
	kmem_cache_free(headers, b);
}

/* Up to nr of the oldest; how many there were. */
static unsigned long drop(unsigned long nr)
{
	unsigned long n = 0;

	while (n < nr) {
		struct block *b;

		spin_lock(&lock);
		b = take_oldest();
		spin_unlock(&lock);
		if (!b)
			break;
		release(b);
		n++;
	}
	return n;
}

static unsigned long count_blocks(struct shrinker *shrinker,
				  struct shrink_control *sc)
{
	unsigned long n = READ_ONCE(kept);

	return n ? n : SHRINK_EMPTY;
}

static unsigned long scan_blocks(struct shrinker *shrinker,
				 struct shrink_control *sc)
{
	unsigned long n = drop(sc->nr_to_scan);

	return n ? n : SHRINK_STOP;
}

/* One that is not in the cache yet, or an ERR_PTR(). */
static struct block *read_block(unsigned long number)
{
	struct block *b = kmem_cache_alloc(headers, GFP_NOFS);

	if (!b)
		return ERR_PTR(-ENOMEM);
	b->number = number;
	b->data = mempool_alloc(pool, GFP_NOFS);
	read_disk(number, b->data);
	return b;
}

/* With the lock held. */
static void keep(struct block *b)
{
	hash_add(table, &b->hash, b->number);
	list_add(&b->lru, &lru);
	kept++;
}

/* Bytes of one block into a buffer of the driver: 0 or -ENOMEM. */
static int get(unsigned long number, size_t offset, void *to, size_t n)
{
	struct block *b, *fresh;

	spin_lock(&lock);
	b = find(number);
	if (b) {
		hits++;
		memcpy(to, b->data + offset, n);
	}
	spin_unlock(&lock);
	if (b)
		return 0;
	fresh = read_block(number);
	if (IS_ERR(fresh))
		return PTR_ERR(fresh);
	memcpy(to, fresh->data + offset, n);
	spin_lock(&lock);
	misses++;
	/* Another reader may have been faster. */
	if (!find(number)) {
		keep(fresh);
		fresh = NULL;
	}
	spin_unlock(&lock);
	if (fresh)
		release(fresh);
	return 0;
}

static ssize_t blkcache_read(struct file *file, char __user *buf, size_t n,
			     loff_t *pos)
{
	unsigned long number = *pos / BLOCK_BYTES;
	size_t offset = *pos % BLOCK_BYTES;
	char *copy;
	ssize_t got;

	if (number >= blocks)
		return 0;
	n = min(n, BLOCK_BYTES - offset);
	copy = kmalloc(n, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	got = get(number, offset, copy, n);
	if (!got && copy_to_user(buf, copy, n))
		got = -EFAULT;
	kfree(copy);
	if (got)
		return got;
	*pos += n;
	return n;
}

static const struct file_operations blkcache_fops = {
	.owner = THIS_MODULE,
	.read = blkcache_read,
	.llseek = default_llseek,
};

static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "blkcache",
	.fops = &blkcache_fops,
};

static int counts_show(struct seq_file *m, void *v)
{
	spin_lock(&lock);
	seq_printf(m, "kept %lu\nhits %lu\nmisses %lu\ndropped %lu\n", kept,
		   hits, misses, dropped);
	spin_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counts);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
static struct shrinker *shrinker;

static int begin_shrinker(void)
{
	shrinker = shrinker_alloc(0, "blkcache");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count_blocks;
	shrinker->scan_objects = scan_blocks;
	shrinker_register(shrinker);
	return 0;
}

static void end_shrinker(void)
{
	shrinker_free(shrinker);
}
#else
static struct shrinker shrinker = {
	.count_objects = count_blocks,
	.scan_objects = scan_blocks,
	.seeks = DEFAULT_SEEKS,
};

static int begin_shrinker(void)
{
	return register_shrinker(&shrinker, "blkcache");
}

static void end_shrinker(void)
{
	unregister_shrinker(&shrinker);
}
#endif

static int __init blkcache_init(void)
{
	int bad = -ENOMEM;

	headers = KMEM_CACHE(block, SLAB_RECLAIM_ACCOUNT);
	if (!headers)
		return -ENOMEM;
	pool = mempool_create_kmalloc_pool(RESERVE, BLOCK_BYTES);
	if (!pool)
		goto out_headers;
	bad = begin_shrinker();
	if (bad)
		goto out_pool;
	bad = misc_register(&misc);
	if (bad)
		goto out_shrinker;
	folder = debugfs_create_dir("blkcache", NULL);
	debugfs_create_file("counts", 0444, folder, NULL, &counts_fops);
	return 0;
out_shrinker:
	end_shrinker();
out_pool:
	mempool_destroy(pool);
out_headers:
	kmem_cache_destroy(headers);
	return bad;
}

static void __exit blkcache_exit(void)
{
	debugfs_remove(folder);
	misc_deregister(&misc);
	end_shrinker();
	drop(ULONG_MAX);
	mempool_destroy(pool);
	kmem_cache_destroy(headers);
}

module_init(blkcache_init);
module_exit(blkcache_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("a cache of blocks that gives way");
