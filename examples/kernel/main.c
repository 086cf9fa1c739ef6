// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * From a memory map to kmalloc(), the other CPUs, and what there is to see.  In
 * between is kernel_run(): tests/bare/ has one that runs tests.
 */
#include "kernel.h"

#include <kmem/kmem.h>
#include <kmem/stats.h>
#include <linux/slab.h>

#include "lib/mem.h"
#include "lib/text.h"
#include "page/zone.h"

struct machine machine;
static unsigned int online;

/*
 * The last 16 MiB come later, but for what is in use there; and something in the
 * middle is in use, as firmware is on many a machine: 1 MiB and a page.
 */
static void set_aside(void)
{
	struct bare_range *last = &machine.ram[machine.nr_ram - 1];
	struct bare_range *later = &machine.later, *hole;

	later->end = last->end;
	later->start = (last->end - (16 << 20)) & ~0xffffful;
	last->end = later->start;
	hole = &machine.reserved[machine.nr_reserved++];
	hole->start = (last->start + last->end) / 2 & ~0xffffful;
	hole->end = hole->start + (1 << 20) + 4096;
	for (unsigned int i = 0; i < machine.nr_reserved; i++) {
		uint64_t used = machine.reserved[i].start & ~0xffful;

		if (used >= later->start && used < later->end)
			later->end = used;
	}
}

/* What stands behind kmem= on the command line, to its end; or NULL. */
static const char *options(void)
{
	static char kept[200];
	const char *p = machine.command_line;

	while (p && *p && memcmp(p, "kmem=", 5))
		p++;
	if (!p || !*p)
		return NULL;
	text_format(kept, sizeof(kept), "%s", p + 5);
	return kept;
}

static void start_allocator(void)
{
	struct bare_map map = {
		.direct = machine.direct,
		.ram = machine.ram,
		.nr_ram = machine.nr_ram,
		.reserved = machine.reserved,
		.nr_cpus = CPUS,
		.mapped = 24 << 20,
		.published = 128 << 10,
		.options = options(),
	};
	int err;

	set_aside();
	machine.reserved[machine.nr_reserved] =
		(struct bare_range){ (uintptr_t)kernel_start,
				     (uintptr_t)kernel_end };
	map.nr_reserved = machine.nr_reserved + 1;
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

/* --- the other CPUs ------------------------------------------------------- */

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

bool start_others(void)
{
	uint64_t end = bare_clock_ns() + 20000000000ull;

	__atomic_fetch_add(&online, 1, __ATOMIC_RELEASE);
	arch_start_others();
	while (__atomic_load_n(&online, __ATOMIC_ACQUIRE) < CPUS)
		if (bare_clock_ns() > end)
			break;
	kprintf("%s - %u CPUs\n", online == CPUS ? "ok" : "not ok", online);
	return online == CPUS;
}

void kernel_tick(void)
{
	arch_this_cpu()->ticks++;
	kernel_handler(HANDLER_TICK);
	thread_preempt();
}

void kernel_kick(void)
{
	arch_this_cpu()->kicks++;
	kernel_handler(HANDLER_KICK);
}

/* --- what there is to see ------------------------------------------------- */

void show(size_t (*text)(char *buf, size_t size), unsigned int lines)
{
	static char buf[16384];
	char *line = buf, *end;

	text(buf, sizeof(buf));
	for (; *line && lines; line = end, lines--) {
		for (end = line; *end && *end++ != '\n';)
			;
		bare_console(line, (size_t)(end - line));
	}
}

void show_buddyinfo(void)
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

int kprintf(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = text_vformat(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(line))
		len = sizeof(line) - 1;
	bare_console(line, (size_t)len);
	return len;
}

unsigned int __attribute__((weak)) kernel_run(const char *line)
{
	(void)line;
	return start_others() ? 0 : 1;
}

void __attribute__((weak)) kernel_handler(enum handler from)
{
	(void)from;
}

void kernel_main(void)
{
	const char *line;
	unsigned int failed;
	void *p;

	threads_cpu_init(0);
	arch_cpu_init(0);
	arch_machine(&machine);
	line = machine.command_line ? machine.command_line : "";
	kprintf("kernel: \"%s\"\n", line);
	start_allocator();
	p = kmalloc(100, GFP_KERNEL);
	kprintf("kmalloc(100) = %p\n", p);
	kfree(p);
	arch_irq_on();
	failed = p ? kernel_run(line) : 1;
	show(kmem_slabinfo, 12);
	show_buddyinfo();
	show(kmem_zoneinfo, 24);
	kprintf("%s: %u failed\n", failed ? "FAILED" : "PASSED", failed);
	arch_exit(failed ? 1 : 0);
}
