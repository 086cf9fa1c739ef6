/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Misuse of malloc, one kind for each letter; test_check.py runs it.  What
 * comes after must be right whatever was done: no block has two owners, and
 * each is aligned.  Ends with "sound" or says what is not.
 */
#define _GNU_SOURCE 1

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 3000

static void *volatile kept;

/* The compiler knows free(), and what may come after. */
static void *hidden(void *p)
{
	kept = p;
	return kept;
}

static const char *check_blocks(void)
{
	static char *p[BLOCKS];

	for (unsigned int i = 0; i < BLOCKS; i++) {
		p[i] = malloc(64);
		if ((uintptr_t)p[i] % 16)
			return "a block that is not aligned";
		memset(p[i], 0, 64);
		memcpy(p[i], &i, sizeof(i));
	}
	for (unsigned int i = 0; i < BLOCKS; i++)
		if (memcmp(p[i], &i, sizeof(i)))
			return "a block with two owners";
	for (unsigned int i = 0; i < BLOCKS; i++)
		free(p[i]);
	return "sound";
}

static void *other(void *p)
{
	free(p);
	return NULL;
}

static void *work(void *seed)
{
	static __thread void *p[100];
	unsigned int x = (unsigned int)(uintptr_t)seed;

	for (unsigned int i = 0; i < 30000; i++) {
		x = x * 1103515245 + 12345;
		if (x >> 30)
			p[x >> 8 & 63] =
				realloc(p[x >> 8 & 63], x >> 18 & 4095);
		free(p[64 + (x >> 16 & 31)]);
		p[64 + (x >> 16 & 31)] = memalign(16u << (x >> 28), 200);
	}
	for (unsigned int i = 0; i < 100; i++)
		free(p[i]);
	return NULL;
}

/* Nothing of this is misuse. */
static void right(void)
{
	pthread_t t[4];
	int status;
	pid_t pid;

	for (unsigned int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, work, (void *)(uintptr_t)i);
	pid = fork();
	if (!pid)
		_exit(work(NULL) != NULL);
	waitpid(pid, &status, 0);
	if (status)
		puts("the child failed");
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	malloc_trim(0);
}

/* Does a class of the front have blocks of n bytes? */
static int is_of_class(size_t n)
{
	size_t step = n < 64 ? 16 : 1ul << (61 - __builtin_clzl(n));

	return n % step == 0;
}

/* The program has none of the library's own objects, which begin slabs. */
static void look_around(const char *p)
{
	const char *at = (const char *)((uintptr_t)p & ~(uintptr_t)4095);
	size_t n;

	for (long i = -1024; i < 1024; i++) {
		n = malloc_usable_size((char *)hidden((char *)at + i * 4096));
		if (!is_of_class(n))
			printf("an object of %zu bytes\n", n);
	}
}

static void misuse(char kind)
{
	char *p = malloc(64), *q = malloc(64), *r;
	void (*aligned_sized)(void *, size_t, size_t);
	pthread_t t;

	memset(p, 1, 64);
	switch (kind) {
	case 'd': /* twice in a row */
		free(p);
		free(hidden(p));
		break;
	case 'e': /* with another between */
		free(p);
		free(q);
		free(hidden(p));
		break;
	case 't': /* the first by another thread */
		pthread_create(&t, NULL, other, p);
		pthread_join(t, NULL);
		free(hidden(p));
		break;
	case 'f': /* long before */
		free(p);
		free(q);
		malloc_trim(0);
		free(hidden(p));
		break;
	case 'i': /* inside */
		free((char *)hidden(p) + 1);
		free((char *)hidden(p) + 16);
		break;
	case 'p': /* no block starts there, what is the library's included */
		r = (char *)((uintptr_t)p & ~(uintptr_t)4095) + 8;
		for (unsigned int i = 0; i < 64; i++)
			if (malloc_usable_size((char *)hidden(r) + i * 4096))
				puts("a size");
		break;
	case 'P': /* the same, in all that is near */
		look_around(p);
		break;
	case 'r': /* realloc of what was freed */
		free(p);
		r = realloc(hidden(p), 100);
		printf("%s\n", r ? "moved" : "refused");
		break;
	case 'u': /* what is no block has no bytes */
		printf("%zu\n", malloc_usable_size((char *)hidden(p) + 1));
		break;
	case 'o': /* past what was asked for */
		r = malloc(50);
		((volatile char *)r)[50] = 1;
		free(r);
		break;
	case 'w': /* after its free; until the slot comes again */
		free(p);
		((volatile char *)hidden(p))[8] = 1;
		break;
	case 'L': /* past the pages of a large block */
		r = malloc(100000);
		((volatile char *)r)[25 * 4096] = 1;
		break;
	case 'M': /* behind a large block that is never freed */
		r = malloc(100000 - 4);
		((volatile char *)r)[100000 - 4] = 1;
		break;
	case 'R': /* what realloc() took, though the block would have room */
		r = realloc(hidden(p), 63);
		((volatile char *)hidden(p))[8] = 1;
		free(r);
		break;
	case 'a': /* as one with an alignment that it does not have */
		aligned_sized = (void (*)(void *, size_t, size_t))dlsym(
			RTLD_DEFAULT, "free_aligned_sized");
		aligned_sized((uintptr_t)p % 4096 ? p : q, 4096, 64);
		break;
	case 'n': /* nothing */
		right();
		break;
	}
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	misuse(argv[1][0]);
	puts(check_blocks());
	return 0;
}
