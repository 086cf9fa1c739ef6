/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Texts: numbers in them, and copies that end. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(buf, size, fmt, args);

	if (n < 0 || !size)
		return 0;
	return (size_t)n < size ? n : (int)size - 1;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

/* One number without white space before it, one newline after it at most. */
static int number(const char *s, unsigned int base, unsigned long long *res)
{
	int saved = errno, bad = 0;
	char *end;

	if (!isalnum((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	*res = strtoull(s, &end, (int)base);
	if (errno == ERANGE)
		bad = -ERANGE;
	else if (errno || end == s || (end[0] && (end[0] != '\n' || end[1])))
		bad = -EINVAL;
	errno = saved;
	return bad;
}

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long n;
	int bad = number(s + (*s == '+'), base, &n);

	if (!bad)
		*res = n;
	return bad;
}

int kstrtoll(const char *s, unsigned int base, long long *res)
{
	bool negative = *s == '-';
	unsigned long long n;
	int bad = number(s + (negative || *s == '+'), base, &n);

	if (bad)
		return bad;
	if (n > (unsigned long long)S64_MAX + negative)
		return -ERANGE;
	*res = (long long)(negative ? -n : n);
	return 0;
}

#define NARROW(name, wide, wide_type, type)                   \
	int name(const char *s, unsigned int base, type *res) \
	{                                                     \
		wide_type n;                                  \
		int bad = wide(s, base, &n);                  \
                                                              \
		if (bad)                                      \
			return bad;                           \
		if ((wide_type)(type)n != n)                  \
			return -ERANGE;                       \
		*res = (type)n;                               \
		return 0;                                     \
	}

NARROW(kstrtoul, kstrtoull, unsigned long long, unsigned long)
NARROW(kstrtouint, kstrtoull, unsigned long long, unsigned int)
NARROW(kstrtol, kstrtoll, long long, long)
NARROW(kstrtoint, kstrtoll, long long, int)

/* y, Y, 1, t, T, on; n, N, 0, f, F, off. */
int kstrtobool(const char *s, bool *res)
{
	int first = tolower((unsigned char)s[0]);

	if (first == 'o') {
		first = tolower((unsigned char)s[1]);
		first = first == 'n' ? 'y' : first == 'f' ? 'n' : 'o';
	}
	if (first == 'y' || first == 't' || first == '1')
		*res = true;
	else if (first == 'n' || first == 'f' || first == '0')
		*res = false;
	else
		return -EINVAL;
	return 0;
}

ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t n = strnlen(from, size);

	if (!size)
		return -E2BIG;
	if (n < size) {
		memcpy(to, from, n + 1);
		return (ssize_t)n;
	}
	memcpy(to, from, size - 1);
	to[size - 1] = '\0';
	return -E2BIG;
}

char *strim(char *s)
{
	size_t n;

	while (isspace((unsigned char)*s))
		s++;
	n = strlen(s);
	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

/* As far as a newline at the end, which echo writes. */
static size_t length_of_line(const char *s)
{
	size_t n = strlen(s);

	return n && s[n - 1] == '\n' ? n - 1 : n;
}

bool sysfs_streq(const char *a, const char *b)
{
	size_t n = length_of_line(a);

	return n == length_of_line(b) && memcmp(a, b, n) == 0;
}
