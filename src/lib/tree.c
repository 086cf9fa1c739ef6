/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "lib/tree.h"

/* Nodes on the longest path; a random tree of 2^32 would not get there. */
#define DEPTH_MOST 128
/* Ranges begin at multiples of this, or beyond. */
#define SHIFT 12

/* Twice, as one product of addresses at equal distances may rise with them. */
static uint32_t prio_of(uintptr_t start)
{
	uint64_t x = (uint64_t)(start >> SHIFT) * 0x9e3779b97f4a7c15ull;

	x ^= x >> 32;
	return (uint32_t)(x * 0x9e3779b97f4a7c15ull >> 32);
}

void tree_insert(struct tree_node **root, struct tree_node *n)
{
	struct tree_node **link = root, **left = &n->left, **right = &n->right;
	struct tree_node *t;

	n->prio = prio_of(n->start);
	while (*link && (*link)->prio >= n->prio)
		link = n->start < (*link)->start ? &(*link)->left :
						   &(*link)->right;
	/* The subtree here is split around the new record. */
	t = *link;
	*link = n;
	while (t) {
		if (t->start < n->start) {
			*left = t;
			left = &t->right;
			t = *left;
		} else {
			*right = t;
			right = &t->left;
			t = *right;
		}
	}
	*left = NULL;
	*right = NULL;
}

void tree_remove(struct tree_node **root, struct tree_node *n)
{
	struct tree_node **link = root, *a = n->left, *b = n->right;

	while (*link != n)
		link = n->start < (*link)->start ? &(*link)->left :
						   &(*link)->right;
	while (a && b) {
		if (a->prio >= b->prio) {
			*link = a;
			link = &a->right;
			a = *link;
		} else {
			*link = b;
			link = &b->left;
			b = *link;
		}
	}
	*link = a ? a : b;
}

struct walk {
	uintptr_t end; /* of the range before */
	unsigned long nr, bytes;
};

static bool valid(const struct tree_node *t, struct walk *w, unsigned int depth)
{
	if (!t)
		return true;
	if (depth > DEPTH_MOST || (t->left && t->left->prio > t->prio) ||
	    (t->right && t->right->prio > t->prio))
		return false;
	if (!valid(t->left, w, depth + 1) || t->start < w->end)
		return false;
	w->end = t->start + t->size;
	w->nr++;
	w->bytes += t->size;
	return valid(t->right, w, depth + 1);
}

bool tree_valid(const struct tree_node *root, unsigned long *nr,
		unsigned long *bytes)
{
	struct walk w = { 0 };
	bool ok = valid(root, &w, 1);

	*nr = w.nr;
	*bytes = w.bytes;
	return ok;
}
