/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A driver's source, and the program that runs it, in one file. */
#define KBUILD_MODNAME "driver"
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

static DEFINE_SPINLOCK(lock);
static char *text;

static ssize_t show(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	(void)file;
	return simple_read_from_buffer(buf, n, pos, text, strlen(text));
}

static const struct file_operations fops = { .owner = THIS_MODULE,
					     .read = show };
static struct miscdevice misc = { .minor = MISC_DYNAMIC_MINOR,
				  .name = "driver",
				  .fops = &fops };

static int __init begin(void)
{
	spin_lock(&lock);
	text = kasprintf(GFP_ATOMIC, "%s of %lu bytes\n", "a page", PAGE_SIZE);
	spin_unlock(&lock);
	return text ? misc_register(&misc) : -ENOMEM;
}

static void __exit end(void)
{
	misc_deregister(&misc);
	kfree(text);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("Dual MIT/GPL");

int main(void)
{
	char buf[64] = "";
	struct file *file;

	if (kmem_modules_init())
		return 1;
	file = kmem_file_open("/dev/driver", O_RDONLY);
	if (IS_ERR(file) || kmem_file_read(file, buf, sizeof(buf)) != 21)
		return 2;
	kmem_file_close(file);
	kmem_modules_exit();
	return strcmp(buf, "a page of 4096 bytes\n") != 0;
}
