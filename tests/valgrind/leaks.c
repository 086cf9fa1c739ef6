/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What LeakSanitizer says of blocks of malloc() and of ours: one case, by name.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))
#define LOST 1234

static void *volatile sink;
static void **holder;

static NOINLINE void hold(void *in)
{
	holder = in;
	if (!holder)
		exit(4);
	holder[1] = malloc(LOST);
}

static NOINLINE void lose(const char *what)
{
	if (!strcmp(what, "malloc"))
		sink = malloc(LOST);
	else if (!strcmp(what, "kmalloc"))
		sink = kmalloc(LOST, GFP_KERNEL);
	else if (!strcmp(what, "held by kmalloc"))
		hold(kmalloc(64, GFP_KERNEL));
	else if (!strcmp(what, "held by a large block"))
		hold(kmalloc(100000, GFP_KERNEL));
	else if (!strcmp(what, "held by a page"))
		hold((void *)__get_free_page(GFP_KERNEL));
	else if (!strcmp(what, "held by vmalloc"))
		hold(vmalloc(5000));
	else if (!strcmp(what, "held by kvmalloc"))
		hold(kvmalloc(6 << 20, GFP_KERNEL));
	else if (!strcmp(what, "held by what was freed"))
		hold(kmalloc(64, GFP_KERNEL));
	else
		exit(63);
	if (!strcmp(what, "held by what was freed"))
		kfree(holder);
	sink = NULL;
}

/* What a register or the stack still has is not lost. */
static NOINLINE void overwrite(void)
{
	volatile char stack[4096];

	memset((void *)stack, 0, sizeof(stack));
}

int main(int argc, char **argv)
{
	lose(argc > 1 ? argv[1] : "");
	overwrite();
	return 0;
}
