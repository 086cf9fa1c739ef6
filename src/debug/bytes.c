/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "debug/bytes.h"

#include <stdint.h>

#include "debug/report.h"
#include "lib/mem.h"
#include "lib/text.h"

#define ROW 16u

const unsigned char *bytes_other(const void *p, unsigned char value, size_t n)
{
	const uint64_t eight = 0x0101010101010101ull * value;
	const unsigned char *at = p;
	uint64_t word;

	for (; n >= sizeof(word); at += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		if (word != eight)
			break;
	}
	for (; n; at++, n--)
		if (*at != value)
			return at;
	return NULL;
}

const unsigned char *bytes_last_other(const void *p, unsigned char value,
				      size_t n)
{
	const unsigned char *end = (const unsigned char *)p + n;

	/* Bound: n. */
	while (end[-1] == value)
		end--;
	return end - 1;
}

void bytes_poison(void *p, size_t n)
{
	unsigned char *bytes = p;

	if (!n)
		return;
	memset(bytes, BYTE_FREE, n - 1);
	bytes[n - 1] = BYTE_END;
}

void bytes_lines(const char *head, const void *p, size_t n)
{
	const unsigned char *at = p;
	char hex[3 * ROW + 1], text[ROW + 1];
	size_t i, row;

	for (; n; at += row, n -= row) {
		row = n < ROW ? n : ROW;
		for (i = 0; i < ROW; i++) {
			if (i < row)
				text_format(hex + 3 * i, 4, "%02x ", at[i]);
			else
				text_format(hex + 3 * i, 4, "   ");
		}
		for (i = 0; i < row; i++)
			text[i] = at[i] >= ' ' && at[i] <= '~' ? (char)at[i] :
								 '.';
		text[row] = '\0';
		report_line("%s%p: %s %s", head, (const void *)at, hex, text);
	}
}
