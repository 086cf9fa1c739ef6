/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Character devices.
 */
#ifndef KMEM_KERNEL_CDEV_H
#define KMEM_KERNEL_CDEV_H

#include <linux/fs.h>

struct cdev {
	struct module *owner;
	const struct file_operations *ops;
	dev_t dev;
	unsigned int count;
	bool kmem_allocated;
	struct list_head list;
};

KMEM_EXTERN_C_BEGIN

void cdev_init(struct cdev *cdev, const struct file_operations *ops)
	KMEM_KERNEL(cdev_init);
struct cdev *cdev_alloc(void) KMEM_KERNEL(cdev_alloc);
int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count)
	KMEM_KERNEL(cdev_add);
void cdev_del(struct cdev *cdev) KMEM_KERNEL(cdev_del);

KMEM_EXTERN_C_END

#endif
