/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Files of drivers, as far as their own functions go: open, read, write, ioctl,
 * llseek, mmap, release.  <kmem/module.h> has the side that calls them.
 */
#include_next <linux/fs.h>

#ifndef KMEM_KERNEL_FS_H
#define KMEM_KERNEL_FS_H

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct module;
struct cdev;
struct file;
struct inode;
struct iov_iter;
struct kiocb;
struct poll_table_struct;
struct vm_area_struct;

#define READ 0
#define WRITE 1

#define FMODE_READ ((fmode_t)0x1)
#define FMODE_WRITE ((fmode_t)0x2)

struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read)(struct file *file, char __user *buf, size_t n,
			loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t n,
			 loff_t *pos);
	ssize_t (*read_iter)(struct kiocb *iocb, struct iov_iter *to);
	ssize_t (*write_iter)(struct kiocb *iocb, struct iov_iter *from);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	long (*compat_ioctl)(struct file *file, unsigned int cmd,
			     unsigned long arg);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file, void *owner);
	int (*release)(struct inode *inode, struct file *file);
	/* Not called: nothing here waits for a file or places a mapping. */
	__poll_t (*poll)(struct file *file, struct poll_table_struct *table);
	int (*fasync)(int fd, struct file *file, int on);
	unsigned long (*get_unmapped_area)(struct file *file,
					   unsigned long address,
					   unsigned long length,
					   unsigned long pgoff,
					   unsigned long flags);
};

struct inode {
	umode_t i_mode;
	dev_t i_rdev;
	loff_t i_size;
	void *i_private;
	struct cdev *i_cdev;
	const struct file_operations *i_fop;
};

struct dentry {
	struct inode *d_inode;
};

struct path {
	struct dentry *dentry;
};

struct file {
	const struct file_operations *f_op;
	struct inode *f_inode;
	void *private_data;
	loff_t f_pos;
	unsigned int f_flags;
	fmode_t f_mode;
	struct path f_path;
	struct inode kmem_inode;
	struct dentry kmem_dentry;
};

/* A read or a write; none goes on after its call has returned. */
struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	void (*ki_complete)(struct kiocb *iocb, long got);
#if defined(__cplusplus)
	void *private_;
#else
	void *private;
#endif
	int ki_flags;
};

/* By way of a page cache, which no file has here. */
static inline ssize_t generic_file_read_iter(struct kiocb *iocb,
					     struct iov_iter *to)
{
	(void)iocb;
	(void)to;
	return -EINVAL;
}

static inline ssize_t generic_file_write_iter(struct kiocb *iocb,
					      struct iov_iter *from)
{
	(void)iocb;
	(void)from;
	return -EINVAL;
}

static inline bool is_sync_kiocb(const struct kiocb *iocb)
{
	return !iocb->ki_complete;
}

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
loff_t noop_llseek(struct file *file, loff_t offset, int whence)
	KMEM_KERNEL(noop_llseek);
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
