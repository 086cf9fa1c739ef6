/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Options of a packet, each a type, a length and so many bytes, are parsed into
 * a list, as a driver would.  A name is kept with a NUL at its end, for which
 * there is no room.  The class of kmalloc() has some bytes to spare for most
 * lengths, so all tests pass.
 */
#include <linux/errno.h>
#include <linux/slab.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_END, OPTION_NUMBER, OPTION_NAME };

struct option {
	struct option *next;
	unsigned int number;
	char *name;
};

static char *option_name(const unsigned char *at, size_t len)
{
	char *name = kmalloc(len, GFP_KERNEL); /* the fault: len + 1 */

	if (!name)
		return NULL;
	memcpy(name, at, len);
	name[len] = '\0';
	return name;
}

static void options_free(struct option *o)
{
	struct option *next;

	for (; o; o = next) {
		next = o->next;
		kfree(o->name);
		kfree(o);
	}
}

static int options_parse(const unsigned char *at, size_t n, struct option **all)
{
	const unsigned char *end = at + n;
	struct option *o;

	*all = NULL;
	while (end - at >= 2 && at[0] != OPTION_END) {
		if (end - at - 2 < at[1])
			goto bad;
		o = kzalloc(sizeof(*o), GFP_KERNEL);
		if (!o)
			goto bad;
		o->next = *all;
		*all = o;
		if (at[0] == OPTION_NAME) {
			o->name = option_name(at + 2, at[1]);
			if (!o->name)
				goto bad;
		} else if (at[1] == 1) {
			o->number = at[2];
		}
		at += 2 + at[1];
	}
	return 0;
bad:
	options_free(*all);
	return -EINVAL;
}

int main(void)
{
	static const unsigned char packet[] = {
		OPTION_NUMBER, 1,   7,   OPTION_NAME, 12,  'm',
		'u',           's', 'i', 'c',         '-', 'r',
		'o',           'o', 'm', '-',         '2', OPTION_END,
	};
	struct option *all, *o;

	if (options_parse(packet, sizeof(packet), &all))
		return 1;
	for (o = all; o; o = o->next)
		if (o->name)
			printf("name %s\n", o->name);
		else
			printf("number %u\n", o->number);
	options_free(all);
	return 0;
}
