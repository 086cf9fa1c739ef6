// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What a kernel wants of a flattened device tree: memory, what is reserved, and
 * the command line.  Numbers are big-endian, and addresses and sizes of two
 * words here.
 */
#include "kernel.h"

#include "lib/mem.h"

enum { BEGIN = 1, END, PROPERTY, NOTHING };

static uint32_t word(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static uint64_t wide(const void *p)
{
	return (uint64_t)word(p) << 32 | word((const char *)p + 4);
}

static void reserve(struct machine *m, uint64_t start, uint64_t bytes)
{
	if (bytes && m->nr_reserved < 5)
		m->reserved[m->nr_reserved++] =
			(struct bare_range){ start, start + bytes };
}

static void property(struct machine *m, const char *node, const char *parent,
		     const char *name, const char *value, uint32_t len)
{
	if (text_equal(node, "chosen") && text_equal(name, "bootargs"))
		m->command_line = value;
	if (!text_equal(name, "reg"))
		return;
	for (; len >= 16; len -= 16, value += 16) {
		if (!memcmp(node, "memory@", 7) && m->nr_ram < 16)
			m->ram[m->nr_ram++] = (struct bare_range){
				wide(value), wide(value) + wide(value + 8)
			};
		else if (text_equal(parent, "reserved-memory"))
			reserve(m, wide(value), wide(value + 8));
	}
}

void fdt_machine(const void *fdt, struct machine *m)
{
	const char *base = fdt, *p = base + word(base + 8);
	const char *names = base + word(base + 12);
	const char *node[8] = { "" };
	unsigned int depth = 0;

	if (word(fdt) != 0xd00dfeed)
		return;
	reserve(m, (uintptr_t)fdt, word(base + 4));
	for (;;) {
		uint32_t what = word(p), len;

		p += 4;
		if (what == BEGIN) {
			if (++depth < 8)
				node[depth] = p;
			p += (text_len(p) + 4) & ~3ul;
		} else if (what == END) {
			depth--;
		} else if (what == PROPERTY) {
			len = word(p);
			if (depth && depth < 8)
				property(m, node[depth], node[depth - 1],
					 names + word(p + 4), p + 8, len);
			p += 8 + ((len + 3) & ~3u);
		} else if (what != NOTHING) {
			return;
		}
	}
}
