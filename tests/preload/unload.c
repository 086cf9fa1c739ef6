/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * unload OBJECT ALLOC FREE ROUNDS : opens the object, has two threads allocate
 * and free by it, closes it while they are where their last calls left them,
 * lets them be preempted there, and says whether the object is still loaded.
 * Then the threads end, a child is forked, and the program exits: whatever
 * libc was told to call by then is called.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GFP_KERNEL 0xcc0u

static void *(*alloc)(size_t, unsigned int);
static void (*release)(void *);
static atomic_int inside, closed;

/* A time slice is over in it, and the thread is sent on from where it is. */
static void spin_ms(long ms)
{
	struct timespec from, now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while ((now.tv_sec - from.tv_sec) * 1000 +
		       (now.tv_nsec - from.tv_nsec) / 1000000 <
	       ms);
}

static void *user(void *arg)
{
	void *held[40];

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 40; i++)
			held[i] = alloc(64, GFP_KERNEL);
		for (int i = 0; i < 40; i++)
			release(held[i]);
	}
	inside++;
	while (!closed)
		;
	spin_ms(30);
	return arg;
}

int main(int argc, char **argv)
{
	int rounds = argc > 4 ? atoi(argv[4]) : 1, status = 0;
	pthread_t t[2];
	void *object;
	pid_t pid;

	for (int round = 0; argc > 3 && round < rounds; round++) {
		object = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
		if (!object) {
			puts(dlerror());
			return 2;
		}
		*(void **)&alloc = dlsym(object, argv[2]);
		*(void **)&release = dlsym(object, argv[3]);
		if (!alloc || !release)
			return 2;
		inside = closed = 0;
		for (int i = 0; i < 2; i++)
			pthread_create(&t[i], NULL, user, NULL);
		release(alloc(64, GFP_KERNEL));
		while (inside < 2)
			;
		dlclose(object);
		closed = 1;
		spin_ms(30);
		for (int i = 0; i < 2; i++)
			pthread_join(t[i], NULL);
	}
	pid = fork();
	if (!pid)
		exit(0);
	waitpid(pid, &status, 0);
	printf("%s, child %d\n",
	       dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) ? "stays" : "gone",
	       status);
	return 0;
}
