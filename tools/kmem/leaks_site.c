/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The words of page/sites.h in the copy: who allocated an object, and what the
 * program said of it by <linux/kmemleak.h>.
 */
#include "leaks.h"

#include <string.h>

#include "page/sites.h"

static uint64_t page_word(const struct heap *h, uint64_t addr)
{
	struct heap_zone *hz;
	uint64_t page;

	hz = zone_at(h, addr, &page);
	return hz ? hz->site[page] : 0;
}

/* The word of a slab is the address of an array of them. */
static uint64_t slab_word(const struct heap *h, const struct block *b,
			  uint32_t index)
{
	uint64_t word = page_word(h, b->addr), site;
	const char *copy;
	size_t room;

	if (!word || word >> SITE_EPOCH_SHIFT)
		return 0;
	copy = heap_at(h, word + 8ull * index, &room);
	if (!copy || room < sizeof(site))
		return 0;
	memcpy(&site, copy, sizeof(site));
	return site;
}

uint64_t heap_site(const struct heap *h, struct place p)
{
	const struct block *b = &h->block[p.block];
	uint64_t word = 0;

	if (!h->epoch)
		return 0;
	if (b->kind == BLOCK_SLAB)
		word = slab_word(h, b, p.index);
	else if (b->kind == BLOCK_PAGES)
		word = page_word(h, b->addr);
	else
		word = b->site;
	return (word >> SITE_EPOCH_SHIFT & SITE_EPOCHS) == h->epoch ? word : 0;
}
