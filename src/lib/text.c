/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Formatting without libc.
 *
 * Integers follow C: a precision overrides the 0 flag, "%.0d" of 0 is empty,
 * "%#o" widens the precision.  Pointers follow the kernel: "%p" and "%px"
 * are as many hex digits as a pointer has, without a prefix, so that "0x%p"
 * and the addresses of hex dumps line up.
 */
#include "lib/text.h"

#include <limits.h>

#include "lib/mem.h"

/* Where text goes: what does not fit is counted and dropped. */
struct sink {
	char *buf;
	size_t room; /* bytes of buf, without the NUL */
	size_t len;  /* of the whole text so far */
};

struct spec {
	bool left, plus, space, zero, alt;
	int width;
	int precision; /* -1: none given */
	int bytes;     /* of an integer argument */
};

static void put(struct sink *s, char c)
{
	if (s->len < s->room)
		s->buf[s->len] = c;
	s->len++;
}

static void put_run(struct sink *s, char c, int n)
{
	while (n-- > 0)
		put(s, c);
}

static void put_text(struct sink *s, const char *text, int n)
{
	while (n-- > 0)
		put(s, *text++);
}

static void put_padded(struct sink *s, const struct spec *sp, const char *text,
		       int n)
{
	if (!sp->left)
		put_run(s, ' ', sp->width - n);
	put_text(s, text, n);
	if (sp->left)
		put_run(s, ' ', sp->width - n);
}

/*
 * sign is 0 or the character before the digits.  The parts are: blanks, sign
 * or prefix, zeros, digits, blanks.
 */
static void put_number(struct sink *s, const struct spec *sp, uint64_t value,
		       unsigned int base, bool upper, char sign)
{
	const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[3 * sizeof(value)]; /* octal needs 8/3 a byte */
	char prefix[2];
	int n = 0, zeros, prefix_len = 0, blanks;
	bool zero_value = !value;

	for (; value; value /= base)
		digits[n++] = digit[value % base];
	if (zero_value && sp->precision)
		digits[n++] = '0';

	if (sign) {
		prefix[prefix_len++] = sign;
	} else if (sp->alt && base == 16 && !zero_value) {
		prefix[prefix_len++] = '0';
		prefix[prefix_len++] = upper ? 'X' : 'x';
	}

	zeros = sp->precision - n;
	if (zeros < 0)
		zeros = 0;
	if (sp->alt && base == 8 && !zeros && (!n || digits[n - 1] != '0'))
		zeros = 1;
	blanks = sp->width - prefix_len - zeros - n;
	if (sp->zero && !sp->left && sp->precision < 0 && blanks > 0) {
		zeros += blanks;
		blanks = 0;
	}

	if (!sp->left)
		put_run(s, ' ', blanks);
	put_text(s, prefix, prefix_len);
	put_run(s, '0', zeros);
	while (n)
		put(s, digits[--n]);
	if (sp->left)
		put_run(s, ' ', blanks);
}

static void put_string(struct sink *s, const struct spec *sp, const char *text)
{
	int n = 0;

	if (!text)
		text = "(null)";
	while ((sp->precision < 0 || n < sp->precision) && text[n])
		n++;
	put_padded(s, sp, text, n);
}

static void put_pointer(struct sink *s, struct spec sp, const void *p)
{
	if (!sp.width) {
		sp.width = 2 * (int)sizeof(p);
		sp.zero = true;
		sp.left = false;
	}
	put_number(s, &sp, (uintptr_t)p, 16, false, 0);
}

/* A decimal number of the format itself; stops growing before it overflows. */
static int parse_int(const char **fmt)
{
	int n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		if (n < INT_MAX / 10)
			n = n * 10 + (**fmt - '0');
	return n;
}

static const char *parse_flags(const char *fmt, struct spec *sp)
{
	/* Bound: the flags of the format. */
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			sp->left = true;
			continue;
		case '+':
			sp->plus = true;
			continue;
		case ' ':
			sp->space = true;
			continue;
		case '0':
			sp->zero = true;
			continue;
		case '#':
			sp->alt = true;
			continue;
		default:
			return fmt;
		}
	}
}

static const char *parse_length(const char *fmt, struct spec *sp)
{
	sp->bytes = sizeof(int);
	switch (*fmt) {
	case 'h':
		sp->bytes = sizeof(short);
		if (*++fmt == 'h') {
			sp->bytes = sizeof(char);
			fmt++;
		}
		break;
	case 'l':
		sp->bytes = sizeof(long);
		if (*++fmt == 'l') {
			sp->bytes = sizeof(long long);
			fmt++;
		}
		break;
	case 'z':
		sp->bytes = sizeof(size_t);
		fmt++;
		break;
	case 't':
		sp->bytes = sizeof(ptrdiff_t);
		fmt++;
		break;
	case 'j':
		sp->bytes = sizeof(intmax_t);
		fmt++;
		break;
	default:
		break;
	}
	return fmt;
}

static char sign_of(const struct spec *sp, bool negative)
{
	if (negative)
		return '-';
	if (sp->plus)
		return '+';
	return sp->space ? ' ' : 0;
}

/* Cuts a promoted argument down to its own size, sign and all. */
static void put_signed(struct sink *s, const struct spec *sp, int64_t v)
{
	int above = 8 * ((int)sizeof(v) - sp->bytes);

	v = (int64_t)((uint64_t)v << above) >> above;
	put_number(s, sp, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, false,
		   sign_of(sp, v < 0));
}

static void put_unsigned(struct sink *s, const struct spec *sp, uint64_t v,
			 char conversion)
{
	if (sp->bytes < (int)sizeof(v))
		v &= ((uint64_t)1 << (8 * sp->bytes)) - 1;
	switch (conversion) {
	case 'o':
		put_number(s, sp, v, 8, false, 0);
		break;
	case 'u':
		put_number(s, sp, v, 10, false, 0);
		break;
	default:
		put_number(s, sp, v, 16, conversion == 'X', 0);
		break;
	}
}

int text_vformat(char *buf, size_t n, const char *fmt, va_list ap)
{
	struct sink s = { .buf = buf, .room = n ? n - 1 : 0 };
	const char *start;
	struct spec sp;
	char c;

	/* Bound: the bytes of the format. */
	while (*fmt) {
		if (*fmt != '%') {
			put(&s, *fmt++);
			continue;
		}
		start = fmt++;
		sp = (struct spec){ .precision = -1 };
		fmt = parse_flags(fmt, &sp);
		if (*fmt == '*') {
			sp.width = va_arg(ap, int);
			if (sp.width < 0) {
				sp.left = true;
				sp.width = -sp.width;
			}
			fmt++;
		} else {
			sp.width = parse_int(&fmt);
		}
		if (*fmt == '.') {
			fmt++;
			if (*fmt == '*') {
				sp.precision = va_arg(ap, int);
				fmt++;
			} else {
				sp.precision = parse_int(&fmt);
			}
			if (sp.precision < 0)
				sp.precision = -1;
		}
		fmt = parse_length(fmt, &sp);

		switch (*fmt) {
		case 'd':
		case 'i':
			put_signed(&s, &sp,
				   sp.bytes == 8 ? va_arg(ap, int64_t) :
						   va_arg(ap, int));
			break;
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			put_unsigned(&s, &sp,
				     sp.bytes == 8 ? va_arg(ap, uint64_t) :
						     va_arg(ap, unsigned int),
				     *fmt);
			break;
		case 'c':
			c = (char)va_arg(ap, int);
			put_padded(&s, &sp, &c, 1);
			break;
		case 's':
			put_string(&s, &sp, va_arg(ap, const char *));
			break;
		case 'p':
			put_pointer(&s, sp, va_arg(ap, const void *));
			if (fmt[1] == 'x')
				fmt++;
			break;
		case '%':
			put(&s, '%');
			break;
		default:
			/* Not ours: shown as it stands. */
			if (!*fmt)
				fmt--;
			put_text(&s, start, (int)(fmt - start) + 1);
			break;
		}
		fmt++;
	}
	if (n)
		buf[s.len < s.room ? s.len : s.room] = '\0';
	return (int)s.len;
}

int text_format(char *buf, size_t n, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = text_vformat(buf, n, fmt, ap);
	va_end(ap);
	return len;
}
