/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Character devices: their numbers, and who has them. */
#include "kernel/node.h"

#include <kmem/wait.h>
#include <linux/cdev.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/string.h>
#include <errno.h>
#include <stdlib.h>

#define DYNAMIC_MAJOR 511
#define MISC_MAJOR 10
#define MISC_DYNAMIC 1048575

struct region {
	struct list_head list;
	dev_t first;
	unsigned int count;
};

/* Of both lists. */
static unsigned int lock;
static LIST_HEAD(regions);
static LIST_HEAD(cdevs);

/* With the lock held. */
static bool is_free(dev_t first, unsigned int count)
{
	struct region *r;

	list_for_each_entry(r, &regions, list)
		if (first < r->first + r->count && r->first < first + count)
			return false;
	return true;
}

static int claim(dev_t first, unsigned int count)
{
	struct region *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->first = first;
	r->count = count;
	list_add_tail(&r->list, &regions);
	return 0;
}

int register_chrdev_region(dev_t first, unsigned int count, const char *name)
{
	int bad;

	(void)name;
	kmem_word_lock(&lock);
	bad = is_free(first, count) ? claim(first, count) : -EBUSY;
	kmem_word_unlock(&lock);
	return bad;
}

int alloc_chrdev_region(dev_t *dev, unsigned int minor, unsigned int count,
			const char *name)
{
	unsigned int major;
	int bad = -EBUSY;

	(void)name;
	kmem_word_lock(&lock);
	for (major = DYNAMIC_MAJOR; bad == -EBUSY && major > MISC_MAJOR;
	     major--) {
		if (!is_free(MKDEV(major, 0), MINORMASK))
			continue;
		bad = claim(MKDEV(major, minor), count);
		if (!bad)
			*dev = MKDEV(major, minor);
	}
	kmem_word_unlock(&lock);
	return bad;
}

void unregister_chrdev_region(dev_t first, unsigned int count)
{
	struct region *r, *n;

	kmem_word_lock(&lock);
	list_for_each_entry_safe(r, n, &regions, list)
		if (r->first == first && r->count == count) {
			list_del(&r->list);
			free(r);
		}
	kmem_word_unlock(&lock);
}

/* With the lock held: the first that has one of these numbers. */
static struct cdev *cdev_in(dev_t first, unsigned int count)
{
	struct cdev *cdev;

	list_for_each_entry(cdev, &cdevs, list)
		if (first < cdev->dev + cdev->count &&
		    cdev->dev < first + count)
			return cdev;
	return NULL;
}

struct cdev *kmem_cdev_of(dev_t dev)
{
	struct cdev *cdev;

	kmem_word_lock(&lock);
	cdev = cdev_in(dev, 1);
	kmem_word_unlock(&lock);
	return cdev;
}

void cdev_init(struct cdev *cdev, const struct file_operations *ops)
{
	memset(cdev, 0, sizeof(*cdev));
	INIT_LIST_HEAD(&cdev->list);
	cdev->ops = ops;
}

struct cdev *cdev_alloc(void)
{
	struct cdev *cdev = calloc(1, sizeof(*cdev));

	if (cdev) {
		INIT_LIST_HEAD(&cdev->list);
		cdev->kmem_allocated = true;
	}
	return cdev;
}

int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count)
{
	int bad = -EBUSY;

	kmem_word_lock(&lock);
	if (!cdev_in(dev, count)) {
		cdev->dev = dev;
		cdev->count = count;
		list_add_tail(&cdev->list, &cdevs);
		bad = 0;
	}
	kmem_word_unlock(&lock);
	return bad;
}

void cdev_del(struct cdev *cdev)
{
	kmem_word_lock(&lock);
	list_del_init(&cdev->list);
	kmem_word_unlock(&lock);
	if (cdev->kmem_allocated)
		free(cdev);
}

/* The node hangs on the list head of the struct, which is the library's. */
int misc_register(struct miscdevice *misc)
{
	static int dynamic = MISC_DYNAMIC;
	struct kmem_node *node = kmem_node_new("/dev", misc->name);
	int bad;

	if (!node)
		return -ENOMEM;
	if (misc->minor == MISC_DYNAMIC_MINOR)
		misc->minor = __atomic_fetch_sub(&dynamic, 1, __ATOMIC_RELAXED);
	node->fops = misc->fops;
	node->dev = MKDEV(MISC_MAJOR, (unsigned int)misc->minor);
	node->mode = misc->mode ? misc->mode : 0666;
	node->data = misc;
	bad = kmem_node_add(node);
	if (bad) {
		kmem_node_free(node);
		return bad;
	}
	misc->list.next = &node->list;
	return 0;
}

void misc_deregister(struct miscdevice *misc)
{
	struct kmem_node *node =
		list_entry(misc->list.next, struct kmem_node, list);

	misc->list.next = NULL;
	kmem_node_del(node);
	kmem_node_free(node);
}
