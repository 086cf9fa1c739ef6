/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The published area: records of 64-byte multiples, carved from the bottom.
 *
 * A record that is taken back keeps its place and its size as KMEM_PUB_FREE and
 * serves the next request of that size.  What is usable of the area grows ahead
 * of callers that must not call the OS.
 */
#include "debug/publish.h"

#include "lib/mem.h"
#include "lib/options.h"
#include "sync/lock.h"
#include "port/port.h"
#include "sync/fork.h"

#define AREA_BYTES (4ul << 20)
/* Bytes kept usable beyond what is used, and the step of growth. */
#define AREA_AHEAD (32ul << 10)
#define AREA_STEP (256ul << 10)

static struct lock area_lock;
static char *area;
static size_t used, usable;

uint32_t *publish_mark;

/* Records given back, chained through spare, by size in units; 0 ends. */
#define UNITS_MAX 128
static uint32_t free_chain[UNITS_MAX];

static void publish_fork_prepare(void)
{
	lock_take_nested(&area_lock, LOCK_PUBLISH);
}

static void publish_fork_parent(void)
{
	lock_drop_nested(&area_lock, LOCK_PUBLISH);
}

static struct kmem_pub_record *record_at(size_t offset)
{
	return (struct kmem_pub_record *)(void *)(area + offset);
}

/* The parent went on: some record may have been taken in mid-change. */
static void settle_records(void)
{
	for (size_t at = sizeof(struct kmem_pub_header); at < used;) {
		struct kmem_pub_record *r = record_at(at);

		r->seq &= ~1u;
		at += r->size;
	}
}

/* An area of the child's own, if one can be had; not yet marked as its. */
static bool area_again(void)
{
	struct kmem_pub_header *h = (void *)area;

	if (!area || !port_publish_again(area, usable, used))
		return false;
	h->used = used;
	h->pid = port_pid();
	return true;
}

/* In the child this thread finishes a record that it was changing. */
static void publish_fork_alone(void)
{
	if (!lock_try(&area_lock, LOCK_PUBLISH))
		return;
	if (area_again())
		__atomic_store_n(publish_mark, 1, __ATOMIC_RELAXED);
	lock_drop(&area_lock, LOCK_PUBLISH);
}

static void publish_fork_child(void)
{
	/* what the parent took and gave since lies in other chains by now */
	memset(free_chain, 0, sizeof(free_chain));
	if (area_again()) {
		settle_records();
		__atomic_store_n(publish_mark, 1, __ATOMIC_RELAXED);
	}
	lock_drop_nested(&area_lock, LOCK_PUBLISH);
	lock_reset(&area_lock);
}

static const struct fork_ops publish_fork = {
	.prepare = publish_fork_prepare,
	.parent = publish_fork_parent,
	.child = publish_fork_child,
	.alone = publish_fork_alone,
};

void publish_boot(void)
{
	static uint32_t always;
	struct kmem_pub_header *h;
	uint32_t *mark;

	if (KMEM_SMALL || area || !option_value(OPT_PUBLISH))
		return;
	area = port_publish(KMEM_PUB_NAME, AREA_BYTES, &usable);
	fork_register(FORK_PUBLISH, &publish_fork);
	if (!area)
		return;
	h = (void *)area;
	used = sizeof(*h);
	h->version = KMEM_PUB_VERSION;
	h->pid = port_pid();
	h->size = usable;
	h->used = used;
	mark = port_wiped();
	if (!mark)
		mark = &always;
	__atomic_store_n(mark, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&publish_mark, mark, __ATOMIC_RELEASE);
}

void publish_open(void)
{
	struct kmem_pub_header *h = publish_header();

	/* a reader that sees it sees what the boot wrote */
	if (h)
		__atomic_store_n(&h->magic, KMEM_PUB_MAGIC, __ATOMIC_RELEASE);
}

struct kmem_pub_header *publish_header(void)
{
	return publish_mine() ? (void *)area : NULL;
}

static struct kmem_pub_record *reuse(size_t units)
{
	struct kmem_pub_record *r;

	if (units >= UNITS_MAX || !free_chain[units])
		return NULL;
	r = record_at((size_t)free_chain[units] * KMEM_PUB_ALIGN);
	free_chain[units] = r->spare;
	return r;
}

/* For a caller that may call the OS. */
static void look_ahead(size_t size)
{
	size_t want = used + size + AREA_AHEAD;
	size_t to = usable;

	while (to < want && to < AREA_BYTES)
		to += AREA_STEP;
	to = to < AREA_BYTES ? to : AREA_BYTES;
	if (to > usable && port_publish_more(area, usable, to)) {
		usable = to;
		publish_set(&((struct kmem_pub_header *)(void *)area)->size,
			    to);
	}
}

static struct kmem_pub_record *carve(size_t size)
{
	struct kmem_pub_header *h = publish_header();
	struct kmem_pub_record *r;

	if (size > usable - used)
		return NULL;
	r = record_at(used);
	r->kind = KMEM_PUB_FREE;
	r->size = (uint32_t)size;
	used += size;
	/* A reader that sees the new end sees the record's size. */
	__atomic_store_n(&h->used, used, __ATOMIC_RELEASE);
	return r;
}

static void *__publish(enum kmem_pub_kind kind, size_t size, bool may_call)
{
	struct kmem_pub_record *r;

	size = ALIGN_UP(size, (size_t)KMEM_PUB_ALIGN);
	if (!publish_mine() || size > UINT32_MAX)
		return NULL;
	r = reuse(size / KMEM_PUB_ALIGN);
	if (!r && may_call)
		look_ahead(size);
	if (!r)
		r = carve(size);
	if (!r)
		return NULL;
	memset(r + 1, 0, size - sizeof(*r));
	r->seq = 0;
	r->spare = 0;
	__atomic_store_n(&r->kind, (uint32_t)kind, __ATOMIC_RELEASE);
	return r;
}

void *publish(enum kmem_pub_kind kind, size_t size)
{
	void *r;

	lock_take(&area_lock, LOCK_PUBLISH);
	r = __publish(kind, size, true);
	lock_drop(&area_lock, LOCK_PUBLISH);
	return r;
}

void *publish_now(enum kmem_pub_kind kind, size_t size)
{
	void *r;

	if (!publish_mine() || !lock_try(&area_lock, LOCK_PUBLISH))
		return NULL;
	r = __publish(kind, size, false);
	lock_drop_quiet(&area_lock, LOCK_PUBLISH);
	return r;
}

void unpublish(void *p)
{
	struct kmem_pub_record *r = p;
	size_t units;

	if (!publish_offset(p) || !publish_mine())
		return;
	units = r->size / KMEM_PUB_ALIGN;
	lock_take(&area_lock, LOCK_PUBLISH);
	__atomic_store_n(&r->kind, (uint32_t)KMEM_PUB_FREE, __ATOMIC_RELEASE);
	if (units < UNITS_MAX) {
		r->spare = free_chain[units];
		free_chain[units] =
			(uint32_t)(publish_offset(p) / KMEM_PUB_ALIGN);
	}
	lock_drop(&area_lock, LOCK_PUBLISH);
}

size_t publish_offset(const void *p)
{
	uintptr_t off = (uintptr_t)p - (uintptr_t)area;

	return area && off < AREA_BYTES ? off : 0;
}
