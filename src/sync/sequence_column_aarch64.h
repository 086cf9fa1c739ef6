/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * kmem_seq_push() for callers that have only the cache's column, for aarch64;
 * sync/pcs.h includes it.  Labels and rules are those of
 * <kmem/sequence_aarch64.h>; the mask lies three units below the column.
 *
 * The mask is read before the slot; sync/sequence_column_x86_64.h says why.
 * The slot's address is made to depend on it, which keeps the loads in order.
 */

_Static_assert(3 * KMEM_SEQ_UNIT == 48ul << 12, "where the masks are");

/* Puts an object onto main; false: it is full, parked, or has no sheaf. */
KMEM_SEQ_FN bool seq_push_column(uintptr_t column, void *obj)
{
	uintptr_t area, slot, tmp, top, standin = (uintptr_t)PCS_STANDIN;

	__asm__ volatile goto(
		KMEM_SEQ_BEGIN
		"ldrsw %[slot], [%[area], " KMEM_SEQ_CPU_ID
		"]\n\t" KMEM_SEQ_INJECT
		"add %[slot], %[column], %[slot], lsl #16\n\t"
		"sub %[tmp], %[column], #48, lsl #12\n\t"
		"ldr %w[tmp], [%[tmp]]\n\t" KMEM_SEQ_INJECT
		"eor %[top], %[tmp], %[tmp]\n\t"
		"add %[slot], %[slot], %[top]\n\t"
		"ldr %[top], [%[slot]]\n\t" KMEM_SEQ_INJECT
		"tst %[top], %[tmp]\n\t"
		"b.eq %l[full]\n\t"
		"str %[obj], [%[standin], %[top]]\n\t" KMEM_SEQ_INJECT
		"add %[top], %[top], #8\n\t"
		"str %[top], [%[slot]]\n"
		"773:\n"
		: [area] "=&r"(area), [slot] "=&r"(slot), [tmp] "=&r"(tmp),
		  [top] "=&r"(top)
		: KMEM_SEQ_AT, [column] "r"(column), [standin] "r"(standin),
		  [obj] "r"(obj)
		: "memory", "cc" KMEM_SEQ_INJECT_CLOBBER
		: full);
	return true;
full:
	return false;
}
