/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Files below /proc of kmem_file_open().
 */
#ifndef KMEM_KERNEL_PROC_FS_H
#define KMEM_KERNEL_PROC_FS_H

#include <linux/fs.h>
#include <linux/seq_file.h>

struct proc_dir_entry;

struct proc_ops {
	int (*proc_open)(struct inode *inode, struct file *file);
	ssize_t (*proc_read)(struct file *file, char __user *buf, size_t n,
			     loff_t *pos);
	ssize_t (*proc_write)(struct file *file, const char __user *buf,
			      size_t n, loff_t *pos);
	loff_t (*proc_lseek)(struct file *file, loff_t offset, int whence);
	int (*proc_release)(struct inode *inode, struct file *file);
	long (*proc_ioctl)(struct file *file, unsigned int cmd,
			   unsigned long arg);
	int (*proc_mmap)(struct file *file, struct vm_area_struct *vma);
	/* Not called: nothing here waits for a file or places a mapping. */
	__poll_t (*proc_poll)(struct file *file,
			      struct poll_table_struct *table);
	unsigned long (*proc_get_unmapped_area)(struct file *file,
						unsigned long address,
						unsigned long length,
						unsigned long pgoff,
						unsigned long flags);
};

KMEM_EXTERN_C_BEGIN

struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
					struct proc_dir_entry *parent,
					const struct proc_ops *ops, void *data)
	KMEM_KERNEL(proc_create_data);
struct proc_dir_entry *proc_create_single(const char *name, umode_t mode,
					  struct proc_dir_entry *parent,
					  int (*show)(struct seq_file *m,
						      void *v))
	KMEM_KERNEL(proc_create_single);
/* Of the top folder, which is the only one. */
void remove_proc_entry(const char *name, struct proc_dir_entry *parent)
	KMEM_KERNEL(remove_proc_entry);

KMEM_EXTERN_C_END

#define pde_data(inode) ((inode)->i_private)
#define proc_create(name, mode, parent, ops) \
	proc_create_data(name, mode, parent, ops, NULL)

#endif
