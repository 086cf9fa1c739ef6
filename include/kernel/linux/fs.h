/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Files of drivers, as far as their own functions go: open, read, write, ioctl,
 * llseek, release.  <kmem/module.h> has the side that calls them.
 */
#include_next <linux/fs.h>

#ifndef KMEM_KERNEL_FS_H
#define KMEM_KERNEL_FS_H

#include <linux/bug.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <fcntl.h>

struct module;
struct cdev;
struct file;
struct inode;
struct vm_area_struct;

#define FMODE_READ ((fmode_t)0x1)
#define FMODE_WRITE ((fmode_t)0x2)

struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read)(struct file *file, char __user *buf, size_t n,
			loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t n,
			 loff_t *pos);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	long (*compat_ioctl)(struct file *file, unsigned int cmd,
			     unsigned long arg);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file, void *owner);
	int (*release)(struct inode *inode, struct file *file);
};

struct inode {
	umode_t i_mode;
	dev_t i_rdev;
	loff_t i_size;
	void *i_private;
	struct cdev *i_cdev;
	const struct file_operations *i_fop;
};

struct file {
	const struct file_operations *f_op;
	struct inode *f_inode;
	void *private_data;
	loff_t f_pos;
	unsigned int f_flags;
	fmode_t f_mode;
	struct inode kmem_inode;
};

KMEM_EXTERN_C_BEGIN

int register_chrdev_region(dev_t first, unsigned int count, const char *name)
	KMEM_KERNEL(register_chrdev_region);
int alloc_chrdev_region(dev_t *dev, unsigned int minor, unsigned int count,
			const char *name) KMEM_KERNEL(alloc_chrdev_region);
void unregister_chrdev_region(dev_t first, unsigned int count)
	KMEM_KERNEL(unregister_chrdev_region);

/* For the operations of that name. */
loff_t no_llseek(struct file *file, loff_t offset, int whence)
	KMEM_KERNEL(no_llseek);
loff_t default_llseek(struct file *file, loff_t offset, int whence)
	KMEM_KERNEL(default_llseek);
loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence,
			 loff_t size) KMEM_KERNEL(fixed_size_llseek);
int simple_open(struct inode *inode, struct file *file)
	KMEM_KERNEL(simple_open);
int nonseekable_open(struct inode *inode, struct file *file)
	KMEM_KERNEL(nonseekable_open);
ssize_t simple_read_from_buffer(void __user *to, size_t n, loff_t *pos,
				const void *from, size_t size)
	KMEM_KERNEL(simple_read_from_buffer);
ssize_t simple_write_to_buffer(void *to, size_t size, loff_t *pos,
			       const void __user *from, size_t n)
	KMEM_KERNEL(simple_write_to_buffer);

KMEM_EXTERN_C_END

#define noop_llseek default_llseek

static inline unsigned int iminor(const struct inode *inode)
{
	return MINOR(inode->i_rdev);
}

static inline unsigned int imajor(const struct inode *inode)
{
	return MAJOR(inode->i_rdev);
}

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

#endif
