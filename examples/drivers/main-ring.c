/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * ring in user space: two threads write packets, two take them, and every
 * packet that went in comes out once, whole.
 */
#include <kmem/module.h>
#include <linux/err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#define WRITERS 2
#define READERS 2
#define PACKETS 20000
#define LONGEST 1500

static unsigned long sum_in, sum_out;
static int left, wrong;

/* A packet says how long it is, and then repeats that. */
static void *writer(void *arg)
{
	struct file *file = kmem_file_open("/dev/ring", O_WRONLY);
	unsigned char packet[LONGEST];

	for (int i = 0; i < PACKETS; i++) {
		int len = 2 + (i * 17 + (int)(long)arg) % (LONGEST - 2);
		long did;

		memset(packet, len & 0xff, (size_t)len);
		packet[0] = (unsigned char)(len >> 8);
		/* The ring is full, or GFP_ATOMIC finds no page ready. */
		do {
			did = kmem_file_write(file, packet, (size_t)len);
			if (did == len)
				break;
			sched_yield();
		} while (did == -ENOBUFS || did == -ENOMEM);
		if (did != len)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&sum_in, (unsigned long)len,
				   __ATOMIC_RELAXED);
	}
	kmem_file_close(file);
	__atomic_fetch_sub(&left, 1, __ATOMIC_RELEASE);
	return NULL;
}

static bool is_packet(const unsigned char *packet, long len)
{
	for (long i = 1; i < len; i++)
		if (packet[i] != (len & 0xff))
			return false;
	return packet[0] == len >> 8;
}

static void *reader(void *arg)
{
	struct file *file = kmem_file_open("/dev/ring", O_RDONLY);
	unsigned char packet[LONGEST];

	(void)arg;
	for (;;) {
		/* Asked before the ring: then an empty one stays empty. */
		int writing = __atomic_load_n(&left, __ATOMIC_ACQUIRE);
		long len = kmem_file_read(file, packet, sizeof(packet));

		if (len > 0 && is_packet(packet, len))
			__atomic_fetch_add(&sum_out, (unsigned long)len,
					   __ATOMIC_RELAXED);
		else if (len)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		else if (!writing)
			break;
		else
			sched_yield();
	}
	kmem_file_close(file);
	return NULL;
}

static void show_counts(void)
{
	struct file *file = kmem_file_open("/debug/ring/counts", O_RDONLY);
	char text[200] = "", *end;

	kmem_file_read(file, text, sizeof(text) - 1);
	kmem_file_close(file);
	/* How often the ring was full depends on who ran when. */
	end = strstr(text, "refused");
	if (end)
		*end = '\0';
	fputs(text, stdout);
}

int main(void)
{
	pthread_t threads[WRITERS + READERS];

	if (kmem_modules_init())
		return 1;
	left = WRITERS;
	for (long i = 0; i < WRITERS + READERS; i++)
		if (pthread_create(&threads[i], NULL,
				   i < WRITERS ? writer : reader, (void *)i))
			return 1;
	for (int i = 0; i < WRITERS + READERS; i++)
		pthread_join(threads[i], NULL);
	show_counts();
	kmem_modules_exit();
	printf("%lu bytes in, %lu out, %d wrong\n", sum_in, sum_out, wrong);
	return wrong || sum_in != sum_out;
}
