/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Tables of lists, of a size that is known.
 */
#ifndef KMEM_KERNEL_HASHTABLE_H
#define KMEM_KERNEL_HASHTABLE_H

#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/list.h>

#define DEFINE_HASHTABLE(name, bits) \
	struct hlist_head name[1 << (bits)] = { { 0 } }
#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define HASH_SIZE(table) (ARRAY_SIZE(table))
#define HASH_BITS(table) ilog2(HASH_SIZE(table))
#define hash_min(value, bits) hash_64((u64)(value), bits)

#define hash_init(table)                                             \
	do {                                                         \
		for (size_t kmem_i_ = 0; kmem_i_ < HASH_SIZE(table); \
		     kmem_i_++)                                      \
			INIT_HLIST_HEAD(&(table)[kmem_i_]);          \
	} while (0)
#define hash_add(table, node, key) \
	hlist_add_head(node, &(table)[hash_min(key, HASH_BITS(table))])
#define hash_del(node) hlist_del_init(node)
#define hash_for_each_possible(table, pos, member, key)                      \
	hlist_for_each_entry(pos, &(table)[hash_min(key, HASH_BITS(table))], \
			     member)
#define hash_for_each(table, bucket, pos, member)                           \
	for ((bucket) = 0; (size_t)(bucket) < HASH_SIZE(table); (bucket)++) \
	hlist_for_each_entry(pos, &(table)[bucket], member)
#define hash_for_each_safe(table, bucket, n, pos, member)                   \
	for ((bucket) = 0; (size_t)(bucket) < HASH_SIZE(table); (bucket)++) \
	hlist_for_each_entry_safe(pos, n, &(table)[bucket], member)

#endif
