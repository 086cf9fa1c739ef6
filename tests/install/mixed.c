/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* kfree() of malloc() and free() of kmalloc(), by the bridge. */
#if !defined(KMEM_MIXED_FREES)
#define KMEM_MIXED_FREES 2
#endif
#include <kmem/mixed.h>

#include <stdlib.h>
#include <string.h>

/* The compiler knows that free() does not go with kmalloc(). */
static void *volatile block;

int main(void)
{
	char *text;

	for (int i = 0; i < 1000; i++) {
		block = kmalloc(64, GFP_KERNEL);
		if (!kmem_owns(block))
			return 1;
		free(block);
		block = malloc(64);
		if (kmem_owns(block))
			return 2;
		kfree(block);
		block = kvmalloc((size_t)8 << 20, GFP_KERNEL);
		free(block);
		block = malloc(300);
		kvfree(block);
		block = ZERO_SIZE_PTR;
		free(block);
		kfree(NULL);
		block = kmalloc(10, GFP_KERNEL);
		strcpy(block, "abc");
		block = realloc(block, 5000);
		text = block;
		if (strcmp(text, "abc"))
			return 3;
		free(block);
#if KMEM_MIXED_FREES >= 2
		block = malloc(300);
		if (ksize(block) < 300)
			return 4;
		strcpy(block, "def");
		block = krealloc(block, 5000, GFP_KERNEL);
		text = block;
		if (!kmem_owns(block) || strcmp(text, "def"))
			return 5;
		kfree_sensitive(block);
		block = malloc(300);
		kfree_sensitive(block);
		block = malloc(300);
		vfree(block);
		block = vmalloc(300);
		vfree(block);
		block = malloc(3);
		block = krealloc(block, 0, GFP_KERNEL);
		if (block != ZERO_SIZE_PTR || ksize(block))
			return 6;
#endif
	}
	return kmem_owns(NULL) || kmem_owns(ZERO_SIZE_PTR) || kmem_owns(&block);
}
