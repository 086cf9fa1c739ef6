/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What all the examples test: a list of names that forgets one of them. */
#ifndef SUITE_H
#define SUITE_H

#include <linux/slab.h>

struct name {
	struct name *next;
	char *text;
};

static struct name *name_add(struct name **head, const char *text)
{
	struct name *n = kmalloc(sizeof(*n), GFP_KERNEL);

	if (!n)
		return NULL;
	n->text = kstrdup(text, GFP_KERNEL);
	if (!n->text) {
		kfree(n);
		return NULL;
	}
	n->next = *head;
	return *head = n;
}

static void names_free(struct name **head)
{
	struct name *n, *next;

	for (n = *head; n; n = next) {
		next = n->next;
		kfree(n->text);
		kfree(n);
	}
	*head = NULL;
}

/* The mistake: the text is not freed. */
static void name_drop(struct name **head)
{
	struct name *n = *head;

	*head = n->next;
	kfree(n);
}

#endif
