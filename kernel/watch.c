/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Files for those who look on: below /debug, and /proc. */
#include "kernel/node.h"

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/uaccess.h>
#include <stdlib.h>

/* One change at a time of who is in which folder. */
static DEFINE_MUTEX(lock);

/* What the pointers that callers have point to. */
static struct kmem_node *node_of(void *entry)
{
	return IS_ERR_OR_NULL(entry) ? NULL : entry;
}

/* Listed, or an ERR_PTR(). */
static struct kmem_node *create(const char *folder, const char *name,
				umode_t mode, void *data,
				const struct file_operations *fops)
{
	struct kmem_node *node = kmem_node_new(folder, name);
	int bad;

	if (!node)
		return ERR_PTR(-ENOMEM);
	node->mode = mode;
	node->data = data;
	node->fops = fops;
	bad = kmem_node_add(node);
	if (!bad)
		return node;
	kmem_node_free(node);
	return ERR_PTR(bad);
}

struct dentry *debugfs_create_file(const char *name, umode_t mode,
				   struct dentry *parent, void *data,
				   const struct file_operations *fops)
{
	struct kmem_node *folder = node_of(parent), *node;

	if (IS_ERR(parent))
		return parent;
	node = create(folder ? folder->path : "/debug", name, mode, data, fops);
	if (folder && !IS_ERR(node)) {
		mutex_lock(&lock);
		list_add_tail(&node->folder, &folder->inside);
		mutex_unlock(&lock);
	}
	return (struct dentry *)node;
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	static const struct file_operations none;

	return debugfs_create_file(name, 0, parent, NULL, &none);
}

/* With the lock held: what is in it goes first, from the deepest folder on. */
static void remove_all(struct kmem_node *top)
{
	struct kmem_node *node = top, *folder;

	for (;;) {
		while (!list_empty(&node->inside)) {
			folder = node;
			node = list_first_entry(&node->inside, struct kmem_node,
						folder);
			node->data = folder;
		}
		folder = node == top ? NULL : node->data;
		list_del(&node->folder);
		kmem_node_del(node);
		kmem_node_free(node);
		if (!folder)
			return;
		node = folder;
	}
}

void debugfs_remove(struct dentry *dentry)
{
	struct kmem_node *node = node_of(dentry);

	if (!node)
		return;
	mutex_lock(&lock);
	remove_all(node);
	mutex_unlock(&lock);
}

#define NUMBER_FILE(type, fmt, parse)                                          \
	static int type##_show(struct seq_file *m, void *v)                    \
	{                                                                      \
		(void)v;                                                       \
		seq_printf(m, fmt "\n", READ_ONCE(*(type *)m->private));       \
		return 0;                                                      \
	}                                                                      \
	static int type##_open(struct inode *inode, struct file *file)         \
	{                                                                      \
		return single_open(file, type##_show, inode->i_private);       \
	}                                                                      \
	static ssize_t type##_write(struct file *file, const char __user *buf, \
				    size_t n, loff_t *pos)                     \
	{                                                                      \
		struct seq_file *m = file->private_data;                       \
		char text[32] = "";                                            \
		type value;                                                    \
		int bad;                                                       \
                                                                               \
		(void)pos;                                                     \
		if (n >= sizeof(text))                                         \
			return -EINVAL;                                        \
		if (copy_from_user(text, buf, n))                              \
			return -EFAULT;                                        \
		bad = parse(text, 0, &value);                                  \
		if (bad)                                                       \
			return bad;                                            \
		WRITE_ONCE(*(type *)m->private, value);                        \
		return (ssize_t)n;                                             \
	}                                                                      \
	static const struct file_operations type##_fops = {                    \
		.open = type##_open,                                           \
		.read = seq_read,                                              \
		.write = type##_write,                                         \
		.llseek = seq_lseek,                                           \
		.release = single_release,                                     \
	}

NUMBER_FILE(u32, "%u", kstrtouint);
NUMBER_FILE(u64, "%llu", kstrtoull);

void debugfs_create_u32(const char *name, umode_t mode, struct dentry *parent,
			u32 *value)
{
	debugfs_create_file(name, mode, parent, value, &u32_fops);
}

void debugfs_create_u64(const char *name, umode_t mode, struct dentry *parent,
			u64 *value)
{
	debugfs_create_file(name, mode, parent, value, &u64_fops);
}

/* A file below /proc, with its operations in the form of the others. */
struct proc_file {
	struct list_head list;
	struct kmem_node *node;
	struct file_operations fops;
};

static LIST_HEAD(proc_files);

struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
					struct proc_dir_entry *parent,
					const struct proc_ops *ops, void *data)
{
	struct proc_file *p = calloc(1, sizeof(*p));

	if (WARN(parent, "there are no folders in /proc\n") || !p) {
		free(p);
		return NULL;
	}
	p->fops.open = ops->proc_open;
	p->fops.read = ops->proc_read;
	p->fops.write = ops->proc_write;
	p->fops.llseek = ops->proc_lseek;
	p->fops.release = ops->proc_release;
	p->fops.unlocked_ioctl = ops->proc_ioctl;
	p->fops.mmap = ops->proc_mmap;
	p->node = create("/proc", name, mode ? mode : 0444, data, &p->fops);
	if (IS_ERR(p->node)) {
		free(p);
		return NULL;
	}
	mutex_lock(&lock);
	list_add_tail(&p->list, &proc_files);
	mutex_unlock(&lock);
	return (struct proc_dir_entry *)p->node;
}

typedef int show_t(struct seq_file *m, void *v);

static int open_single(struct inode *inode, struct file *file)
{
	return single_open(file, (show_t *)inode->i_private, NULL);
}

struct proc_dir_entry *proc_create_single(const char *name, umode_t mode,
					  struct proc_dir_entry *parent,
					  int (*show)(struct seq_file *m,
						      void *v))
{
	const struct proc_ops ops = {
		.proc_open = open_single,
		.proc_read = seq_read,
		.proc_lseek = seq_lseek,
		.proc_release = single_release,
	};

	return proc_create_data(name, mode, parent, &ops, (void *)show);
}

void remove_proc_entry(const char *name, struct proc_dir_entry *parent)
{
	struct proc_file *p, *n;

	(void)parent;
	mutex_lock(&lock);
	list_for_each_entry_safe(p, n, &proc_files, list)
		if (!strcmp(kbasename(p->node->path), name)) {
			list_del(&p->list);
			kmem_node_del(p->node);
			kmem_node_free(p->node);
			free(p);
		}
	mutex_unlock(&lock);
}
