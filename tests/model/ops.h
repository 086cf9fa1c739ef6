/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Operations as data: one machine that property tests, fuzzers and replays
 * all drive.
 *
 * An operation is eight bytes, and any eight bytes are an operation: what
 * does not apply (free an empty slot, allocate from a cache that is not
 * there) does nothing.  So every subsequence of a sequence is one too, and a
 * failing sequence can be cut down by leaving operations out.
 *
 * Every live block is known to the model: where it is, how long, and what
 * bytes it must hold.  The machine compares after each operation what the
 * operation touched, and everything every few operations.
 */
#ifndef MODEL_OPS_H
#define MODEL_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum op_kind {
	OP_KMALLOC,
	OP_KFREE,
	OP_KREALLOC,
	OP_KMEMDUP,
	OP_CACHE_CREATE,
	OP_CACHE_DESTROY,
	OP_CACHE_ALLOC,
	OP_CACHE_BULK,
	OP_CACHE_SHRINK,
	OP_PAGES,
	OP_EXACT,
	OP_SPLIT,
	OP_POOL_CREATE,
	OP_POOL_DESTROY,
	OP_POOL_ALLOC,
	OP_POOL_RESIZE,
	OP_FREE,      /* the block of a slot, by the call that fits it */
	OP_FREE_MANY, /* some slots, kmalloc and cache blocks in one call */
	OP_CHECK,     /* compares every live block */
	OP_TRIM,
	OP_KINDS,
};

struct op {
	uint8_t kind; /* enum op_kind, modulo OP_KINDS */
	uint8_t slot; /* block, or cache, or pool, modulo their number */
	uint16_t how; /* flags, alignment, which cache */
	uint32_t arg; /* a size or a number */
};

/* Frees what is live at the end; prints the reason where it stops. */
struct model_result {
	bool ok;
	size_t at; /* the operation that showed the fault */
	char why[300];
};

/* Memory is short: any request may fail, and nothing waits for a pool. */
extern bool ops_scarce;

/* From seed, deterministic. */
void ops_random(struct op *ops, size_t nr, uint64_t seed);

/*
 * Runs nr operations from an empty model and frees everything afterwards.
 * validate_every: operations between two walks over all invariants; 0 is
 * only at the end.
 */
void ops_run(const struct op *ops, size_t nr, unsigned int validate_every,
	     struct model_result *r);

/* One operation a line, "name slot how arg"; and back. */
void ops_print(FILE *f, const struct op *ops, size_t nr);
size_t ops_parse(FILE *f, struct op *ops, size_t room);

/* What a fuzzer calls: bytes as operations. Aborts on a fault. */
int ops_fuzz(const uint8_t *data, size_t size);

#endif
