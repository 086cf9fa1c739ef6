/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Texts made when they are read, anew whenever their beginning is. */
#include <linux/err.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <stdlib.h>

#define FIRST_SIZE 1024

static int open_with(struct file *file, const struct seq_operations *op,
		     int (*show)(struct seq_file *m, void *v), void *data)
{
	struct seq_file *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->op = op;
	m->show = show;
	m->private = data;
	file->private_data = m;
	return 0;
}

int seq_open(struct file *file, const struct seq_operations *op)
{
	return open_with(file, op, NULL, NULL);
}

int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data)
{
	return open_with(file, NULL, show, data);
}

int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	(void)inode;
	free(m->buf);
	free(m);
	return 0;
}

int single_release(struct inode *inode, struct file *file)
{
	return seq_release(inode, file);
}

/* Room for n bytes more: false, and the text is bad, without memory. */
static bool more(struct seq_file *m, size_t n)
{
	size_t size = m->size ? m->size : FIRST_SIZE;
	char *buf;

	if (m->error)
		return false;
	while (size - m->count < n)
		size *= 2;
	if (size == m->size)
		return true;
	buf = realloc(m->buf, size);
	if (!buf) {
		m->error = -ENOMEM;
		return false;
	}
	m->buf = buf;
	m->size = size;
	return true;
}

int seq_write(struct seq_file *m, const void *data, size_t n)
{
	if (!more(m, n))
		return -1;
	memcpy(m->buf + m->count, data, n);
	m->count += n;
	return 0;
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

void seq_vprintf(struct seq_file *m, const char *fmt, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n >= 0 && more(m, (size_t)n + 1))
		m->count += (size_t)vsnprintf(m->buf + m->count, (size_t)n + 1,
					      fmt, again);
	va_end(again);
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	seq_vprintf(m, fmt, args);
	va_end(args);
}

struct list_head *seq_list_start(struct list_head *head, loff_t pos)
{
	struct list_head *p;

	list_for_each(p, head)
		if (pos-- == 0)
			return p;
	return NULL;
}

struct list_head *seq_list_next(void *v, struct list_head *head, loff_t *pos)
{
	struct list_head *p = v;

	++*pos;
	return p->next == head ? NULL : p->next;
}

/* What show() wrote of a record that it then skips is taken back. */
static int show_one(struct seq_file *m, void *v)
{
	size_t before = m->count;
	int got = m->op->show(m, v);

	if (got)
		m->count = before;
	return got < 0 ? got : 0;
}

static int walk(struct seq_file *m)
{
	loff_t pos = 0;
	void *v = m->op->start(m, &pos);
	int bad = 0;

	while (v && !IS_ERR(v) && !bad) {
		bad = show_one(m, v);
		if (!bad)
			v = m->op->next(m, v, &pos);
	}
	m->op->stop(m, v);
	return IS_ERR(v) ? (int)PTR_ERR(v) : bad;
}

static int make(struct seq_file *m)
{
	int bad;

	m->count = 0;
	m->error = 0;
	bad = m->op ? walk(m) : m->show(m, NULL);
	if (!bad)
		bad = m->error;
	m->made = !bad;
	return bad;
}

ssize_t seq_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	ssize_t got;

	mutex_lock(&m->lock);
	got = *pos == 0 || !m->made ? make(m) : 0;
	if (!got)
		got = simple_read_from_buffer(buf, n, pos, m->buf, m->count);
	mutex_unlock(&m->lock);
	return got;
}

loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	return default_llseek(file, offset, whence);
}
