// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
// The other half of inline.cpp.
#include "inline.hpp"

long drop_all(node *head)
{
	long sum = 0;

	head = push(head, 0);
	while (head) {
		node *n = head;

		head = n->next;
		sum += n->number;
		delete n;
	}
	kfree(buffer());
	return sum;
}
