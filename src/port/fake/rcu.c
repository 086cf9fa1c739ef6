/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The fake port's readers: none, until a test says that one is inside.
 */
#include "port/fake/rcu.h"

static struct port_rcu *held;
static bool reading;

void port_rcu_call(struct port_rcu *head, void (*fn)(struct port_rcu *head))
{
	if (!reading) {
		fn(head);
		return;
	}
	head->fn = fn;
	head->next = held;
	held = head;
}

bool port_rcu_poll(void)
{
	return true;
}

bool port_rcu_synchronize(void)
{
	if (reading)
		port_die();
	return true;
}

void port_rcu_barrier(void)
{
	if (held)
		port_die();
}

void fake_rcu_enter(void)
{
	reading = true;
}

unsigned int fake_rcu_leave(void)
{
	struct port_rcu *head = held, *next;
	unsigned int n = 0;

	reading = false;
	held = NULL;
	for (; head; head = next, n++) {
		next = head->next;
		head->fn(head);
	}
	return n;
}
