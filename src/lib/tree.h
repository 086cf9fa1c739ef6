/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Ranges of addresses, found from any address in them: a treap.
 *
 * A treap is a search tree by address and a heap by priority; priorities are a
 * hash of the address, so the tree is as flat as a random one and needs no
 * balance to be stored.  Ranges do not overlap.  The caller has the lock.
 */
#ifndef LIB_TREE_H
#define LIB_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded in the record of a range; zero bytes are a valid start. */
struct tree_node {
	uintptr_t start;
	size_t size;
	struct tree_node *left, *right;
	uint32_t prio;
};

/* The range that the address lies in, or NULL. */
static inline struct tree_node *tree_cover(struct tree_node *root,
					   const void *p)
{
	uintptr_t a = (uintptr_t)p;

	while (root && a - root->start >= root->size)
		root = a < root->start ? root->left : root->right;
	return root;
}

void tree_insert(struct tree_node **root, struct tree_node *n);
/* n is in the tree. */
void tree_remove(struct tree_node **root, struct tree_node *n);

/*
 * Is it a treap of ranges that do not overlap?  Adds up what is in it.
 */
bool tree_valid(const struct tree_node *root, unsigned long *nr,
		unsigned long *bytes);

#endif
