/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The loads on malloc and free.  Linked to nothing of ours: the allocator
 * that is measured comes in by LD_PRELOAD, ours like the others.
 */
#include "bench.h"
#include "latency.h"
#include "shapes.h"
#include "syscalls.h"

/* --- a heap that does nothing --------------------------------------------- */

/*
 * Does nothing, in NOTHING_GET and NOTHING_PUT instructions: what the loop
 * around a heap costs is the count on this one less these.
 */
#if defined(__x86_64__)
#define NOTHING_GET 2
#define NOTHING_PUT 1
__attribute__((used)) static long nothing_block[512];

__attribute__((naked, noinline)) static void *
nothing_get(__attribute__((unused)) size_t size)
{
	__asm__("lea nothing_block(%rip), %rax\n\tret");
}

__attribute__((naked, noinline)) static void
nothing_put(__attribute__((unused)) void *p)
{
	__asm__("ret");
}

#define NOTHING ((struct heap){ nothing_get, nothing_put })
#endif

/* --- one thread ----------------------------------------------------------- */

#define MANY (1 << 20)
static void *slots[MANY];
static uint64_t seed = 0x9e3779b97f4a7c15u;

SHAPE_SINGLE(pair_64, shape_pair(LIBC, 64, ops))
SHAPE_SINGLE(pair_256, shape_pair(LIBC, 256, ops))
SHAPE_SINGLE(pair_4096, shape_pair(LIBC, 4096, ops))
SHAPE_SINGLE(pair_32k, shape_pair(LIBC, 32768, ops))
SHAPE_SINGLE(lifo_128, shape_lifo(LIBC, 64, slots, 128, ops))
SHAPE_SINGLE(fifo_128, shape_fifo(LIBC, 64, slots, 128, ops))
SHAPE_SINGLE(fifo_64, shape_fifo(LIBC, 64, slots, 64, ops))
SHAPE_SINGLE(fifo_64_4096, shape_fifo(LIBC, 4096, slots, 64, ops))
SHAPE_SINGLE(fifo_16k, shape_fifo(LIBC, 64, slots, 16384, ops))
SHAPE_SINGLE(fifo_1m, shape_fifo(LIBC, 64, slots, MANY, ops))

static void warm_replace(long ops)
{
	shape_fill(LIBC, slots, 100000, &seed);
	shape_replace(LIBC, slots, 100000, &seed, ops);
}

ALONE static void measured_replace(long ops)
{
	shape_replace(LIBC, slots, 100000, &seed, ops);
}

/* --- instructions --------------------------------------------------------- */

SHAPE_HALVES(libc, LIBC, slots)
#if defined(NOTHING)
SHAPE_HALVES(none, NOTHING, slots)
SHAPE_SINGLE(none_pair, shape_pair(NOTHING, 64, ops))
#endif

static const struct single singles[] = {
	{ "pair-64", 20000000, warm_pair_64, measured_pair_64 },
	{ "pair-256", 20000000, warm_pair_256, measured_pair_256 },
	{ "pair-4096", 5000000, warm_pair_4096, measured_pair_4096 },
	{ "pair-32k", 5000000, warm_pair_32k, measured_pair_32k },
	{ "lifo-128", 20000000, warm_lifo_128, measured_lifo_128 },
	{ "fifo-128", 20000000, warm_fifo_128, measured_fifo_128 },
	{ "fifo-64", 20000000, warm_fifo_64, measured_fifo_64 },
	{ "fifo-64-4096", 5000000, warm_fifo_64_4096, measured_fifo_64_4096 },
	{ "fifo-16k", 16384 * 800, warm_fifo_16k, measured_fifo_16k },
	{ "fifo-1m", MANY * 6L, warm_fifo_1m, measured_fifo_1m },
	{ "replace-1", 3000000, warm_replace, measured_replace },
	{ "halves", 64000, warm_libc_halves, run_libc_halves },
#if defined(NOTHING)
	{ "none-pair", 64000, warm_none_pair, measured_none_pair },
	{ "none-halves", 64000, warm_none_halves, run_none_halves },
#endif
	{},
};

/* --- threads, each with slots of its own ---------------------------------- */

static uint32_t slots_each;

static void *replace_member(struct team *team, int number)
{
	void **own = bench_map(slots_each * sizeof(*own));
	uint64_t state = seed * (uint64_t)(2 * number + 1);

	shape_fill(LIBC, own, slots_each, &state);
	shape_replace(LIBC, own, slots_each, &state, team->ops / 10 + 1);
	team_start(team);
	shape_replace(LIBC, own, slots_each, &state, team->ops);
	return NULL;
}

static void run_replace(const struct args *args, int threads, uint32_t each,
			long ops)
{
	struct team team = {
		.run = replace_member,
		.size = args->threads ? (int)args->threads : threads,
		.ops = bench_count(args, ops),
	};

	slots_each = each;
	team_measure(&team, (double)team.ops * team.size);
}

/* --- one allocates, one frees --------------------------------------------- */

/* A batch travels whole; FLIGHT batches can be on their way. */
#define BATCH 128
#define FLIGHT 16
struct batch {
	_Alignas(CACHE_LINE) atomic_int full;
	_Alignas(CACHE_LINE) void *objects[BATCH];
};

static struct batch flight[FLIGHT];

INLINE void produce(long batches)
{
	for (long i = 0; i < batches; i++) {
		struct batch *batch = &flight[i % FLIGHT];
		unsigned int spins = 0;

		while (atomic_load_explicit(&batch->full, memory_order_acquire))
			ring_wait(&spins);
		for (int k = 0; k < BATCH; k++)
			batch->objects[k] = shape_get(LIBC, 64);
		atomic_store_explicit(&batch->full, 1, memory_order_release);
	}
}

INLINE void consume(long batches)
{
	for (long i = 0; i < batches; i++) {
		struct batch *batch = &flight[i % FLIGHT];
		unsigned int spins = 0;

		while (!atomic_load_explicit(&batch->full,
					     memory_order_acquire))
			ring_wait(&spins);
		for (int k = 0; k < BATCH; k++)
			libc_put(batch->objects[k]);
		atomic_store_explicit(&batch->full, 0, memory_order_release);
	}
}

static void *prodcons_member(struct team *team, int number)
{
	/* Whole rounds, so that both phases begin at the first batch. */
	long rounds = team->ops / BATCH / FLIGHT + 1;
	long warm = (rounds / 10 + 1) * FLIGHT;

	if (number == 0)
		produce(warm);
	else
		consume(warm);
	team_start(team);
	if (number == 0)
		produce(rounds * FLIGHT);
	else
		consume(rounds * FLIGHT);
	return NULL;
}

static void run_prodcons(const struct args *args)
{
	struct team team = {
		.run = prodcons_member,
		.size = 2,
		.ops = bench_count(args, 8000000),
	};

	team_measure(&team,
		     (double)(team.ops / BATCH / FLIGHT + 1) * BATCH * FLIGHT);
}

/* --- each allocates, the other frees --------------------------------------- */

static void *handoff_member(struct team *team, int number)
{
	shape_handoff_member(LIBC, 256, team, number);
	return NULL;
}

static void run_handoff(const struct args *args)
{
	struct team team = {
		.run = handoff_member,
		.ops = bench_count(args, 3000000),
	};

	handoff_measure(&team);
}

/* --- what stays of threads that sleep --------------------------------------- */

#define IDLE_ROUNDS 4
#define IDLE_OBJECTS 512
static void **idle_slots; /* IDLE_OBJECTS for each; unmapped before looking */
static atomic_int idle_born, idle_asleep, idle_go, idle_never;

static void *idle_main(void *arg)
{
	long number = (long)arg;
	void **own = idle_slots + number * IDLE_OBJECTS;
	uint64_t state = seed * (uint64_t)(2 * number + 1);

	atomic_fetch_add(&idle_born, 1);
	bench_gate_wait(&idle_go);
	for (int round = 0; round < IDLE_ROUNDS; round++) {
		shape_fill(LIBC, own, IDLE_OBJECTS, &state);
		for (int i = 0; i < IDLE_OBJECTS; i++)
			libc_put(own[i]);
	}
	atomic_fetch_add(&idle_asleep, 1);
	bench_gate_wait(&idle_never);
	return NULL;
}

static void run_idle(const struct args *args)
{
	long threads = args->threads ? args->threads : 2000;
	size_t bytes = (size_t)threads * IDLE_OBJECTS * sizeof(void *);
	pthread_attr_t attr;
	double before;

	idle_slots = bench_map(bytes);
	pthread_attr_init(&attr);
	/* Its own part of a stack is no allocator's doing. */
	pthread_attr_setstacksize(&attr, 64 << 10);
	for (long i = 0; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, &attr, idle_main, (void *)i))
			bench_die("no thread %ld", i);
	}
	while (atomic_load(&idle_born) < threads)
		bench_sleep(0.01);
	before = bench_status_kib("VmRSS:");
	bench_gate_open(&idle_go);
	while (atomic_load(&idle_asleep) < threads)
		bench_sleep(0.01);
	munmap(idle_slots, bytes);
	bench_sleep(args->wait);
	bench_report("threads", (double)threads);
	bench_report("born_kib", before);
	bench_report("idle_kib", bench_status_kib("VmRSS:"));
	bench_report("peak_kib", bench_status_kib("VmHWM:"));
	_exit(0);
}

/* --- what stays after freeing ----------------------------------------------- */

static void run_rss(const struct args *args)
{
	struct args counts = *args;
	uint32_t count, most;

	counts.ops = 0;
	count = (uint32_t)bench_count(&counts, 1000000);
	most = (uint32_t)((uint64_t)count * 95 / 100);
	if (count > MANY)
		bench_die("at most %d objects", MANY);
	shape_fill(LIBC, slots, count, &seed);
	bench_report("full_kib", bench_status_kib("VmRSS:"));
	for (uint32_t i = count - 1; i > 0; i--) {
		uint32_t k = bench_below(bench_random(&seed), i + 1);
		void *p = slots[i];

		slots[i] = slots[k];
		slots[k] = p;
	}
	for (uint32_t i = 0; i < most; i++)
		libc_put(slots[i]);
	bench_sleep(args->wait);
	bench_report("rss95_kib", bench_status_kib("VmRSS:"));
	for (uint32_t i = most; i < count; i++)
		libc_put(slots[i]);
	bench_sleep(args->wait);
	bench_report("rss100_kib", bench_status_kib("VmRSS:"));
	bench_report("peak_kib", bench_status_kib("VmHWM:"));
	bench_report("left_percent", 100 * bench_status_kib("VmRSS:") /
					     bench_status_kib("VmHWM:"));
}

/* --- up and down ------------------------------------------------------------ */

/*
 * A program that grows and shrinks: each cycle allocates and frees so many
 * objects, and sleeps for the rest of its time, in which the memory is free.
 */
static const struct breath {
	const char *metric;
	double seconds; /* of a cycle, at --wait=3 */
	uint32_t objects, cycles;
} breaths[] = {
	{ "cpu_10ms_ns", 0.01, 20000, 60 },
	{ "cpu_100ms_ns", 0.1, 200000, 10 },
	{ "cpu_1s_ns", 1, 400000, 4 },
	{ "cpu_10s_ns", 10, 400000, 2 },
};

static void breathe(uint32_t count)
{
	shape_fill(LIBC, slots, count, &seed);
	for (uint32_t i = 0; i < count; i++)
		libc_put(slots[i]);
}

static void run_breathe(const struct args *args)
{
	struct args counts = *args;

	counts.ops = 0;
	for (const struct breath *b = breaths;
	     b < breaths + sizeof(breaths) / sizeof(*breaths); b++) {
		uint32_t count = (uint32_t)bench_count(&counts, b->objects);
		double seconds = b->seconds * args->wait / 3;
		uint64_t cpu = 0;

		breathe(count);
		for (uint32_t i = 0; i < b->cycles; i++) {
			uint64_t start = bench_now(), before;
			double left;

			before = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
			breathe(count);
			cpu += bench_clock(CLOCK_PROCESS_CPUTIME_ID) - before;
			left = seconds - (double)(bench_now() - start) / 1e9;
			if (left > 0)
				bench_sleep(left);
		}
		bench_report(b->metric, (double)cpu / b->cycles / count);
	}
	bench_report("peak_kib", bench_status_kib("VmHWM:"));
}

/* --- one call by itself ------------------------------------------------------ */

static void run_latency(const struct args *args)
{
	latency_measure(LIBC, slots, &seed, args);
}

/* The same in threads with slots of their own; each has its own histograms. */
static struct latency *latencies;
static uint64_t latency_nothing;
static uint32_t latency_slots;

static void *latency_member(struct team *team, int number)
{
	void **own = bench_map(latency_slots * sizeof(*own));
	uint64_t state = seed * (uint64_t)(2 * number + 1);

	shape_fill(LIBC, own, latency_slots, &state);
	shape_replace(LIBC, own, latency_slots, &state, team->ops / 10 + 1);
	team_start(team);
	latency_loop(LIBC, own, latency_slots, &state, team->ops,
		     latency_nothing, &latencies[number]);
	return NULL;
}

static void latency_add(struct histogram *to, const struct histogram *h)
{
	for (unsigned int i = 0; i < BUCKETS; i++)
		to->bucket[i] += h->bucket[i];
	to->count += h->count;
	if (h->max > to->max)
		to->max = h->max;
}

static void run_latency_threads(const struct args *args, int threads,
				uint32_t each, long ops)
{
	struct team team = {
		.run = latency_member,
		.size = args->threads ? (int)args->threads : threads,
		.ops = bench_count(args, ops),
	};
	uint64_t wall, first;

	latencies = bench_map((size_t)team.size * sizeof(*latencies));
	latency_slots = each;
	latency_nothing = latency_empty();
	wall = bench_now();
	first = ticks();
	team_measure(&team, (double)team.ops * team.size);
	for (int i = 1; i < team.size; i++) {
		latency_add(&latencies[0].get, &latencies[i].get);
		latency_add(&latencies[0].put, &latencies[i].put);
	}
	latency_report(&latencies[0], latency_scale(wall, first));
}

/* --- one call while memory goes back ----------------------------------------- */

/*
 * One thread is measured; the other grows by 200,000 mixed objects and frees
 * them, so that an allocator has memory to give back all the time.
 */
static atomic_int giving;

static void *give_back(void *arg)
{
	static void *objects[200000];
	uint64_t state = seed * 7;

	while (atomic_load(&giving)) {
		shape_fill(LIBC, objects, 200000, &state);
		for (int i = 0; i < 200000; i++)
			libc_put(objects[i]);
		bench_sleep(0.02);
	}
	return arg;
}

static void run_latency_give(const struct args *args)
{
	pthread_t thread;

	atomic_store(&giving, 1);
	if (pthread_create(&thread, NULL, give_back, NULL))
		bench_die("no thread");
	latency_measure(LIBC, slots, &seed, args);
	atomic_store(&giving, 0);
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	struct args args = bench_args(argc, argv);

	if (bench_run_single(singles, &args))
		return 0;
	if (!strcmp(args.mode, "replace-2"))
		run_replace(&args, 2, 100000, 2000000);
	else if (!strcmp(args.mode, "replace-64"))
		run_replace(&args, 64, 2000, 60000);
	else if (!strcmp(args.mode, "prodcons"))
		run_prodcons(&args);
	else if (!strcmp(args.mode, "handoff"))
		run_handoff(&args);
	else if (!strcmp(args.mode, "idle"))
		run_idle(&args);
	else if (!strcmp(args.mode, "rss"))
		run_rss(&args);
	else if (!strcmp(args.mode, "breathe"))
		run_breathe(&args);
	else if (!strcmp(args.mode, "latency"))
		run_latency(&args);
	else if (!strcmp(args.mode, "latency-2"))
		run_latency_threads(&args, 2, 100000, 1500000);
	else if (!strcmp(args.mode, "latency-64"))
		run_latency_threads(&args, 64, 2000, 60000);
	else if (!strcmp(args.mode, "latency-give"))
		run_latency_give(&args);
	else if (!strcmp(args.mode, "syscalls"))
		syscalls_measure(LIBC, slots, &seed, &args);
	else if (!strcmp(args.mode, "lines"))
		shape_lines(LIBC, slots);
#if defined(NOTHING)
	else if (!strcmp(args.mode, "nothing")) {
		bench_report("get", NOTHING_GET);
		bench_report("put", NOTHING_PUT);
	}
#endif
	else
		bench_die("%s: no mode %s", argv[0], args.mode);
	return 0;
}
