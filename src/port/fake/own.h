/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the files of the fake port share.
 */
#ifndef PORT_PORT_FAKE_OWN_H
#define PORT_PORT_FAKE_OWN_H

#include <pthread.h>

#include "port/fake/fake.h"

void fake_misuse(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

#define REQUIRE(cond, ...)                        \
	do {                                      \
		if (!(cond))                      \
			fake_misuse(__VA_ARGS__); \
	} while (0)

/* Guards all that is not atomic. */
extern pthread_mutex_t fake_mutex;

/* The mutex is held from here to the end of the block. */
#define LOCKED()                                      \
	__attribute__((cleanup(fake_unlock), unused)) \
	pthread_mutex_t *held_ = fake_lock()

static inline pthread_mutex_t *fake_lock(void)
{
	pthread_mutex_lock(&fake_mutex);
	return &fake_mutex;
}

static inline void fake_unlock(pthread_mutex_t **held)
{
	pthread_mutex_unlock(*held);
}

/* Counts a call and says whether it must fail; the mutex is held. */
bool fake_count(enum fake_call call);
bool fake_count_locked(enum fake_call call);

#endif
