// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * From a memory map to kmalloc(), and what the command line asks for:
 *
 *	conform		tests/conform/ and the model, on one CPU
 *	short		those of tests/conform/ that want little memory
 *	cpus		all CPUs with interrupts (tests.c)
 *	dump		some objects, and then nothing: memory is looked at
 */
#include "kernel.h"

#include <string.h>

#include <kmem/kmem.h>
#include <kmem/stats.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "model/ops.h"
#include "page/zone.h"

#define SEQUENCES 6

static struct machine machine;
static unsigned int online;

/* The last 16 MiB come later, but for what is in use there. */
static void set_aside(void)
{
	struct bare_range *last = &machine.ram[machine.nr_ram - 1];
	struct bare_range *later = &machine.later;

	later->end = last->end;
	later->start = (last->end - (16 << 20)) & ~0xffffful;
	last->end = later->start;
	for (unsigned int i = 0; i < machine.nr_reserved; i++) {
		uint64_t used = machine.reserved[i].start & ~0xffful;

		if (used >= later->start && used < later->end)
			later->end = used;
	}
}

static void start_allocator(const char *options)
{
	struct bare_map map = {
		.direct = machine.direct,
		.ram = machine.ram,
		.nr_ram = machine.nr_ram,
		.reserved = machine.reserved,
		.nr_reserved = machine.nr_reserved,
		.nr_cpus = CPUS,
		.mapped = 24 << 20,
		.published = 128 << 10,
		.options = options,
	};
	int err;

	machine.reserved[machine.nr_reserved] =
		(struct bare_range){ (uintptr_t)kernel_start,
				     (uintptr_t)kernel_end };
	map.nr_reserved++;
	set_aside();
	map.most = machine.later.end;
	for (unsigned int i = 0; i < map.nr_ram; i++)
		kprintf("memory %#012lx to %#012lx\n", map.ram[i].start,
			map.ram[i].end);
	for (unsigned int i = 0; i < map.nr_reserved; i++)
		kprintf("in use %#012lx to %#012lx\n", map.reserved[i].start,
			map.reserved[i].end);
	err = bare_start(&map);
	if (err) {
		kprintf("bare_start: %d\n", err);
		arch_exit(3);
	}
}

void kernel_secondary(unsigned int cpu)
{
	static uint32_t never;

	threads_cpu_init(cpu);
	arch_cpu_init(cpu);
	__atomic_fetch_add(&online, 1, __ATOMIC_RELEASE);
	arch_irq_on();
	for (;;)
		bare_wait(&never, 0, -1);
}

void kernel_tick(void)
{
	struct cpu *c = arch_this_cpu();

	c->ticks++;
	if (ticks_allocate)
		handler_allocate(false);
	thread_preempt();
}

void kernel_kick(void)
{
	arch_this_cpu()->kicks++;
	handler_allocate(false);
}

/* --- what there is to see ------------------------------------------------- */

static void show(size_t (*text)(char *buf, size_t size), unsigned int most)
{
	static char buf[16384];
	char *line = buf, *end;

	text(buf, sizeof(buf));
	for (; *line && most; line = end + 1, most--) {
		end = strchr(line, '\n');
		if (!end)
			break;
		bare_console(line, (size_t)(end + 1 - line));
	}
}

static void show_buddyinfo(void)
{
	struct zone_numbers n;

	for (unsigned int i = 0; i < ZONES; i++) {
		if (!zone_numbers(&zones[i], &n, LOCK_SLEEP) || !n.pages)
			continue;
		kprintf("Node 0, zone %8s", zones[i].name);
		for (unsigned int o = 0; o < PG_ORDERS; o++)
			kprintf(" %6lu", n.nr_free[o]);
		kprintf("\n");
	}
}

/* --- the parts ------------------------------------------------------------ */

static unsigned int model(void)
{
	static struct op ops[1500];
	struct model_result r;

	for (uint64_t seed = 1; seed <= SEQUENCES; seed++) {
		ops_random(ops, 1500, seed);
		ops_run(ops, 1500, 500, &r);
		if (!r.ok) {
			kprintf("not ok - model, seed %lu, operation %zu: %s\n",
				seed, r.at, r.why);
			return 1;
		}
	}
	kprintf("ok - model: %d sequences\n", SEQUENCES);
	return 0;
}

static unsigned int one_cpu(const char *options)
{
	unsigned int cases = 0, failed = conform_run(options, &cases);

	kprintf("conform: %u cases, %u not ok\n", cases, failed);
	return failed + (options ? 0 : model());
}

/* Never ends: what is printed is what a dump of memory has to show. */
static void stand_still(void)
{
	static uint32_t never;
	struct kmem_cache *s = kmem_cache_create("dumped", 200, 0, 0, NULL);

	for (unsigned int i = 0; i < 100; i++)
		if (!kmem_cache_alloc(s, GFP_KERNEL) || !vmalloc(5000))
			return;
	show(kmem_slabinfo, -1u);
	show_buddyinfo();
	kprintf("STANDS STILL\n");
	for (;;)
		bare_wait(&never, 0, -1);
}

static unsigned int all_cpus(void)
{
	uint64_t end = bare_clock_ns() + 20000000000ull;

	__atomic_fetch_add(&online, 1, __ATOMIC_RELEASE);
	arch_start_others();
	while (__atomic_load_n(&online, __ATOMIC_ACQUIRE) < CPUS)
		if (bare_clock_ns() > end) {
			kprintf("not ok - %u CPUs of %d\n", online, CPUS);
			return 1;
		}
	kprintf("ok - %d CPUs\n", CPUS);
	return bare_tests(&machine);
}

void kernel_main(void)
{
	const char *line;
	unsigned int failed = 1;
	void *p;

	threads_cpu_init(0);
	arch_cpu_init(0);
	arch_machine(&machine);
	line = machine.command_line ? machine.command_line : "";
	kprintf("kernel: \"%s\"\n", line);
	start_allocator(strstr(line, "short") ? "decay_ms=-1,mem=48M" : NULL);
	p = kmalloc(100, GFP_KERNEL);
	kprintf("kmalloc(100) = %p\n", p);
	kfree(p);
	arch_irq_on();
	if (strstr(line, "short"))
		failed = one_cpu("mem=48M");
	else if (strstr(line, "dump"))
		stand_still();
	else if (strstr(line, "cpus"))
		failed = all_cpus();
	else
		failed = one_cpu(NULL);
	show(kmem_slabinfo, 12);
	show_buddyinfo();
	show(kmem_zoneinfo, 24);
	flow_print();
	kprintf("%s: %u failed\n", failed ? "FAILED" : "PASSED", failed);
	arch_exit(failed ? 1 : 0);
}
