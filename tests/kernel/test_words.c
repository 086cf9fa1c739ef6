/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The words around a module and its files, all of them in one source file. */
#define KBUILD_MODNAME "words"
#include "kunit/test.h"

#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/proc_fs.h>
#include <linux/rwsem.h>
#include <linux/seq_file.h>
#include <linux/string.h>

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The libkmem authors");
MODULE_DESCRIPTION("words");
MODULE_VERSION("1");
MODULE_ALIAS("words-1");
MODULE_INFO(tag, "text");
MODULE_SOFTDEP("pre: other");

/* Set before any of them begins. */
static int start __initdata = 5;
static const int step __initconst = 1;
static int end_with __exitdata = 9;
static int limit __read_mostly = 3;
static int fixed __ro_after_init;

static char order[16];

#define SAYS(name, letter)                     \
	static int __init name(void)           \
	{                                      \
		return !strcat(order, letter); \
	}
SAYS(core, "1")
SAYS(postcore, "2")
SAYS(arch, "3")
SAYS(subsys, "4")
SAYS(fs, "5")
SAYS(dev, "6")
SAYS(late, "7")

/* The other way round: a level, not a place in the file, is what counts. */
late_initcall(late);
device_initcall(dev);
fs_initcall(fs);
subsys_initcall(subsys);
arch_initcall(arch);
postcore_initcall(postcore);
core_initcall(core);

static void __exit words_end(void)
{
	fixed = end_with;
}
module_exit(words_end);

int exported_word(void);
int exported_word(void)
{
	return 4;
}
EXPORT_SYMBOL(exported_word);
EXPORT_SYMBOL_GPL(exported_word);
EXPORT_SYMBOL_NS_GPL(exported_word, WORDS);

static void levels_come_in_order(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	KUNIT_EXPECT_STREQ(test, order, "1234567");
	KUNIT_EXPECT_EQ(test, start + step + limit + exported_word(), 13);
	KUNIT_EXPECT_TRUE(test, THIS_MODULE->live);
	KUNIT_EXPECT_TRUE(test, try_module_get(THIS_MODULE));
	__module_get(THIS_MODULE);
	module_put(THIS_MODULE);
	module_put(THIS_MODULE);
	KUNIT_EXPECT_STREQ(test, module_name(THIS_MODULE), "words");
	KUNIT_EXPECT_STREQ(test, module_name(NULL), "kernel");
	kmem_modules_exit();
	KUNIT_EXPECT_EQ(test, fixed, 9);
	/* Each begins again, and once. */
	*order = '\0';
	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	KUNIT_EXPECT_STREQ(test, order, "1234567");
	kmem_modules_exit();
}

static loff_t eight_bytes(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, 8);
}

static const struct file_operations sized = {
	.open = simple_open,
	.llseek = eight_bytes,
};
static const struct file_operations pipes = {
	.open = nonseekable_open,
	.llseek = no_llseek,
	.read_iter = generic_file_read_iter,
	.write_iter = generic_file_write_iter,
};
static const struct file_operations still = { .llseek = noop_llseek };

static struct file *opened(struct cdev *cdev, unsigned int minor)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/%u:%u", MAJOR(cdev->dev), minor);
	return kmem_file_open(path, O_RDWR);
}

static void files_seek_as_they_say(struct kunit *test)
{
	struct cdev *cdev = cdev_alloc();
	struct file *file;
	char c;

	KUNIT_ASSERT_NOT_NULL(test, cdev);
	cdev->ops = &sized;
	KUNIT_ASSERT_EQ(test, register_chrdev_region(MKDEV(240, 0), 2, "w"), 0);
	KUNIT_ASSERT_EQ(test, cdev_add(cdev, MKDEV(240, 0), 2), 0);
	file = opened(cdev, 1);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, file->f_mode, FMODE_READ | FMODE_WRITE);
	KUNIT_EXPECT_EQ(test, imajor(file_inode(file)), 240u);
	KUNIT_EXPECT_EQ(test, iminor(file_inode(file)), 1u);
	KUNIT_EXPECT_EQ(test, kmem_file_seek(file, -2, SEEK_END), 6ll);
	KUNIT_EXPECT_EQ(test, kmem_file_seek(file, 3, SEEK_CUR),
			(long long)-EINVAL);
	KUNIT_EXPECT_EQ(test, kmem_file_seek(file, 0, SEEK_CUR), 6ll);
	kmem_file_close(file);
	cdev->ops = &pipes;
	file = opened(cdev, 0);
	KUNIT_EXPECT_EQ(test, kmem_file_seek(file, 1, SEEK_SET),
			(long long)-ESPIPE);
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, &c, 1), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, "x", 1), (long)-EINVAL);
	kmem_file_close(file);
	cdev->ops = &still;
	file = opened(cdev, 0);
	KUNIT_EXPECT_EQ(test, kmem_file_seek(file, 5, SEEK_SET), 0ll);
	KUNIT_EXPECT_EQ(test, file->f_pos, 0ll);
	kmem_file_close(file);
	cdev_del(cdev);
	unregister_chrdev_region(MKDEV(240, 0), 2);
}

static void by_list(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	seq_vprintf(m, fmt, args);
	va_end(args);
}

static int proc_show(struct seq_file *m, void *v)
{
	(void)v;
	by_list(m, "%s-", (char *)m->private);
	return seq_write(m, "end", 3);
}

static int proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, proc_show, pde_data(inode));
}

/* A line above the records, of which there are none. */
static void *head_start(struct seq_file *m, loff_t *pos)
{
	(void)m;
	return *pos ? NULL : SEQ_START_TOKEN;
}

static void *head_next(struct seq_file *m, void *v, loff_t *pos)
{
	(void)m;
	(void)v;
	++*pos;
	return NULL;
}

static void head_stop(struct seq_file *m, void *v)
{
	(void)m;
	(void)v;
}

static int head_show(struct seq_file *m, void *v)
{
	seq_puts(m, v == SEQ_START_TOKEN ? "head" : "record");
	return 0;
}

static int head_open(struct inode *inode, struct file *file)
{
	static const struct seq_operations op = {
		.start = head_start,
		.next = head_next,
		.stop = head_stop,
		.show = head_show,
	};

	(void)inode;
	return seq_open(file, &op);
}

static const struct proc_ops proc_ops = {
	.proc_open = proc_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
static const struct proc_ops head = {
	.proc_open = head_open,
	.proc_read = seq_read,
	.proc_release = seq_release,
};

static void files_of_those_who_look(struct kunit *test)
{
	char buf[32] = "", data[] = "data";
	struct dentry *dir = debugfs_create_dir("words", NULL);
	u64 value = 7;
	struct file *file;

	KUNIT_EXPECT_NOT_NULL(test, proc_create_data("words", 0444, NULL,
						     &proc_ops, data));
	KUNIT_EXPECT_NOT_NULL(test, proc_create("head", 0444, NULL, &head));
	file = kmem_file_open("/proc/words", O_RDONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, buf, sizeof(buf)), 8l);
	KUNIT_EXPECT_STREQ(test, buf, "data-end");
	kmem_file_close(file);
	file = kmem_file_open("/proc/head", O_RDONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_NULL(test, pde_data(file_inode(file)));
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, buf, sizeof(buf)), 4l);
	KUNIT_EXPECT_MEMEQ(test, buf, "head", 4);
	kmem_file_close(file);
	remove_proc_entry("words", NULL);
	remove_proc_entry("head", NULL);
	debugfs_create_u64("value", 0644, dir, &value);
	file = kmem_file_open("/debug/words/value", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, "99999999999", 11), 11l);
	KUNIT_EXPECT_EQ(test, value, 99999999999ull);
	kmem_file_close(file);
	debugfs_remove(dir);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kmem_file_open("/debug/words/value", 0)),
			(long)-ENOENT);
}

static void chains_begin_empty(struct kunit *test)
{
	struct raw_notifier_head raw;
	struct atomic_notifier_head atomic;
	struct blocking_notifier_head blocking;

	memset(&raw, 0xff, sizeof(raw));
	memset(&atomic, 0xff, sizeof(atomic));
	memset(&blocking, 0xff, sizeof(blocking));
	RAW_INIT_NOTIFIER_HEAD(&raw);
	ATOMIC_INIT_NOTIFIER_HEAD(&atomic);
	BLOCKING_INIT_NOTIFIER_HEAD(&blocking);
	KUNIT_EXPECT_EQ(test, raw_notifier_call_chain(&raw, 1, NULL),
			NOTIFY_DONE);
	KUNIT_EXPECT_EQ(test, atomic_notifier_call_chain(&atomic, 1, NULL),
			NOTIFY_DONE);
	KUNIT_EXPECT_EQ(test, blocking_notifier_call_chain(&blocking, 1, NULL),
			NOTIFY_DONE);
}

/* Bits that a driver's mmap() and fault() look at: one each, none twice. */
static void areas_have_flags(struct kunit *test)
{
	static const unsigned long flags[] = {
		VM_READ,       VM_WRITE,    VM_SHARED,   VM_MAYREAD,
		VM_MAYWRITE,   VM_MAYSHARE, VM_PFNMAP,   VM_IO,
		VM_DONTEXPAND, VM_DONTDUMP, VM_DONTCOPY, VM_MIXEDMAP,
	};
	static const unsigned int faults[] = {
		VM_FAULT_OOM,     VM_FAULT_SIGBUS, VM_FAULT_MAJOR,
		VM_FAULT_SIGSEGV, VM_FAULT_NOPAGE, VM_FAULT_LOCKED,
	};
	struct vm_area_struct vma = { .vm_start = PAGE_SIZE,
				      .vm_end = 4 * PAGE_SIZE };
	unsigned int all = 0;

	KUNIT_EXPECT_EQ(test, vma_pages(&vma), 3ul);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		KUNIT_EXPECT_EQ(test, vma.vm_flags & flags[i], 0ul);
		vm_flags_set(&vma, flags[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		vm_flags_clear(&vma, flags[i]);
	KUNIT_EXPECT_EQ(test, vma.vm_flags, 0ul);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		KUNIT_EXPECT_EQ(test, all & faults[i], 0u);
		all |= faults[i];
	}
	KUNIT_EXPECT_EQ(test, all & ~VM_FAULT_ERROR,
			VM_FAULT_MAJOR | VM_FAULT_NOPAGE | VM_FAULT_LOCKED);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(levels_come_in_order),    KUNIT_CASE(files_seek_as_they_say),
	KUNIT_CASE(files_of_those_who_look), KUNIT_CASE(chains_begin_empty),
	KUNIT_CASE(areas_have_flags),        {},
};
static struct kunit_suite suite = { .name = "words", .test_cases = cases };
kunit_test_suite(suite);
