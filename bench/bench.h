/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What the load programs share: arguments, clock, memory of the process,
 * output.
 *
 * Nothing here allocates: a load measures an allocator that was put under it,
 * so its own tables are static or mapped and its output goes through write().
 * A program prints one "metric value" a line; bench/run.py reads them.
 */
#ifndef BENCH_H
#define BENCH_H

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CACHE_LINE 64
#define INLINE static inline __attribute__((always_inline))
/*
 * Neither inlined nor cloned nor merged with a twin: callgrind is told to
 * count while one of these is on the stack.
 */
#define ALONE __attribute__((noipa))

struct args {
	const char *mode;
	double scale; /* of all counts of operations; below 1 is a smoke run */
	double wait;  /* seconds of idleness before memory is looked at */
	long threads; /* 0: as the mode says */
	long ops;     /* 0: as the mode says */
};

__attribute__((format(printf, 1, 2), noreturn)) static inline void
bench_die(const char *format, ...)
{
	char text[256];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	dprintf(2, "%s\n", text);
	_exit(1);
}

static inline struct args bench_args(int argc, char **argv)
{
	struct args args = { .scale = 1, .wait = 3 };

	if (argc < 2)
		bench_die("usage: %s MODE [--scale=F] [--wait=SEC]"
			  " [--threads=N] [--ops=N]",
			  argv[0]);
	args.mode = argv[1];
	for (int i = 2; i < argc; i++) {
		if (sscanf(argv[i], "--scale=%lf", &args.scale) != 1 &&
		    sscanf(argv[i], "--wait=%lf", &args.wait) != 1 &&
		    sscanf(argv[i], "--threads=%ld", &args.threads) != 1 &&
		    sscanf(argv[i], "--ops=%ld", &args.ops) != 1)
			bench_die("%s: unknown argument %s", argv[0], argv[i]);
	}
	return args;
}

static inline long bench_count(const struct args *args, long usual)
{
	double n = args->ops ? (double)args->ops : (double)usual * args->scale;

	return n < 1 ? 1 : (long)n;
}

static inline void bench_report(const char *metric, double value)
{
	dprintf(1, "%s %.6g\n", metric, value);
}

static inline uint64_t bench_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t bench_now(void)
{
	return bench_clock(CLOCK_MONOTONIC);
}

static inline void bench_sleep(double seconds)
{
	struct timespec ts = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};

	nanosleep(&ts, NULL);
}

static inline int bench_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set);
}

/*
 * To the n-th CPU from the last that this process may use: the first one
 * often serves the machine's interrupts.
 */
static inline void bench_pin(const cpu_set_t *allowed, int n)
{
	int left = CPU_COUNT(allowed) - 1 - n;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, allowed) || left-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

INLINE void bench_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* Sleeps until *gate is not 0; thousands may, and none is woken before. */
static inline void bench_gate_wait(atomic_int *gate)
{
	while (!atomic_load(gate))
		syscall(SYS_futex, gate, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static inline void bench_gate_open(atomic_int *gate)
{
	atomic_store(gate, 1);
	syscall(SYS_futex, gate, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* xorshift64*; the state must not be 0. */
INLINE uint64_t bench_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1du;
}

/* A whole number below n, from the upper half of the state's product. */
INLINE uint32_t bench_below(uint64_t random, uint32_t n)
{
	return (uint32_t)((random >> 32) * n >> 32);
}

/*
 * 16 bytes to 2 KiB, each power of two as likely as the next: 7 octaves, 435
 * bytes on average.
 */
INLINE size_t bench_mixed_size(uint64_t random)
{
	uint32_t octave = (uint32_t)((random & 0xffff) * 7 >> 16);
	size_t base = (size_t)16 << octave;

	return base + (size_t)(random >> 16 & (base - 1));
}

static inline void *bench_map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		bench_die("mmap of %zu bytes failed", bytes);
	return p;
}

/* A field of /proc/self/status that is in kB: "VmRSS:" or "VmHWM:". */
static inline double bench_status_kib(const char *field)
{
	char text[4096];
	const char *at;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return 0;
	text[got] = '\0';
	at = strstr(text, field);
	return at ? strtod(at + strlen(field), NULL) : 0;
}

/* What every timed mode tells. */
static inline void bench_report_time(uint64_t wall, uint64_t cpu, double ops)
{
	bench_report("ns", (double)wall / ops);
	bench_report("cpu_ns", (double)cpu / ops);
	bench_report("ops", ops);
	bench_report("peak_kib", bench_status_kib("VmHWM:"));
}

#endif
