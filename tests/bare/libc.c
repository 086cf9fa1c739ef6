// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What the tests use of a C library.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "lib/text.h"

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

char *strstr(const char *s, const char *part)
{
	for (; strncmp(s, part, strlen(part)); s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

size_t strspn(const char *s, const char *set)
{
	size_t n = 0;

	while (s[n] && strchr(set, s[n]))
		n++;
	return n;
}

char *strcat(char *to, const char *from)
{
	memcpy(to + strlen(to), from, strlen(from) + 1);
	return to;
}

char *strsep(char **rest, const char *set)
{
	char *s = *rest, *end;

	if (!s)
		return NULL;
	for (end = s; *end && !strchr(set, *end);)
		end++;
	*rest = *end ? end + 1 : NULL;
	*end = '\0';
	return s;
}

long strtol(const char *s, char **end, int base)
{
	bool minus = *s == '-';
	long n = 0;

	s += minus;
	if (!base)
		base = !strncmp(s, "0x", 2) ? 16 : 10;
	s += base == 16 && !strncmp(s, "0x", 2) ? 2 : 0;
	for (;; s++) {
		int digit = *s >= 'a' ? *s - 'a' + 10 : *s - '0';

		if (digit < 0 || digit >= base)
			break;
		n = n * base + digit;
	}
	if (end)
		*end = (char *)(uintptr_t)s;
	return minus ? -n : n;
}

int vsnprintf(char *buf, size_t n, const char *fmt, va_list ap)
{
	return text_vformat(buf, n, fmt, ap);
}

int snprintf(char *buf, size_t n, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = text_vformat(buf, n, fmt, ap);
	va_end(ap);
	return len;
}

void abort(void)
{
	kprintf("abort\n");
	arch_exit(3);
}
