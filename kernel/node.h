/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A file of a module, for the files of this folder. */
#ifndef KERNEL_NODE_H
#define KERNEL_NODE_H

#include <linux/fs.h>

struct kmem_node {
	struct list_head list;
	char *path;
	const struct file_operations *fops;
	dev_t dev;
	umode_t mode;
	void *data;
	/* watch.c: the folder it is in, and what is in it. */
	struct list_head folder;
	struct list_head inside;
};

/* file.c */
/* Not listed yet; NULL without memory. */
struct kmem_node *kmem_node_new(const char *folder, const char *name);
void kmem_node_free(struct kmem_node *node);
/* 0 or -EEXIST. */
int kmem_node_add(struct kmem_node *node);
void kmem_node_del(struct kmem_node *node);

/* chardev.c */
struct cdev *kmem_cdev_of(dev_t dev);

#endif
