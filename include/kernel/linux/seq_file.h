/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Files of text that are made when they are read.  The text is made whole, by
 * one walk over the records.
 */
#ifndef KMEM_KERNEL_SEQ_FILE_H
#define KMEM_KERNEL_SEQ_FILE_H

#include <linux/fs.h>
#include <stdarg.h>

struct seq_file;

struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *pos);
	int (*show)(struct seq_file *m, void *v);
};

struct seq_file {
	char *buf;
	size_t size;  /* bytes of buf */
	size_t count; /* of them in use */
#if defined(__cplusplus)
	void *private_;
#else
	void *private;
#endif
	const struct seq_operations *op;
	int (*show)(struct seq_file *m, void *v);
	bool made;
	int error;
	struct mutex lock;
};

KMEM_EXTERN_C_BEGIN

int seq_open(struct file *file, const struct seq_operations *op)
	KMEM_KERNEL(seq_open);
int seq_release(struct inode *inode, struct file *file)
	KMEM_KERNEL(seq_release);
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data) KMEM_KERNEL(single_open);
int single_release(struct inode *inode, struct file *file)
	KMEM_KERNEL(single_release);
ssize_t seq_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
	KMEM_KERNEL(seq_read);
loff_t seq_lseek(struct file *file, loff_t offset, int whence)
	KMEM_KERNEL(seq_lseek);

void seq_printf(struct seq_file *m, const char *fmt, ...)
	KMEM_KERNEL(seq_printf) __attribute__((format(printf, 2, 3)));
void seq_vprintf(struct seq_file *m, const char *fmt, va_list args)
	KMEM_KERNEL(seq_vprintf) __attribute__((format(printf, 2, 0)));
void seq_puts(struct seq_file *m, const char *s) KMEM_KERNEL(seq_puts);
void seq_putc(struct seq_file *m, char c) KMEM_KERNEL(seq_putc);
int seq_write(struct seq_file *m, const void *data, size_t n)
	KMEM_KERNEL(seq_write);

struct list_head *seq_list_start(struct list_head *head, loff_t pos)
	KMEM_KERNEL(seq_list_start);
struct list_head *seq_list_next(void *v, struct list_head *head, loff_t *pos)
	KMEM_KERNEL(seq_list_next);

KMEM_EXTERN_C_END

#define SEQ_START_TOKEN ((void *)1)
#define SEQ_SKIP 1

#define DEFINE_SHOW_ATTRIBUTE(name)                                      \
	static int name##_open(struct inode *inode, struct file *file)   \
	{                                                                \
		return single_open(file, name##_show, inode->i_private); \
	}                                                                \
	static const struct file_operations name##_fops = {              \
		.owner = 0,                                              \
		.llseek = seq_lseek,                                     \
		.read = seq_read,                                        \
		.open = name##_open,                                     \
		.release = single_release,                               \
	}

#endif
