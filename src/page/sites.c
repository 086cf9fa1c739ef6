/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The call sites of pages; page/sites.h has the theory. */
#include "page/sites.h"

#include "lib/atomic.h"
#include "lib/errno.h"

uint64_t sites_epoch;
uint64_t *sites_words;

int sites_begin(void)
{
	static uint64_t last;
	size_t bytes = window.pages * sizeof(*sites_words);

	if (KMEM_SMALL)
		return -ENOMEM;
	if (!sites_words) {
		bytes = ALIGN_UP(bytes, port_page_size());
		uint64_t *words = port_map(bytes, port_page_size(), false);

		if (!words)
			return -ENOMEM;
		__atomic_store_n(&sites_words, words, __ATOMIC_RELEASE);
	}
	last = last % SITE_EPOCHS + 1;
	/* a thread that sees the epoch sees the words */
	__atomic_store_n(&sites_epoch, last, __ATOMIC_RELEASE);
	return 0;
}

void sites_end(void)
{
	__atomic_store_n(&sites_epoch, 0, __ATOMIC_RELAXED);
}

uint64_t site_of_call(void)
{
	const struct port_task *task = port_task();
	uint64_t epoch = __atomic_load_n(&sites_epoch, __ATOMIC_ACQUIRE);
	uint64_t site = task->site;

	if (!epoch)
		return 0;
	if (!site)
		site = (uintptr_t)task->caller & SITE_ADDRESS;
	return site ? site | epoch << SITE_EPOCH_SHIFT : 0;
}

bool site_mark(uint64_t *at, uint64_t take, uint64_t set)
{
	uint64_t epoch = sites_now(), word = READ_ONCE(*at), next;

	if (!epoch)
		return false;
	/* Progress: another thread marked it. */
	do {
		next = site_is_new(word) ? word : epoch << SITE_EPOCH_SHIFT;
		next = (next & ~take) | set;
	} while (!__atomic_compare_exchange_n(
		at, &word, next, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return true;
}

void site_block(const struct page *page)
{
	uint64_t site = site_of_call();

	if (site)
		WRITE_ONCE(*site_word(page), site);
}

void site_run(const struct page *page, unsigned long nr)
{
	uint64_t site = site_of_call();

	for (; site && nr; nr--)
		WRITE_ONCE(*site_word(page++), site);
}
