/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Files that modules make, and the side that opens them.
 *
 * A node is a name with operations.  The lock guards the list; it is not held
 * while a driver's functions run, so a module takes its nodes away before what
 * their functions use, as ever.
 */
#include "kernel/node.h"

#include <kmem/wait.h>
#include <linux/cdev.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned int lock;
static LIST_HEAD(nodes);

/* With the lock held. */
static struct kmem_node *node_of(const char *path)
{
	struct kmem_node *node;

	list_for_each_entry(node, &nodes, list)
		if (!strcmp(node->path, path))
			return node;
	return NULL;
}

int kmem_node_add(struct kmem_node *node)
{
	int bad = -EEXIST;

	kmem_word_lock(&lock);
	if (!node_of(node->path)) {
		list_add_tail(&node->list, &nodes);
		bad = 0;
	}
	kmem_word_unlock(&lock);
	return bad;
}

void kmem_node_del(struct kmem_node *node)
{
	kmem_word_lock(&lock);
	list_del(&node->list);
	kmem_word_unlock(&lock);
}

struct kmem_node *kmem_node_new(const char *folder, const char *name)
{
	struct kmem_node *node = calloc(1, sizeof(*node));
	size_t n = strlen(folder) + strlen(name) + 2;

	if (!node)
		return NULL;
	node->path = malloc(n);
	if (!node->path) {
		free(node);
		return NULL;
	}
	snprintf(node->path, n, "%s/%s", folder, name);
	INIT_LIST_HEAD(&node->folder);
	INIT_LIST_HEAD(&node->inside);
	return node;
}

void kmem_node_free(struct kmem_node *node)
{
	free(node->path);
	free(node);
}

/* 0 or -EACCES. */
static int allowed(umode_t mode, fmode_t wanted)
{
	if (wanted & FMODE_WRITE && !(mode & 0222))
		return -EACCES;
	if (wanted & FMODE_READ && !(mode & 0444))
		return -EACCES;
	return 0;
}

/* Fills the inode: 0 or -ENOENT, -EACCES. */
static int find(const char *path, struct inode *inode, fmode_t wanted)
{
	struct kmem_node *node;
	unsigned int major, minor;
	bool found;

	kmem_word_lock(&lock);
	node = node_of(path);
	found = node != NULL;
	if (found) {
		inode->i_private = node->data;
		inode->i_fop = node->fops;
		inode->i_rdev = node->dev;
		inode->i_mode = node->mode;
	}
	kmem_word_unlock(&lock);
	if (found)
		return allowed(inode->i_mode, wanted);
	if (sscanf(path, "/dev/%u:%u", &major, &minor) != 2)
		return -ENOENT;
	inode->i_rdev = MKDEV(major, minor);
	inode->i_cdev = kmem_cdev_of(inode->i_rdev);
	if (!inode->i_cdev)
		return -ENOENT;
	inode->i_fop = inode->i_cdev->ops;
	return 0;
}

static fmode_t mode_of(int flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return FMODE_READ;
	case O_WRONLY:
		return FMODE_WRITE;
	default:
		return FMODE_READ | FMODE_WRITE;
	}
}

/**
 * kmem_file_open() - opens a file that a module made
 * @path: "/dev/...", "/debug/..." or "/proc/..."
 * @flags: as open() takes them
 *
 * Context: May sleep.
 * Return: the file, or an ERR_PTR(): -ENOENT, -EACCES, -ENOMEM, or what the
 * module's own open() said.
 */
struct file *kmem_file_open(const char *path, int flags)
{
	struct file *file = calloc(1, sizeof(*file));
	int bad;

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->f_flags = (unsigned int)flags;
	file->f_mode = mode_of(flags);
	file->f_inode = &file->kmem_inode;
	file->kmem_dentry.d_inode = file->f_inode;
	file->f_path.dentry = &file->kmem_dentry;
	bad = find(path, file->f_inode, file->f_mode);
	if (!bad) {
		file->f_op = file->f_inode->i_fop;
		if (file->f_op->open)
			bad = file->f_op->open(file->f_inode, file);
	}
	if (!bad)
		return file;
	free(file);
	return ERR_PTR(bad);
}

/* By the one of the two that stands for the direction. */
static long by_iter(struct file *file, void *buf, size_t size,
		    unsigned int direction)
{
	struct kiocb iocb = { .ki_filp = file, .ki_pos = file->f_pos };
	struct iov_iter iter;
	long got;

	iov_iter_ubuf(&iter, direction, buf, size);
	if (direction == ITER_DEST)
		got = file->f_op->read_iter(&iocb, &iter);
	else
		got = file->f_op->write_iter(&iocb, &iter);
	if (got >= 0)
		file->f_pos = iocb.ki_pos;
	return got;
}

long kmem_file_read(struct file *file, void *buf, size_t size)
{
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!file->f_op->read && file->f_op->read_iter)
		return by_iter(file, buf, size, ITER_DEST);
	if (!file->f_op->read)
		return -EINVAL;
	return file->f_op->read(file, buf, size, &file->f_pos);
}

long kmem_file_write(struct file *file, const void *buf, size_t size)
{
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file->f_op->write && file->f_op->write_iter)
		return by_iter(file, (void *)(unsigned long)buf, size,
			       ITER_SOURCE);
	if (!file->f_op->write)
		return -EINVAL;
	return file->f_op->write(file, buf, size, &file->f_pos);
}

long long kmem_file_seek(struct file *file, long long offset, int whence)
{
	if (!file->f_op->llseek)
		return default_llseek(file, offset, whence);
	return file->f_op->llseek(file, offset, whence);
}

long kmem_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long got = -ENOTTY;

	if (file->f_op->unlocked_ioctl)
		got = file->f_op->unlocked_ioctl(file, cmd, arg);
	return got == -ENOIOCTLCMD ? -ENOTTY : got;
}

int kmem_file_close(struct file *file)
{
	int bad = 0;

	if (file->f_op->flush)
		bad = file->f_op->flush(file, NULL);
	if (file->f_op->release)
		file->f_op->release(file->f_inode, file);
	free(file);
	return bad;
}

loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	(void)file;
	(void)offset;
	(void)whence;
	return -ESPIPE;
}

/* Succeeds, and moves nothing. */
loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	(void)offset;
	(void)whence;
	return file->f_pos;
}

/* With the end known, or -EINVAL for SEEK_END: a negative size. */
static loff_t seek(struct file *file, loff_t offset, int whence, loff_t size)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence == SEEK_END && size >= 0)
		offset += size;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0 || (size >= 0 && offset > size))
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

loff_t default_llseek(struct file *file, loff_t offset, int whence)
{
	return seek(file, offset, whence, -1);
}

loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence,
			 loff_t size)
{
	return seek(file, offset, whence, size);
}

int simple_open(struct inode *inode, struct file *file)
{
	if (inode->i_private)
		file->private_data = inode->i_private;
	return 0;
}

int nonseekable_open(struct inode *inode, struct file *file)
{
	(void)inode;
	(void)file;
	return 0;
}

/* Of n bytes from *pos on, those that lie in size: none at its end. */
static size_t inside(loff_t pos, size_t n, size_t size)
{
	if ((size_t)pos >= size)
		return 0;
	return min(n, size - (size_t)pos);
}

/* All but left of n bytes were copied. */
static ssize_t copied(loff_t *pos, size_t n, size_t left)
{
	if (n && left == n)
		return -EFAULT;
	*pos += (loff_t)(n - left);
	return (ssize_t)(n - left);
}

ssize_t simple_read_from_buffer(void __user *to, size_t n, loff_t *pos,
				const void *from, size_t size)
{
	if (*pos < 0)
		return -EINVAL;
	n = inside(*pos, n, size);
	if (!n)
		return 0;
	return copied(pos, n, copy_to_user(to, (const char *)from + *pos, n));
}

ssize_t simple_write_to_buffer(void *to, size_t size, loff_t *pos,
			       const void __user *from, size_t n)
{
	if (*pos < 0)
		return -EINVAL;
	n = inside(*pos, n, size);
	if (!n)
		return 0;
	return copied(pos, n, copy_from_user((char *)to + *pos, from, n));
}
