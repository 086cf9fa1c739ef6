/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Channels of a driver are found by number and live as long as somebody has a
 * reference.  Who sends looks its channel up, and takes none: when the other
 * end hangs up in the middle, the last reference is gone.  What was freed still
 * looks as it did, so nothing is amiss in most runs.
 */
#include <linux/slab.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHANNELS 16

struct channel {
	unsigned int refs;
	unsigned int number;
	unsigned long sent;
	char peer[40];
};

static struct channel *channels[CHANNELS];

static struct channel *channel_open(unsigned int number)
{
	struct channel *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	c->refs = 1;
	c->number = number;
	snprintf(c->peer, sizeof(c->peer), "peer %u", number);
	channels[number] = c;
	return c;
}

static struct channel *channel_find(unsigned int number)
{
	return channels[number]; /* the fault: no reference is taken */
}

static void channel_put(struct channel *c)
{
	if (--c->refs)
		return;
	channels[c->number] = NULL;
	kfree(c);
}

static void hang_up(unsigned int number)
{
	if (channels[number])
		channel_put(channels[number]);
}

/* The other end may answer before the call is over. */
static void transmit(unsigned int number, size_t bytes)
{
	if (bytes > 1400)
		hang_up(number);
}

static unsigned long channel_send(unsigned int number, size_t bytes)
{
	struct channel *c = channel_find(number);

	if (!c)
		return 0;
	transmit(number, bytes);
	c->sent += bytes;
	return c->sent;
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? (unsigned int)atoi(argv[1]) : 300, i;
	struct timespec pause = { .tv_nsec = 1000000 };
	unsigned long sent = 0;

	for (i = 0; i < rounds; i++) {
		if (!channel_open(i % CHANNELS))
			return 1;
		sent += channel_send(i % CHANNELS, 1000);
		sent += channel_send(i % CHANNELS, i % 3 ? 500 : 1500);
		hang_up(i % CHANNELS);
		nanosleep(&pause, NULL);
	}
	printf("%u channels\n", rounds);
	return sent ? 0 : 1;
}
