/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A limit on addresses: an area that does not fit is NULL and a report, nothing
 * of it is left, and what fits is served after as before.
 *
 * Expect:
 *	vmalloc error: size <n>, failed to allocate pages, mode:0xcc0(GFP_KERNEL)
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/vmalloc.h>

#define MIB (1ul << 20)
#define MOST 64

static unsigned long addresses(void)
{
	FILE *from = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!from || fscanf(from, "%lu", &pages) != 1)
		return 0;
	fclose(from);
	return pages * PAGE_SIZE;
}

/*
 * As many of 16 MiB as there are.  One that fails may have brought memory for
 * the next, so a few must fail in a row.
 */
static int fill(void **p)
{
	int n = 0, failed = 0;

	while (n < MOST && failed < 4) {
		p[n] = __vmalloc(16 * MIB, GFP_KERNEL | __GFP_NOWARN);
		if (p[n])
			memset(p[n++], 1, 16 * MIB);
		else
			failed++;
	}
	return n;
}

int main(void)
{
	unsigned long all = addresses() + 512 * MIB, before, total;
	static void *p[MOST];
	struct rlimit lim;
	int n, again;
	void *small, *last;

	getrlimit(RLIMIT_AS, &lim);
	lim.rlim_cur = all;
	if (!addresses() || setrlimit(RLIMIT_AS, &lim))
		return 1;
	small = vmalloc(PAGE_SIZE);
	if (!small)
		return 2;
	kmem_trim();
	before = vmalloc_nr_pages();
	if (vmalloc(1024 * MIB))
		return 3;
	if (vmalloc_nr_pages() != before)
		return 4;
	n = fill(p);
	if (!n || n == MOST)
		return 5;
	total = vmalloc_nr_pages();
	/* what the last failures gave back may serve this one */
	last = __vmalloc(16 * MIB, GFP_KERNEL | __GFP_NOWARN);
	if (!last && vmalloc_nr_pages() != total)
		return 6;
	vfree(last);
	for (int i = 0; i < n; i++)
		vfree(p[i]);
	/* Fewer: addresses of an area of pages from anywhere are not back. */
	again = fill(p);
	if (again < n / 2)
		return 7;
	for (int i = 0; i < again; i++)
		vfree(p[i]);
	if (vmalloc_nr_pages() != before || !kmem_validate())
		return 8;
	vfree(small);
	return 0;
}
