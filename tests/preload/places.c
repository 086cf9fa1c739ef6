/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Where a process finds itself; see test_places.py.
 *
 *	exec N		replaces itself N times, with blocks in use each time
 *	chroot		goes where there is no file at all, then does everything
 *	here		does everything
 *	mixed		frees each block by the allocator that made it; -DTYPED:
 *			blocks of malloc() and of kmalloc() side by side
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if TYPED
#include <kmem/kmem.h>
#include <linux/slab.h>
#define GET(n) kvmalloc(n, GFP_KERNEL)
#define PUT(p) kvfree(p)
#else
#define GET(n) malloc(n)
#define PUT(p) free(p)
#endif

#define BLOCKS 4000

/* Blocks of 8 bytes to 8 MiB, each whole at its end; 0 when all were. */
static int work(void)
{
	static __thread unsigned char *block[BLOCKS];
	int bad = 0;

	for (int i = 0; i < BLOCKS; i++) {
		size_t n = i % 500 ? 8 + (size_t)i : (size_t)1 << 23;

		block[i] = GET(n);
		if (!block[i])
			return 1;
		block[i][0] = (unsigned char)i;
		block[i][n - 1] = (unsigned char)i;
	}
	for (int i = 0; i < BLOCKS; i++) {
		bad += block[i][0] != (unsigned char)i;
		PUT(block[i]);
	}
	return bad;
}

static void *thread(void *arg)
{
	*(int *)arg = work();
	return NULL;
}

static int everything(void)
{
	int there = -1, status = -1;
	pthread_t t;
	pid_t child;

	if (work() || pthread_create(&t, NULL, thread, &there))
		return 1;
	pthread_join(t, NULL);
	child = fork();
	if (!child)
		_exit(work());
	waitpid(child, &status, 0);
	return there || status;
}

static int enter(const char *folder)
{
	if (chroot(folder) || chdir("/")) {
		perror("chroot");
		return errno == EPERM ? 77 : 1;
	}
	return 0;
}

/* Both kinds of block live at once, and each goes back where it came from. */
static int mixed(void)
{
	void *ours[BLOCKS], *libcs[BLOCKS];
	int bad = 0;

	for (int i = 0; i < BLOCKS; i++) {
		ours[i] = GET((size_t)i + 1);
		libcs[i] = malloc((size_t)i + 1);
		if (!ours[i] || !libcs[i])
			return 1;
		memset(ours[i], 1, (size_t)i + 1);
		memset(libcs[i], 2, (size_t)i + 1);
	}
	for (int i = 0; i < BLOCKS; i++) {
		bad += *(char *)ours[i] != 1 || *(char *)libcs[i] != 2;
		PUT(ours[i]);
		free(libcs[i]);
	}
	return bad;
}

int main(int argc, char **argv)
{
	int err = 0;

	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "exec") && argc == 3) {
		char left[16];

		if (everything())
			return 1;
		if (!atoi(argv[2])) {
			puts("done");
			return 0;
		}
		snprintf(left, sizeof(left), "%d", atoi(argv[2]) - 1);
		GET(100);
		execl("/proc/self/exe", argv[0], "exec", left, (char *)NULL);
		return 1;
	}
	if (!strcmp(argv[1], "chroot") && argc == 3) {
		err = work();
		err = err ? err : enter(argv[2]);
	} else if (!strcmp(argv[1], "mixed")) {
		err = mixed();
	}
	if (err)
		return err;
	err = everything();
	if (!err)
		puts("done");
	return err;
}
