/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * blkcache in user space: four threads read blocks, some of them often, and
 * each block is looked at. With KMEM_OPTIONS=mem=32M there is not room for all
 * of them, and no read fails.
 */
#include <kmem/module.h>
#include <linux/err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096
#define BLOCKS 16384
#define THREADS 4
#define READS 20000

static int wrong;

static bool is_block(const char *data, unsigned long number)
{
	unsigned long head;
	char fill = (char)(number * 37 + 11);

	memcpy(&head, data, sizeof(head));
	for (size_t i = sizeof(head); i < BLOCK; i++)
		if (data[i] != fill)
			return false;
	return head == number;
}

static void *reader(void *arg)
{
	struct file *file = kmem_file_open("/dev/blkcache", O_RDONLY);
	unsigned long seed = (unsigned long)arg * 2654435761ul + 1;
	char data[BLOCK];
	int bad = IS_ERR(file);

	for (int i = 0; i < READS && !bad; i++) {
		unsigned long number;

		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		number = (seed >> 33) % (i % 4 ? 64 : BLOCKS);
		kmem_file_seek(file, (long long)number * BLOCK, SEEK_SET);
		bad = kmem_file_read(file, data, BLOCK) != BLOCK ||
		      !is_block(data, number);
	}
	if (bad)
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	else
		kmem_file_close(file);
	return NULL;
}

static void show_counts(void)
{
	struct file *file = kmem_file_open("/debug/blkcache/counts", O_RDONLY);
	char text[200] = "";

	kmem_file_read(file, text, sizeof(text) - 1);
	kmem_file_close(file);
	fputs(text, stdout);
}

int main(void)
{
	pthread_t threads[THREADS];

	if (kmem_modules_init())
		return 1;
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, reader, (void *)i))
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	show_counts();
	kmem_modules_exit();
	printf("%d reads, %d readers saw wrong blocks\n", THREADS * READS,
	       wrong);
	return wrong != 0;
}
