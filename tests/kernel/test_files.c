/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Modules, their parameters, and the files that they make. */
#define KBUILD_MODNAME "files"
#include "kunit/test.h"

#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static int size = 16;
static bool quiet;
static char *label;
module_param(size, int, 0444);
module_param_named(silent, quiet, bool, 0644);
module_param(label, charp, 0);
MODULE_PARM_DESC(size, "bytes of the device");
MODULE_LICENSE("Dual MIT/GPL");

static char *store;
static int opened;

static int device_open(struct inode *inode, struct file *file)
{
	(void)inode;
	file->private_data = store;
	opened++;
	return 0;
}

static int device_release(struct inode *inode, struct file *file)
{
	(void)inode;
	(void)file;
	opened--;
	return 0;
}

static ssize_t device_read(struct file *file, char __user *buf, size_t n,
			   loff_t *pos)
{
	return simple_read_from_buffer(buf, n, pos, file->private_data,
				       (size_t)size);
}

static ssize_t device_write(struct file *file, const char __user *buf, size_t n,
			    loff_t *pos)
{
	return simple_write_to_buffer(file->private_data, (size_t)size, pos,
				      buf, n);
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	int value;

	(void)file;
	if (cmd != 1)
		return -ENOIOCTLCMD;
	if (get_user(value, (int __user *)arg))
		return -EFAULT;
	return put_user(value + 1, (int __user *)arg);
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.write = device_write,
	.unlocked_ioctl = device_ioctl,
	.llseek = default_llseek,
};

static struct miscdevice misc = { MISC_DYNAMIC_MINOR,
				  "store",
				  &fops,
				  { 0, 0 },
				  0 };
static struct cdev cdev;
static dev_t dev;

static int __init begin(void)
{
	int bad;

	store = kzalloc((size_t)size, GFP_KERNEL);
	if (!store)
		return -ENOMEM;
	bad = misc_register(&misc);
	if (bad)
		goto out_free;
	bad = alloc_chrdev_region(&dev, 0, 2, "store");
	if (bad)
		goto out_misc;
	cdev_init(&cdev, &fops);
	bad = cdev_add(&cdev, dev, 2);
	if (!bad)
		return 0;
	unregister_chrdev_region(dev, 2);
out_misc:
	misc_deregister(&misc);
out_free:
	kfree(store);
	return bad;
}

static void __exit end(void)
{
	cdev_del(&cdev);
	unregister_chrdev_region(dev, 2);
	misc_deregister(&misc);
	kfree(store);
}

module_init(begin);
module_exit(end);

static void parameters_are_set(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, kmem_module_param("files", "size", "32"), 0);
	KUNIT_EXPECT_EQ(test, size, 32);
	KUNIT_EXPECT_EQ(test, kmem_module_param("files", "silent", "Y"), 0);
	KUNIT_EXPECT_TRUE(test, quiet);
	KUNIT_EXPECT_EQ(test, kmem_module_param("files", "label", "x"), 0);
	KUNIT_EXPECT_STREQ(test, label, "x");
	KUNIT_EXPECT_EQ(test, kmem_module_param("files", "size", "many"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, kmem_module_param("files", "quiet", "1"),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, kmem_module_param("other", "size", "1"), -ENOENT);
	KUNIT_EXPECT_EQ(test, size, 32);
}

static void a_device_is_read_and_written(struct kunit *test)
{
	struct file *file;
	char path[32], buf[40];
	int value = 41;

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	KUNIT_EXPECT_TRUE(test, THIS_MODULE->live);
	file = kmem_file_open("/dev/store", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, opened, 1);
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, "hello", 5), 5l);
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, NULL, 5), (long)-EFAULT);
	KUNIT_EXPECT_EQ(test, kmem_file_seek(file, 1, SEEK_SET), 1ll);
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, buf, sizeof(buf)),
			(long)size - 1);
	KUNIT_EXPECT_STREQ(test, buf, "ello");
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, buf, sizeof(buf)), 0l);
	KUNIT_EXPECT_EQ(test, kmem_file_ioctl(file, 1, (unsigned long)&value),
			0l);
	KUNIT_EXPECT_EQ(test, value, 42);
	KUNIT_EXPECT_EQ(test, kmem_file_ioctl(file, 1, 8), (long)-EFAULT);
	KUNIT_EXPECT_EQ(test, kmem_file_ioctl(file, 2, 0), (long)-ENOTTY);
	KUNIT_EXPECT_EQ(test, kmem_file_close(file), 0);
	snprintf(path, sizeof(path), "/dev/%u:%u", MAJOR(dev), MINOR(dev) + 1);
	file = kmem_file_open(path, O_RDONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, "x", 1), (long)-EBADF);
	kmem_file_close(file);
	KUNIT_EXPECT_EQ(test, opened, 0);
	KUNIT_EXPECT_EQ(test, register_chrdev_region(dev + 1, 1, "mine"),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, misc_register(&misc), -EEXIST);
	kmem_modules_exit();
	KUNIT_EXPECT_EQ(test, PTR_ERR(kmem_file_open("/dev/store", O_RDWR)),
			(long)-ENOENT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kmem_file_open(path, O_RDWR)),
			(long)-ENOENT);
}

/* Three more, which begin and end in an order. */
static char order[16];

static void say(const char *what)
{
	strcat(order, what);
}

static int early_begin(void)
{
	say("e");
	return 0;
}

static void early_end(void)
{
	say("E");
}

static int late_begin(void)
{
	say("l");
	return -EIO;
}

static struct module early = { "early", early_begin, early_end, 1, false, 0 };
static struct module late = { "late", late_begin, 0, 7, false, 0 };

static void a_module_that_fails_ends_the_others(struct kunit *test)
{
	kmem_module_add(&late);
	kmem_module_add(&early);
	KUNIT_EXPECT_EQ(test, kmem_modules_init(), -EIO);
	KUNIT_EXPECT_STREQ(test, order, "elE");
	KUNIT_EXPECT_FALSE(test, THIS_MODULE->live);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kmem_file_open("/dev/store", O_RDWR)),
			(long)-ENOENT);
}

struct record {
	int n;
	struct list_head list;
};

static LIST_HEAD(records);

static void *records_start(struct seq_file *m, loff_t *pos)
{
	(void)m;
	return seq_list_start(&records, *pos);
}

static void *records_next(struct seq_file *m, void *v, loff_t *pos)
{
	(void)m;
	return seq_list_next(v, &records, pos);
}

static void records_stop(struct seq_file *m, void *v)
{
	(void)m;
	(void)v;
}

static int records_show(struct seq_file *m, void *v)
{
	struct record *r = list_entry(v, struct record, list);

	seq_printf(m, "record %d\n", r->n);
	return r->n == 2 ? SEQ_SKIP : 0;
}

static const struct seq_operations records_op = {
	.start = records_start,
	.next = records_next,
	.stop = records_stop,
	.show = records_show,
};

static int records_open(struct inode *inode, struct file *file)
{
	(void)inode;
	return seq_open(file, &records_op);
}

static const struct file_operations records_fops = {
	.open = records_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};

static int total_show(struct seq_file *m, void *v)
{
	(void)v;
	/* Longer than the first buffer. */
	for (int i = 0; i < 1000; i++)
		seq_printf(m, "%s", (char *)m->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(total);

static int about_show(struct seq_file *m, void *v)
{
	(void)v;
	seq_puts(m, "about");
	seq_putc(m, '\n');
	return 0;
}

static long read_all(const char *path, char *buf, size_t room)
{
	struct file *file = kmem_file_open(path, O_RDONLY);
	size_t n = 0;
	long got;

	if (IS_ERR(file))
		return PTR_ERR(file);
	/* In pieces, as a reader of a pipe would. */
	while ((got = kmem_file_read(file, buf + n, min(room - n, (size_t)7))) >
	       0)
		n += (size_t)got;
	buf[n] = '\0';
	kmem_file_close(file);
	return got < 0 ? got : (long)n;
}

static void those_who_look_see(struct kunit *test)
{
	struct record r[3] = { { .n = 1 }, { .n = 2 }, { .n = 3 } };
	struct dentry *top, *inner;
	struct file *file;
	static char buf[4096];
	char pair[] = "ab";
	u32 knob = 5;

	for (int i = 0; i < 3; i++)
		list_add_tail(&r[i].list, &records);
	top = debugfs_create_dir("driver", NULL);
	inner = debugfs_create_dir("inner", top);
	debugfs_create_file("records", 0444, inner, NULL, &records_fops);
	debugfs_create_file("total", 0444, top, pair, &total_fops);
	debugfs_create_u32("knob", 0644, top, &knob);
	KUNIT_EXPECT_TRUE(test, IS_ERR(debugfs_create_dir("driver", NULL)));
	KUNIT_EXPECT_EQ(test, read_all("/debug/driver/inner/records", buf, 99),
			18l);
	KUNIT_EXPECT_STREQ(test, buf, "record 1\nrecord 3\n");
	KUNIT_EXPECT_EQ(test,
			read_all("/debug/driver/total", buf, sizeof(buf) - 1),
			2000l);
	file = kmem_file_open("/debug/driver/knob", O_WRONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, "77\n", 3), 3l);
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, "x\n", 2), (long)-EINVAL);
	kmem_file_close(file);
	KUNIT_EXPECT_EQ(test, knob, 77u);
	read_all("/debug/driver/knob", buf, 99);
	KUNIT_EXPECT_STREQ(test, buf, "77\n");
	KUNIT_EXPECT_EQ(test,
			PTR_ERR(kmem_file_open("/debug/driver/total", O_RDWR)),
			(long)-EACCES);
	debugfs_remove_recursive(top);
	KUNIT_EXPECT_EQ(test, read_all("/debug/driver/inner/records", buf, 99),
			(long)-ENOENT);
	KUNIT_EXPECT_NOT_NULL(test,
			      proc_create_single("about", 0, NULL, about_show));
	KUNIT_EXPECT_EQ(test, read_all("/proc/about", buf, 99), 6l);
	remove_proc_entry("about", NULL);
	KUNIT_EXPECT_EQ(test, read_all("/proc/about", buf, 99), (long)-ENOENT);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(parameters_are_set),
	KUNIT_CASE(a_device_is_read_and_written),
	KUNIT_CASE(a_module_that_fails_ends_the_others),
	KUNIT_CASE(those_who_look_see),
	{},
};
static struct kunit_suite suite = { .name = "files", .test_cases = cases };
kunit_test_suite(suite);
