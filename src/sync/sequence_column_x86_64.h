/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem_seq_push() for callers that have only the cache's column, for x86-64;
 * sync/pcs.h includes it.  Labels and rules are those of
 * <kmem/sequence_x86_64.h>; the mask lies three units below the column.
 *
 * The mask is read before the slot, as kmem_seq_push() reads the column before
 * it.  While a sequence runs that began after the fence, with the column
 * parked, the slot may be emptied and the column unparked: had it read the slot
 * first, it would put back what was taken.  Loads stay in their order here.
 */

_Static_assert(3 * KMEM_SEQ_UNIT == 0x30000, "where the masks are");

/* Puts an object onto main; false: it is full, parked, or has no sheaf. */
KMEM_SEQ_FN bool seq_push_column(uintptr_t column, void *obj)
{
	uintptr_t area, slot, top;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN KMEM_SEQ_SLOT
		"movl -0x30000(%[column]), %k[area]\n\t" KMEM_SEQ_INJECT
		"movq (%[slot]), %[top]\n\t" KMEM_SEQ_INJECT
		"testl %k[top], %k[area]\n\t"
		"je %l[full]\n\t" KMEM_SEQ_STANDIN
		"movq %[obj], (%[area], %[top])\n\t" KMEM_SEQ_INJECT
		"addq $8, %[top]\n\t"
		"movq %[top], (%[slot])\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [top] "=&r"(top)
		: KMEM_SEQ_AT, [column] "r"(column), [obj] "r"(obj)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: full);
	return true;
full:
	return false;
}
