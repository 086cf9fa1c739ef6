/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Four devices that keep what is written to them, each in memory of another
 * kind: /dev/scullk in blocks of kmalloc(), scullc in objects of a cache of
 * its own, scullp in whole pages, scullv in blocks of vmalloc().
 *
 * A device is a table of quanta, all of one size, which are allocated when they
 * are first written to; what lies between reads as zeros, up to the end. To
 * open a device for writing alone empties it.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

static unsigned int quantum = 4000;
module_param(quantum, uint, 0444);
MODULE_PARM_DESC(quantum, "bytes of a quantum of scullk and scullc");

static unsigned int order = 1;
module_param(order, uint, 0444);
MODULE_PARM_DESC(order, "log2 of the pages of a quantum of scullp");

static unsigned int quanta = 1000;
module_param(quanta, uint, 0444);
MODULE_PARM_DESC(quanta, "most quanta of a device");

struct scull {
	struct miscdevice misc;
	struct mutex lock; /* of all below */
	size_t quantum;
	void **table; /* of quanta; those not written to are NULL */
	size_t size;  /* bytes: the end */
	void *(*get)(void);
	void (*put)(void *p);
};

static struct kmem_cache *cache;

static void *get_kmalloc(void)
{
	return kzalloc(quantum, GFP_KERNEL);
}

static void put_kmalloc(void *p)
{
	kfree(p);
}

static void *get_object(void)
{
	return kmem_cache_zalloc(cache, GFP_KERNEL);
}

static void put_object(void *p)
{
	kmem_cache_free(cache, p);
}

static void *get_pages(void)
{
	return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
}

static void put_pages(void *p)
{
	free_pages((unsigned long)p, order);
}

static void *get_vmalloc(void)
{
	return vzalloc(PAGE_SIZE << order);
}

static void put_vmalloc(void *p)
{
	vfree(p);
}

static struct scull devices[] = {
	{
		.misc = { .minor = MISC_DYNAMIC_MINOR, .name = "scullk" },
		.get = get_kmalloc,
		.put = put_kmalloc,
	},
	{
		.misc = { .minor = MISC_DYNAMIC_MINOR, .name = "scullc" },
		.get = get_object,
		.put = put_object,
	},
	{
		.misc = { .minor = MISC_DYNAMIC_MINOR, .name = "scullp" },
		.get = get_pages,
		.put = put_pages,
	},
	{
		.misc = { .minor = MISC_DYNAMIC_MINOR, .name = "scullv" },
		.get = get_vmalloc,
		.put = put_vmalloc,
	},
};

/* With the lock held, or alone. */
static void scull_empty(struct scull *dev)
{
	unsigned int i;

	for (i = 0; i < quanta; i++) {
		if (dev->table[i])
			dev->put(dev->table[i]);
		dev->table[i] = NULL;
	}
	dev->size = 0;
}

static int scull_open(struct inode *inode, struct file *file)
{
	struct scull *dev = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i].misc.minor == (int)iminor(inode))
			dev = &devices[i];
	if (!dev)
		return -ENODEV;
	file->private_data = dev;
	if ((file->f_flags & O_ACCMODE) == O_WRONLY) {
		if (mutex_lock_interruptible(&dev->lock))
			return -ERESTARTSYS;
		scull_empty(dev);
		mutex_unlock(&dev->lock);
	}
	return 0;
}

/* Up to the end of a quantum. */
static ssize_t scull_read(struct file *file, char __user *buf, size_t n,
			  loff_t *pos)
{
	struct scull *dev = file->private_data;
	size_t at, offset;
	ssize_t got = 0;

	if (mutex_lock_interruptible(&dev->lock))
		return -ERESTARTSYS;
	at = *pos;
	if (at >= dev->size)
		goto out;
	n = min(n, dev->size - at);
	offset = at % dev->quantum;
	n = min(n, dev->quantum - offset);
	got = -EFAULT;
	if (!dev->table[at / dev->quantum]) {
		if (clear_user(buf, n))
			goto out;
	} else if (copy_to_user(buf, dev->table[at / dev->quantum] + offset,
				n)) {
		goto out;
	}
	*pos += n;
	got = n;
out:
	mutex_unlock(&dev->lock);
	return got;
}

static ssize_t scull_write(struct file *file, const char __user *buf, size_t n,
			   loff_t *pos)
{
	struct scull *dev = file->private_data;
	size_t at, offset, i;
	ssize_t got;

	if (mutex_lock_interruptible(&dev->lock))
		return -ERESTARTSYS;
	at = *pos;
	i = at / dev->quantum;
	offset = at % dev->quantum;
	got = -ENOSPC;
	if (i >= quanta)
		goto out;
	got = -ENOMEM;
	if (!dev->table[i])
		dev->table[i] = dev->get();
	if (!dev->table[i])
		goto out;
	n = min(n, dev->quantum - offset);
	got = -EFAULT;
	if (copy_from_user(dev->table[i] + offset, buf, n))
		goto out;
	*pos += n;
	dev->size = max(dev->size, at + n);
	got = n;
out:
	mutex_unlock(&dev->lock);
	return got;
}

static loff_t scull_llseek(struct file *file, loff_t offset, int whence)
{
	struct scull *dev = file->private_data;

	if (whence == SEEK_END)
		offset += dev->size;
	else if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

static const struct file_operations scull_fops = {
	.owner = THIS_MODULE,
	.open = scull_open,
	.read = scull_read,
	.write = scull_write,
	.llseek = scull_llseek,
};

static void scull_end(struct scull *dev)
{
	misc_deregister(&dev->misc);
	scull_empty(dev);
	kfree(dev->table);
}

static int scull_begin(struct scull *dev)
{
	int bad;

	mutex_init(&dev->lock);
	dev->misc.fops = &scull_fops;
	dev->quantum = quantum;
	if (dev->get == get_pages || dev->get == get_vmalloc)
		dev->quantum = PAGE_SIZE << order;
	dev->table = kcalloc(quanta, sizeof(*dev->table), GFP_KERNEL);
	if (!dev->table)
		return -ENOMEM;
	bad = misc_register(&dev->misc);
	if (bad)
		kfree(dev->table);
	return bad;
}

static int __init scull_init(void)
{
	unsigned int i;
	int bad;

	if (!quantum || !quanta || order > 9)
		return -EINVAL;
	cache = kmem_cache_create("scullc", quantum, 0, SLAB_HWCACHE_ALIGN,
				  NULL);
	if (!cache)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		bad = scull_begin(&devices[i]);
		if (bad)
			goto out;
	}
	pr_info("scull: %u quanta of %u bytes, or of %lu\n", quanta, quantum,
		PAGE_SIZE << order);
	return 0;
out:
	while (i--)
		scull_end(&devices[i]);
	kmem_cache_destroy(cache);
	return bad;
}

static void __exit scull_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		scull_end(&devices[i]);
	kmem_cache_destroy(cache);
}

module_init(scull_init);
module_exit(scull_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("four devices that keep what is written to them");
