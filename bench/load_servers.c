/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Loads that behave as known test programs for allocators do, on malloc and
 * free.  Each is written from a description of what such a program does to an
 * allocator, named after it, and does the same amount of work each time;
 * docs/bench.md describes them.
 *
 * The allocator comes in by LD_PRELOAD, as in load.c.  All tables are static
 * or mapped.  What is live in the end is left to the end of the process.
 */
#include "bench.h"
#include "shapes.h"

#define SEED 0x9e3779b97f4a7c15u

static uint64_t seed_of(int number)
{
	return SEED * (uint64_t)(2 * number + 1);
}

/* Written at both ends, as shape_get() and a program's own data would. */
INLINE void *block_get(size_t size)
{
	char *p = malloc(size < sizeof(long) ? sizeof(long) : size);

	if (__builtin_expect(!p, 0))
		bench_die("out of memory");
	*(volatile long *)p = 1;
	if (size > sizeof(long))
		((volatile char *)p)[size - 1] = 1;
	return p;
}

INLINE uint32_t between(uint64_t random, uint32_t low, uint32_t high)
{
	return low + bench_below(random, high - low + 1);
}

/*
 * A power of two times 16 plus something below it, the smaller of two draws:
 * of 8 octaves the lowest gets a quarter, the highest one in 64.
 */
INLINE size_t skewed_size(uint64_t random)
{
	uint32_t a = random & 7, b = random >> 3 & 7;
	size_t base = (size_t)16 << (a < b ? a : b);

	return base + (random >> 6 & (base - 1));
}

/* --- larson: connections outlive the threads that serve them --------------- */

#define CONNECTIONS 1000
#define LEG 10000

/* A table of connections and who waits for the last thread that serves it. */
struct relay {
	void *slots[CONNECTIONS];
	uint64_t random;
	long legs;
	atomic_int done;
};

static void *relay_leg(void *arg)
{
	struct relay *relay = arg;
	pthread_attr_t attr;
	pthread_t next;

	for (long i = 0; i < LEG; i++) {
		uint64_t random = bench_random(&relay->random);
		void **slot = &relay->slots[bench_below(random, CONNECTIONS)];

		free(*slot);
		*slot = block_get(8 + (random & 0xffff) * 993 / 0x10000);
	}
	if (--relay->legs <= 0) {
		bench_gate_open(&relay->done);
		return NULL;
	}
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&next, &attr, relay_leg, relay))
		bench_die("no successor");
	pthread_attr_destroy(&attr);
	return NULL;
}

/* In successors of this thread, which is put on their CPU too. */
static void relay_run(struct relay *relay, long legs)
{
	pthread_t first;

	relay->legs = legs;
	atomic_store(&relay->done, 0);
	if (pthread_create(&first, NULL, relay_leg, relay))
		bench_die("no thread");
	pthread_join(first, NULL);
	bench_gate_wait(&relay->done);
}

static void *larson_member(struct team *team, int number)
{
	struct relay *relay = bench_map(sizeof(*relay));

	relay->random = seed_of(number);
	relay_run(relay, team->ops / LEG / 10 + 1);
	team_start(team);
	relay_run(relay, team->ops / LEG + 1);
	return NULL;
}

/* --- xmalloc: made by some threads, freed by others ------------------------- */

#define PARCEL 256
#define QUEUE 16
#define PRODUCERS 2

/*
 * A block itself; its objects are blocks too, all freed by the thread that
 * takes it.
 */
struct parcel {
	void *objects[PARCEL];
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct parcel *parcels[QUEUE];
	int count;
} queue = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, {}, 0 };

static void queue_push(struct parcel *parcel)
{
	pthread_mutex_lock(&queue.lock);
	while (queue.count == QUEUE)
		pthread_cond_wait(&queue.changed, &queue.lock);
	queue.parcels[queue.count++] = parcel;
	pthread_cond_broadcast(&queue.changed);
	pthread_mutex_unlock(&queue.lock);
}

static struct parcel *queue_pop(void)
{
	struct parcel *parcel;

	pthread_mutex_lock(&queue.lock);
	while (!queue.count)
		pthread_cond_wait(&queue.changed, &queue.lock);
	parcel = queue.parcels[--queue.count];
	pthread_cond_broadcast(&queue.changed);
	pthread_mutex_unlock(&queue.lock);
	return parcel;
}

static void xmalloc_rounds(int number, long parcels)
{
	for (long i = 0; i < parcels; i++) {
		struct parcel *parcel;

		if (number < PRODUCERS) {
			parcel = block_get(sizeof(*parcel));
			for (int k = 0; k < PARCEL; k++)
				parcel->objects[k] = block_get(64);
			queue_push(parcel);
			continue;
		}
		parcel = queue_pop();
		for (int k = 0; k < PARCEL; k++)
			free(parcel->objects[k]);
		free(parcel);
	}
}

static void *xmalloc_member(struct team *team, int number)
{
	xmalloc_rounds(number, team->ops / PARCEL / 10 + 1);
	team_start(team);
	xmalloc_rounds(number, team->ops / PARCEL + 1);
	return NULL;
}

/* --- rptest: large sizes, a share freed by another thread ------------------- */

#define OWN 1000
#define MAILBOX 512
#define BOTH 2

/* What threads leave for each other; who puts one in frees what was there. */
static void *_Atomic mailbox[MAILBOX];

static void rptest_rounds(void **own, uint64_t *state, long ops)
{
	for (long i = 0; i < ops; i++) {
		uint64_t random = bench_random(state);
		void **slot = &own[bench_below(random, OWN)];
		void *old = *slot;

		*slot = block_get(8 + (random & 0xffff) * 15993 / 0x10000);
		if (random >> 16 & 3) {
			free(old);
			continue;
		}
		random = random >> 18 & (MAILBOX - 1);
		free(atomic_exchange(&mailbox[random], old));
	}
}

static void *rptest_member(struct team *team, int number)
{
	static void *tables[BOTH][OWN];
	uint64_t state = seed_of(number);

	rptest_rounds(tables[number], &state, team->ops / 10 + 1);
	team_start(team);
	rptest_rounds(tables[number], &state, team->ops);
	return NULL;
}

/* --- mstress: trees, some of which outlive the thread that grew them -------- */

#define DEPTH 9
#define TREES 24
#define KEPT 64

struct node {
	struct node *left, *right;
	void *payload;
};

static struct node *_Atomic kept[KEPT];

static size_t payload_size(uint64_t random)
{
	if (!(random & 0xff))
		return 4096 + (random >> 8 & 0xffff);
	if (!(random & 0xf))
		return 256 + (random >> 8 & 0xfff);
	return 16 + (random >> 8 & 0xff);
}

static struct node *tree_grow(int depth, uint64_t *state)
{
	struct node *node = block_get(sizeof(*node));

	node->payload = block_get(payload_size(bench_random(state)));
	node->left = depth ? tree_grow(depth - 1, state) : NULL;
	node->right = depth ? tree_grow(depth - 1, state) : NULL;
	return node;
}

static void tree_fell(struct node *node)
{
	if (!node)
		return;
	tree_fell(node->left);
	free(node->payload);
	tree_fell(node->right);
	free(node);
}

static void *generation_main(void *arg)
{
	uint64_t state = seed_of((int)(long)arg);
	struct node *trees[TREES];

	for (int i = 0; i < TREES; i++)
		trees[i] = tree_grow(DEPTH, &state);
	for (int i = 0; i < TREES; i++) {
		uint64_t random = bench_random(&state);

		/* A quarter goes to the next thread there. */
		if (!(random & 3))
			trees[i] = atomic_exchange(
				&kept[random >> 2 & (KEPT - 1)], trees[i]);
		tree_fell(trees[i]);
	}
	return NULL;
}

/* The team's only member; each generation is a pair of new threads. */
static void mstress_rounds(const cpu_set_t *allowed, long from, long rounds)
{
	for (long i = from; i < from + rounds; i++) {
		pthread_t threads[BOTH];

		for (long k = 0; k < BOTH; k++) {
			bench_pin(allowed, (int)k);
			if (pthread_create(&threads[k], NULL, generation_main,
					   (void *)(i * BOTH + k)))
				bench_die("no thread");
		}
		for (int k = 0; k < BOTH; k++)
			pthread_join(threads[k], NULL);
	}
}

static void *mstress_member(struct team *team, int number)
{
	long rounds = team->ops / BOTH / TREES / (2 << DEPTH) / 2 + 1;

	(void)number;
	mstress_rounds(&team->allowed, 0, rounds / 10 + 1);
	team_start(team);
	mstress_rounds(&team->allowed, rounds, rounds);
	return NULL;
}

/* --- cache-scratch, cache-thrash: neighbours that are written to ------------ */

#define WRITES 200

/* What the main thread gives to each of them: probably of one cache line. */
static char *gifts[BOTH];

static void write_rounds(long ops)
{
	for (long i = 0; i < ops; i++) {
		void *block = block_get(8);
		volatile char *p = block;

		for (int k = 0; k < WRITES; k++)
			p[k & 7]++;
		free(block);
	}
}

static void *thrash_member(struct team *team, int number)
{
	write_rounds(team->ops / 10 + 1);
	if (gifts[number]) {
		*(volatile char *)gifts[number] = 1;
		free(gifts[number]);
	}
	team_start(team);
	write_rounds(team->ops);
	return NULL;
}

/* --- alloc-test: a live set of small things ---------------------------------- */

#define LIVE (1 << 17)
static void *live[LIVE];

/* Half of all turns fall on a sixteenth of the slots. */
static void live_rounds(long ops)
{
	static uint64_t state = SEED;

	for (long i = 0; i < ops; i++) {
		uint64_t random = bench_random(&state);
		uint32_t slot = bench_below(
			random, random & 0x10000 ? LIVE : LIVE / 16);

		if (live[slot]) {
			free(live[slot]);
			live[slot] = NULL;
		} else {
			live[slot] = block_get(skewed_size(random));
		}
	}
}

/* --- sh6, sh8: batches with frees in between ---------------------------------- */

#define BATCH 400
#define SIZES 10
#define SH_TEAM 4

/*
 * Of each size a batch, of which every third is freed at once; of what is
 * left the first half goes first first, the other half last first, when the
 * next size's batch is there already.
 */
struct batches {
	void *blocks[2][BATCH];
	uint64_t random;
	int shared; /* now and then a block changes hands in the mailbox */
};

static void batch_drop(struct batches *b, void **blocks)
{
	for (int i = 0; i < BATCH / 2; i++) {
		free(blocks[i]);
		blocks[i] = NULL;
	}
	for (int i = BATCH; i-- > BATCH / 2;) {
		void *p = blocks[i];

		if (b->shared && p && !(i & 7))
			p = atomic_exchange(&mailbox[bench_random(&b->random) &
						     (MAILBOX - 1)],
					    p);
		free(p);
		blocks[i] = NULL;
	}
}

static void batch_rounds(struct batches *b, long ops)
{
	static const uint16_t sizes[SIZES] = { 8,   24,  40,  64,  96,
					       144, 208, 320, 544, 1000 };

	for (long round = 0; round < ops / BATCH + 1; round++) {
		void **blocks = b->blocks[round & 1];
		size_t size = sizes[round % SIZES];

		for (int i = 0; i < BATCH; i++) {
			blocks[i] = block_get(size);
			if (i % 3 == 2) {
				free(blocks[i - 1]);
				blocks[i - 1] = NULL;
			}
		}
		batch_drop(b, b->blocks[!(round & 1)]);
	}
	batch_drop(b, b->blocks[0]);
	batch_drop(b, b->blocks[1]);
}

static void sh6_rounds(long ops)
{
	static struct batches batches = { .random = SEED };

	batch_rounds(&batches, ops);
}

static void *sh8_member(struct team *team, int number)
{
	static struct batches batches[SH_TEAM];
	struct batches *own = &batches[number];

	own->random = seed_of(number);
	own->shared = 1;
	batch_rounds(own, team->ops / 10 + 1);
	team_start(team);
	batch_rounds(own, team->ops);
	return NULL;
}

/* --- malloc-large: few, of many pages ------------------------------------------ */

#define BUFFERS 20

static void large_rounds(long ops)
{
	static void *buffers[BUFFERS];
	static uint64_t state = SEED;

	for (long i = 0; i < ops; i++) {
		uint64_t random = bench_random(&state);
		void **slot = &buffers[bench_below(random, BUFFERS)];
		size_t size =
			between(random << 32 | random >> 32, 5 << 20, 25 << 20);
		volatile char *p;

		free(*slot);
		p = *slot = block_get(size);
		for (size_t at = 0; at < size; at += 4096)
			p[at] = 1;
	}
}

/* --- glibc's own two: batches of one size, a working set --------------------- */

static void simple_rounds(long ops)
{
	static const uint16_t counts[] = { 25, 100, 400, 1600 };
	static void *blocks[1600];

	for (long done = 0; done < ops;) {
		for (int c = 0; c < 4; c++) {
			for (int i = 0; i < counts[c]; i++)
				blocks[i] = block_get(128);
			for (int i = 0; i < counts[c]; i++)
				free(blocks[i]);
			done += counts[c];
		}
	}
}

#define WORKING_SET 1024

/* Sizes to 32 KiB whose density falls with the size. */
static void working_set_rounds(void **own, uint64_t *state, long ops)
{
	for (long i = 0; i < ops; i++) {
		uint64_t random = bench_random(state);
		void **slot = &own[bench_below(random, WORKING_SET)];
		size_t root = 2 + (random & 0xffff) * 180 / 0x10000;

		free(*slot);
		*slot = block_get(root * root);
	}
}

static void *thread_member(struct team *team, int number)
{
	static void *tables[BOTH][WORKING_SET];
	uint64_t state = seed_of(number);

	working_set_rounds(tables[number], &state, team->ops / 10 + 1);
	team_start(team);
	working_set_rounds(tables[number], &state, team->ops);
	return NULL;
}

/* --- the modes ------------------------------------------------------------------ */

#define ALONE_AS(name)                              \
	ALONE static void measured_##name(long ops) \
	{                                           \
		name##_rounds(ops);                 \
	}

ALONE_AS(live)
ALONE_AS(sh6)
ALONE_AS(large)
ALONE_AS(simple)

static const struct single singles[] = {
	{ "like-alloc-test", 4000000, measured_live, measured_live },
	{ "like-sh6", 6000000, measured_sh6, measured_sh6 },
	{ "like-large", 100, measured_large, measured_large },
	{ "like-simple", 10000000, measured_simple, measured_simple },
	{},
};

/* Operations are those of a member; a row's are those of `share` members. */
static const struct several {
	const char *mode;
	void *(*run)(struct team *team, int number);
	int size, share;
	long ops;
} several[] = {
	{ "like-larson", larson_member, BOTH, BOTH, 2000000 },
	{ "like-xmalloc", xmalloc_member, 2 * PRODUCERS, PRODUCERS, 2000000 },
	{ "like-rptest", rptest_member, BOTH, BOTH, 800000 },
	{ "like-mstress", mstress_member, 1, 1, 3000000 },
	{ "like-scratch", thrash_member, BOTH, BOTH, 200000 },
	{ "like-thrash", thrash_member, BOTH, BOTH, 200000 },
	{ "like-sh8", sh8_member, SH_TEAM, SH_TEAM, 1500000 },
	{ "like-thread", thread_member, BOTH, BOTH, 1500000 },
	{},
};

static void run_several(const struct several *one, const struct args *args)
{
	struct team team = {
		.run = one->run,
		.size = one->size,
		.ops = bench_count(args, one->ops),
	};

	if (!strcmp(one->mode, "like-scratch"))
		for (int i = 0; i < BOTH; i++)
			gifts[i] = block_get(8);
	team_measure(&team, (double)team.ops * one->share);
}

int main(int argc, char **argv)
{
	struct args args = bench_args(argc, argv);

	if (bench_run_single(singles, &args))
		return 0;
	for (const struct several *one = several; one->mode; one++) {
		if (strcmp(one->mode, args.mode))
			continue;
		run_several(one, &args);
		return 0;
	}
	bench_die("%s: no mode %s", argv[0], args.mode);
}
