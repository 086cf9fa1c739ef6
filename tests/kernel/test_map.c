/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A device that is mapped, and one that is read by an iov_iter. */
#define KBUILD_MODNAME "map"
#include "kunit/test.h"

#include <asm/pgtable.h>
#include <linux/aio.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include <sys/mman.h>

#define PAGES 4

static char *area;  /* vmalloc()'s */
static char *block; /* two pages in one piece */
static char *users; /* vmalloc_user()'s, as long as area */
static int mapped, hole = -1;

static void area_open(struct vm_area_struct *vma)
{
	(void)vma;
	mapped++;
}

static void area_close(struct vm_area_struct *vma)
{
	(void)vma;
	mapped--;
}

static vm_fault_t area_fault(struct vm_fault *fault)
{
	unsigned long i =
		((fault->address - fault->vma->vm_start) >> PAGE_SHIFT) +
		fault->vma->vm_pgoff;

	if (i >= PAGES || (int)i == hole)
		return VM_FAULT_SIGBUS;
	fault->page = vmalloc_to_page(area + i * PAGE_SIZE);
	get_page(fault->page);
	return 0;
}

static const struct vm_operations_struct area_ops = {
	.open = area_open,
	.close = area_close,
	.fault = area_fault,
};

static int area_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (iminor(file->f_path.dentry->d_inode) != iminor(file_inode(file)))
		return -EIO;
	vma->vm_ops = &area_ops;
	area_open(vma);
	return 0;
}

static int block_mmap(struct file *file, struct vm_area_struct *vma)
{
	(void)file;
	return remap_pfn_range(vma, vma->vm_start,
			       page_to_pfn(virt_to_page(block)) + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static int inserts_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct page *page = virt_to_page(block);

	(void)file;
	if (vm_insert_page(vma, vma->vm_end, page) != -EFAULT)
		return -EIO;
	if (vm_insert_page(vma, vma->vm_start, page))
		return -EIO;
	return vm_insert_page(vma, vma->vm_start, page) == -EBUSY ? 0 : -EIO;
}

static int users_mmap(struct file *file, struct vm_area_struct *vma)
{
	(void)file;
	return remap_vmalloc_range(vma, users, vma->vm_pgoff);
}

/* What each refusal said; the first page is mapped, and the rest is not. */
static int refused[8];

static void be_refused(struct vm_area_struct *vma)
{
	unsigned long start = vma->vm_start;
	int n = 0;

	refused[n++] = remap_vmalloc_range(vma, area, 0);
	refused[n++] = remap_vmalloc_range(vma, block, 0);
	refused[n++] = remap_vmalloc_range(vma, users, PAGES - 1);
	refused[n++] = remap_vmalloc_range(vma, users, ~0ul);
	refused[n++] = remap_vmalloc_range(vma, users + 1, 0);
	refused[n++] = remap_vmalloc_range_partial(vma, start, users, 0,
						   PAGES * PAGE_SIZE + 1);
	refused[n++] = remap_vmalloc_range_partial(vma, start + PAGE_SIZE,
						   users, 0, 2 * PAGE_SIZE);
}

static int parts_mmap(struct file *file, struct vm_area_struct *vma)
{
	int bad;

	(void)file;
	if (vma_pages(vma) == 2)
		be_refused(vma);
	bad = remap_vmalloc_range_partial(vma, vma->vm_start, users + PAGE_SIZE,
					  1, 1);
	refused[7] = remap_vmalloc_range(vma, users, 0);
	return bad;
}

static ssize_t area_read(struct kiocb *iocb, struct iov_iter *to)
{
	size_t n = copy_to_iter(area + iocb->ki_pos, 3, to);

	if (!is_sync_kiocb(iocb) || iov_iter_rw(to) != READ)
		return -EIO;
	iocb->ki_pos += (loff_t)n;
	return (ssize_t)n;
}

static ssize_t area_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t n = iov_iter_count(from);

	if (iov_iter_rw(from) != WRITE)
		return -EIO;
	n = copy_from_iter(area + iocb->ki_pos, n, from);
	iocb->ki_pos += (loff_t)n;
	return (ssize_t)n;
}

static const struct file_operations area_fops = {
	.mmap = area_mmap,
	.read_iter = area_read,
	.write_iter = area_write,
};
static const struct file_operations block_fops = { .mmap = block_mmap };
static const struct file_operations inserts_fops = { .mmap = inserts_mmap };

static const struct file_operations users_fops = { .mmap = users_mmap };
static const struct file_operations parts_fops = { .mmap = parts_mmap };

static struct miscdevice devices[] = {
	{ MISC_DYNAMIC_MINOR, "area", &area_fops, { 0, 0 }, 0 },
	{ MISC_DYNAMIC_MINOR, "block", &block_fops, { 0, 0 }, 0 },
	{ MISC_DYNAMIC_MINOR, "inserts", &inserts_fops, { 0, 0 }, 0 },
	{ MISC_DYNAMIC_MINOR, "users", &users_fops, { 0, 0 }, 0 },
	{ MISC_DYNAMIC_MINOR, "parts", &parts_fops, { 0, 0 }, 0 },
};

static int __init begin(void)
{
	area = vmalloc(PAGES * PAGE_SIZE);
	block = (char *)__get_free_pages(GFP_KERNEL | __GFP_COMP, 1);
	users = vmalloc_user(PAGES * PAGE_SIZE);
	if (!area || !block || !users)
		return -ENOMEM;
	for (int i = 0; i < (int)ARRAY_SIZE(devices); i++)
		if (misc_register(devices + i))
			return -EIO;
	return 0;
}

static void __exit end(void)
{
	for (int i = 0; i < (int)ARRAY_SIZE(devices); i++)
		misc_deregister(devices + i);
	free_pages((unsigned long)block, 1);
	vfree(area);
	vfree(users);
}

module_init(begin);
module_exit(end);

/* Writes of both sides are seen by the other. */
static void look(struct kunit *test, const char *path, char *own)
{
	struct file *file = kmem_file_open(path, O_RDWR);
	char *at;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	strcpy(own, "before");
	strcpy(own + PAGE_SIZE, "second");
	at = kmem_file_map(file, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(at));
	KUNIT_EXPECT_STREQ(test, at, "before");
	KUNIT_EXPECT_STREQ(test, at + PAGE_SIZE, "second");
	strcpy(at, "mapped");
	KUNIT_EXPECT_STREQ(test, own, "mapped");
	strcpy(own + PAGE_SIZE, "driver");
	KUNIT_EXPECT_STREQ(test, at + PAGE_SIZE, "driver");
	KUNIT_EXPECT_EQ(test, kmem_file_unmap(at), 0);
	KUNIT_EXPECT_EQ(test, kmem_file_unmap(at), -EINVAL);
	KUNIT_EXPECT_STREQ(test, own, "mapped");

	at = kmem_file_map(file, 1, PROT_READ, PAGE_SIZE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(at));
	KUNIT_EXPECT_STREQ(test, at, "driver");
	KUNIT_EXPECT_EQ(test, kmem_file_unmap(at), 0);
	kmem_file_close(file);
}

static void a_device_is_mapped(struct kunit *test)
{
	struct file *file;
	char *at;

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	look(test, "/dev/area", area);
	KUNIT_EXPECT_EQ(test, mapped, 0);
	look(test, "/dev/block", block);
	file = kmem_file_open("/dev/inserts", O_RDONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	at = kmem_file_map(file, PAGE_SIZE, PROT_READ, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(at));
	KUNIT_EXPECT_STREQ(test, at, "mapped");
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(block)), 2);
	kmem_file_unmap(at);
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(block)), 1);
	/* The second page is nobody's. */
	at = kmem_file_map(file, 2 * PAGE_SIZE, PROT_READ, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EFAULT);
	KUNIT_EXPECT_EQ(test, page_count(virt_to_page(block)), 1);
	kmem_file_close(file);
	kmem_modules_exit();
}

static void an_area_for_users_is_mapped(struct kunit *test)
{
	struct file *file;
	void *at;

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	look(test, "/dev/users", users);
	for (int i = 0; i < PAGES; i++)
		KUNIT_EXPECT_EQ(
			test,
			page_count(vmalloc_to_page(users + i * PAGE_SIZE)), 1);
	file = kmem_file_open("/dev/users", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	at = kmem_file_map(file, 2 * PAGE_SIZE, PROT_READ,
			   (PAGES - 1) * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EINVAL);
	kmem_file_close(file);
	kmem_modules_exit();
}

/* The driver frees it; the pages go when the mapping does. */
static void a_mapping_outlives_its_area(struct kunit *test)
{
	unsigned long others[64];
	struct file *file;
	struct page *page;
	char *at;

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	file = kmem_file_open("/dev/users", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	at = kmem_file_map(file, PAGE_SIZE, PROT_READ, PAGE_SIZE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(at));
	strcpy(users + PAGE_SIZE, "kept");
	page = vmalloc_to_page(users + PAGE_SIZE);
	kmem_modules_exit();
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		others[i] = __get_free_pages(GFP_KERNEL, 0);
		KUNIT_ASSERT_NE(test, others[i], 0ul);
		memset((void *)others[i], 'x', PAGE_SIZE);
	}
	KUNIT_EXPECT_STREQ(test, at, "kept");
	KUNIT_EXPECT_EQ(test, kmem_file_unmap(at), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		free_pages(others[i], 0);
	kmem_file_close(file);
}

static void a_refused_area_maps_nothing(struct kunit *test)
{
	static const int wanted[] = { -EINVAL, -EINVAL, -EINVAL, -EINVAL,
				      -EINVAL, -EINVAL, -EFAULT, -EBUSY };
	struct file *file;
	char *at;

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	file = kmem_file_open("/dev/parts", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	/* The second page is nobody's. */
	at = kmem_file_map(file, 2 * PAGE_SIZE, PROT_READ, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EFAULT);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		KUNIT_EXPECT_EQ(test, refused[i], wanted[i]);
	for (int i = 0; i < PAGES; i++)
		KUNIT_EXPECT_EQ(
			test,
			page_count(vmalloc_to_page(users + i * PAGE_SIZE)), 1);
	strcpy(users + 2 * PAGE_SIZE, "third");
	at = kmem_file_map(file, PAGE_SIZE, PROT_READ, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(at));
	KUNIT_EXPECT_STREQ(test, at, "third");
	KUNIT_EXPECT_EQ(test, kmem_file_unmap(at), 0);
	kmem_file_close(file);
	kmem_modules_exit();
}

static void what_cannot_be_mapped_fails(struct kunit *test)
{
	struct file *file;
	void *at;

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	file = kmem_file_open("/dev/area", O_RDONLY);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	at = kmem_file_map(file, PAGE_SIZE, PROT_READ | PROT_WRITE, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EACCES);
	at = kmem_file_map(file, 0, PROT_READ, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EINVAL);
	at = kmem_file_map(file, PAGE_SIZE, PROT_READ, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EINVAL);
	at = kmem_file_map(file, PAGE_SIZE, PROT_READ, PAGES * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EFAULT);
	hole = 1;
	at = kmem_file_map(file, 3 * PAGE_SIZE, PROT_READ, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR(at), (long)-EFAULT);
	hole = -1;
	KUNIT_EXPECT_EQ(test, mapped, 0);
	KUNIT_EXPECT_EQ(test, page_count(vmalloc_to_page(area)), 1);
	kmem_file_close(file);
	kmem_modules_exit();
}

static void a_buffer_is_taken_piece_by_piece(struct kunit *test)
{
	struct file *file;
	char buf[8] = "";

	KUNIT_ASSERT_EQ(test, kmem_modules_init(), 0);
	file = kmem_file_open("/dev/area", O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, kmem_file_write(file, "abcdefg", 7), 7l);
	kmem_file_seek(file, 2, SEEK_SET);
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, buf, 7), 3l);
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, buf + 3, 2), 2l);
	KUNIT_EXPECT_STREQ(test, buf, "cdefg");
	KUNIT_EXPECT_EQ(test, kmem_file_read(file, (void *)16, 2), 0l);
	kmem_file_close(file);
	kmem_modules_exit();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_device_is_mapped),
	KUNIT_CASE(an_area_for_users_is_mapped),
	KUNIT_CASE(a_mapping_outlives_its_area),
	KUNIT_CASE(a_refused_area_maps_nothing),
	KUNIT_CASE(what_cannot_be_mapped_fails),
	KUNIT_CASE(a_buffer_is_taken_piece_by_piece),
	{},
};
static struct kunit_suite suite = { .name = "map", .test_cases = cases };
kunit_test_suite(suite);
