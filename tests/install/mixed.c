/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* kfree() of malloc() and free() of kmalloc(), by the bridge. */
#define KMEM_MIXED_FREES 1
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
	}
	return kmem_owns(NULL) || kmem_owns(ZERO_SIZE_PTR) || kmem_owns(&block);
}
