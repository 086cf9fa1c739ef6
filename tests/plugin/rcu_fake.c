/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A library with the one call by which a flavour of liburcu is known, as an
 * old one or a copy may be: there is no asking who reads.  Its grace periods
 * take a lock, as liburcu's do, and last while anybody is inside.
 */
#include "plugin/rcu_flavour.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static pthread_mutex_t grace = PTHREAD_MUTEX_INITIALIZER;
static atomic_int readers, waiters;

void urcu_memb_synchronize_rcu(void);
void urcu_memb_synchronize_rcu(void)
{
	pthread_mutex_lock(&grace);
	waiters++;
	while (readers)
		usleep(1000);
	waiters--;
	pthread_mutex_unlock(&grace);
}

static void nothing(void)
{
}

static void enter(void)
{
	readers++;
}

static void leave(void)
{
	readers--;
}

static void wait_for_waiter(void)
{
	while (!waiters)
		usleep(1000);
}

const struct rcu_plugin rcu_plugin = { nothing, nothing, enter, leave,
				       wait_for_waiter };
