/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What test_torture.py runs for a fault that it must find: a device that keeps
 * what is written to it in quanta of a cache.  scull_follow() fills an entry of
 * its list without a look at whether there is one; all else is checked.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include <errno.h>
#include <string.h>

#define QUANTUM 4000
#define QSET 8

struct scull_qset {
	void **data;
	struct scull_qset *next;
};

struct scull_dev {
	struct scull_qset *data;
	struct kmem_cache *cache;
	size_t size;
};

static struct scull_qset *scull_follow(struct scull_dev *dev, int n)
{
	struct scull_qset **at = &dev->data;

	for (;; n--) {
		if (!*at) {
			*at = kmalloc(sizeof(**at), GFP_KERNEL);
			memset(*at, 0, sizeof(**at)); /* the fault */
		}
		if (!n)
			return *at;
		at = &(*at)->next;
	}
}

static long scull_write(struct scull_dev *dev, const char *buf, size_t count)
{
	size_t item = dev->size / (QUANTUM * QSET);
	size_t slot = dev->size / QUANTUM % QSET;
	struct scull_qset *qset = scull_follow(dev, (int)item);

	if (!qset->data)
		qset->data = kcalloc(QSET, sizeof(*qset->data), GFP_KERNEL);
	if (!qset->data)
		return -ENOMEM;
	if (!qset->data[slot])
		qset->data[slot] = kmem_cache_alloc(dev->cache, GFP_KERNEL);
	if (!qset->data[slot])
		return -ENOMEM;
	if (count > QUANTUM)
		count = QUANTUM;
	memcpy(qset->data[slot], buf, count);
	dev->size += QUANTUM;
	return (long)count;
}

static void scull_trim(struct scull_dev *dev)
{
	struct scull_qset *qset, *next;

	for (qset = dev->data; qset; qset = next) {
		for (int i = 0; qset->data && i < QSET; i++)
			if (qset->data[i])
				kmem_cache_free(dev->cache, qset->data[i]);
		next = qset->next;
		kfree(qset->data);
		kfree(qset);
	}
	dev->data = NULL;
}

int main(void)
{
	static const char text[QUANTUM];
	struct scull_dev dev = { 0 };
	int status = 0;

	dev.cache = kmem_cache_create("scullc", QUANTUM, 0, 0, NULL);
	if (!dev.cache)
		return 1;
	for (int i = 0; i < 2 * QSET && !status; i++)
		if (scull_write(&dev, text, sizeof(text)) < 0)
			status = 1;
	scull_trim(&dev);
	kmem_cache_destroy(dev.cache);
	return status;
}
