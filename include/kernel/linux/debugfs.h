/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Files for those who look into a driver, below /debug of kmem_file_open().
 */
#ifndef KMEM_KERNEL_DEBUGFS_H
#define KMEM_KERNEL_DEBUGFS_H

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/seq_file.h>

struct dentry;

KMEM_EXTERN_C_BEGIN

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
	KMEM_KERNEL(debugfs_create_dir);
struct dentry *debugfs_create_file(const char *name, umode_t mode,
				   struct dentry *parent, void *data,
				   const struct file_operations *fops)
	KMEM_KERNEL(debugfs_create_file);
void debugfs_create_u32(const char *name, umode_t mode, struct dentry *parent,
			u32 *value) KMEM_KERNEL(debugfs_create_u32);
void debugfs_create_u64(const char *name, umode_t mode, struct dentry *parent,
			u64 *value) KMEM_KERNEL(debugfs_create_u64);
/* With all that is in it; NULL and errors do nothing. */
void debugfs_remove(struct dentry *dentry) KMEM_KERNEL(debugfs_remove);

KMEM_EXTERN_C_END

#define debugfs_remove_recursive(dentry) debugfs_remove(dentry)

#endif
