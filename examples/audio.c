/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A synthesiser.  A sound card calls for 10 ms of sound at a time and does not
 * wait, so what the callback allocates must not block, call the system or take
 * a page fault: a reserve is made and locked at the start, and the callback
 * asks with GFP_ATOMIC.  Meanwhile the program loads samples: run it with
 * KMEM_OPTIONS=mem=80M, and they use up all there is, except the reserve.
 */
#define _GNU_SOURCE
#include <kmem/reserve.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FRAMES 480 /* of 48000 a second */
#define RESERVE (8 << 20)
#define ECHO_ORDER 3 /* eight pages, side by side */
#define ECHO_FRAMES ((PAGE_SIZE << ECHO_ORDER) / sizeof(float))

struct note {
	struct note *next;
	float phase, step;
	int periods; /* left to play */
};

static struct note *playing;
static float *echo;
static float out[FRAMES];
static unsigned long notes, echoes, missed;

static unsigned int dice(void)
{
	static unsigned int x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	return x ^= x << 5;
}

static void start_note(void)
{
	struct note *n = kmalloc(sizeof(*n), GFP_ATOMIC | __GFP_NOWARN);

	if (!n) {
		missed++; /* one note less is no catastrophe: no wait */
		return;
	}
	n->phase = 0;
	n->step = (float)(1 + dice() % 100) / 1000;
	n->periods = 1 + (int)(dice() % 400);
	n->next = playing;
	playing = n;
	notes++;
}

static void play_notes(void)
{
	struct note **at = &playing;

	while (*at) {
		struct note *n = *at;

		for (int i = 0; i < FRAMES; i++) {
			out[i] += n->phase;
			n->phase += n->step;
			if (n->phase > 1)
				n->phase -= 2;
		}
		if (--n->periods) {
			at = &n->next;
			continue;
		}
		*at = n->next;
		kfree(n); /* freeing is allowed everywhere */
	}
}

static void play_echo(unsigned int period)
{
	if (period % 100 == 50) {
		echo = (float *)__get_free_pages(
			GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO, ECHO_ORDER);
		echoes += echo != NULL;
		missed += echo == NULL;
	}
	for (int i = 0; echo && i < FRAMES; i++) {
		float *before = &echo[(period * FRAMES + i) % ECHO_FRAMES];

		out[i] += *before / 2;
		*before = out[i];
	}
	if (period % 100 == 99) {
		free_pages((unsigned long)echo, ECHO_ORDER);
		echo = NULL;
	}
}

/* What the sound card calls. */
static void callback(unsigned int period)
{
	memset(out, 0, sizeof(out));
	for (unsigned int n = dice() % 4; n; n--)
		start_note();
	play_notes();
	play_echo(period);
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static void *sound_card(void *arg)
{
	struct sched_param high = { .sched_priority = 10 };
	long before;

	(void)arg;
	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &high))
		puts("no real-time priority for this user");
	kmem_rt_thread(); /* the library's first touches by this thread */
	callback(0);      /* and those of our own code, stack and data */
	before = faults();
	before = faults();
	for (unsigned int period = 1; period < 2000; period++)
		callback(period);
	printf("%lu notes, %lu echoes, %lu missed, %ld page faults\n", notes,
	       echoes, missed, faults() - before);
	while (playing) {
		struct note *n = playing;

		playing = n->next;
		kfree(n);
	}
	return NULL;
}

/* As much as there is; it would rather have less than wait. */
static unsigned int load_samples(void **sample, unsigned int n)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	unsigned int i;

	for (i = 0; i < n; i++) {
		sample[i] = kmalloc(32768, gfp);
		if (!sample[i])
			break;
		memset(sample[i], 1, 32768);
	}
	return i;
}

int main(void)
{
	static void *sample[2200];
	unsigned int loaded;
	pthread_t thread;

	if (kmem_reserve(RESERVE))
		puts("the reserve is smaller than it should be");
	loaded = load_samples(sample, 2200);
	printf("%u samples loaded\n", loaded);
	if (pthread_create(&thread, NULL, sound_card, NULL))
		return EXIT_FAILURE;
	pthread_join(thread, NULL);
	printf("reserve used: %zu of %d bytes\n", kmem_reserve_used(false),
	       RESERVE);
	while (loaded)
		kfree(sample[--loaded]);
	return 0;
}
