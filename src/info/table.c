/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A text that is made line by line; what does not fit is counted. */
#include "info/table.h"

#include "lib/text.h"

void table_begin(struct table *t, char *buf, size_t size)
{
	*t = (struct table){ .buf = buf, .size = size };
	if (size)
		*buf = 0;
}

void table_add(struct table *t, const char *fmt, ...)
{
	size_t room = t->length < t->size ? t->size - t->length : 0;
	va_list ap;

	va_start(ap, fmt);
	t->length += (size_t)text_vformat(room ? t->buf + t->length : NULL,
					  room, fmt, ap);
	va_end(ap);
}

size_t table_end(struct table *t)
{
	return t->length;
}
