/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A library that knows nothing of any allocator, and whose handlers are
 * registered before main() begins.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

void lib_use(void *(*take)(size_t n), void (*give)(void *p));
void lib_locked(void);
unsigned int lib_ran(void);
extern bool lib_thread_in_child;

bool lib_thread_in_child;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void *(*lib_take)(size_t n);
static void (*lib_give)(void *p);
static unsigned int ran;

void lib_use(void *(*take)(size_t n), void (*give)(void *p))
{
	lib_take = take;
	lib_give = give;
}

unsigned int lib_ran(void)
{
	return ran;
}

static void work(void)
{
	static const size_t sizes[] = { 8, 64, 500, 4000, 30000, 100000 };

	if (!lib_take)
		return;
	for (unsigned int i = 0; i < 600; i++)
		lib_give(lib_take(sizes[i % 6]));
	lib_give(lib_take(3 << 20));
	lib_give(lib_take(6 << 20));
}

/* Another thread allocates with the lock that the handlers take. */
void lib_locked(void)
{
	pthread_mutex_lock(&mutex);
	work();
	pthread_mutex_unlock(&mutex);
}

static void *thread(void *unused)
{
	work();
	return unused;
}

static void prepare(void)
{
	pthread_mutex_lock(&mutex);
	ran++;
	work();
}

static void parent(void)
{
	work();
	pthread_mutex_unlock(&mutex);
}

static void child(void)
{
	pthread_t t;

	work();
	if (lib_thread_in_child && !pthread_create(&t, NULL, thread, NULL))
		pthread_join(t, NULL);
	pthread_mutex_unlock(&mutex);
}

static __attribute__((constructor)) void begin(void)
{
	pthread_atfork(prepare, parent, child);
}
