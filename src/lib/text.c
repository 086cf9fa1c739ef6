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

/* Bits of spec.flags, in the order of flag_bit(). */
enum { LEFT = 1, PLUS = 2, SPACE = 4, ZERO = 8, ALT = 16 };

struct spec {
	unsigned int flags;
	int width;
	int precision; /* below 0: none given */
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
	if (!(sp->flags & LEFT))
		put_run(s, ' ', sp->width - n);
	put_text(s, text, n);
	if (sp->flags & LEFT)
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
	char prefix[2] = { sign, upper ? 'X' : 'x' };
	int n = 0, zeros, prefix_len = sign != 0, blanks;

	if (value && base == 16 && sp->flags & ALT) {
		prefix[0] = '0';
		prefix_len = 2;
	}
	if (!value && sp->precision)
		digits[n++] = '0';
	for (; value; value /= base)
		digits[n++] = digit[value % base];

	zeros = sp->precision > n ? sp->precision - n : 0;
	if (base == 8 && sp->flags & ALT && !zeros &&
	    (!n || digits[n - 1] != '0'))
		zeros = 1;
	blanks = sp->width - prefix_len - zeros - n;
	if ((sp->flags & (ZERO | LEFT)) == ZERO && sp->precision < 0 &&
	    blanks > 0) {
		zeros += blanks;
		blanks = 0;
	}

	if (!(sp->flags & LEFT))
		put_run(s, ' ', blanks);
	put_text(s, prefix, prefix_len);
	put_run(s, '0', zeros);
	while (n)
		put(s, digits[--n]);
	if (sp->flags & LEFT)
		put_run(s, ' ', blanks);
}

/* Cuts a promoted argument down to its own size, sign and all. */
static void put_integer(struct sink *s, const struct spec *sp, uint64_t v,
			char conversion)
{
	int above = 64 - 8 * sp->bytes;
	char sign = 0;

	if (conversion == 'd' || conversion == 'i') {
		int64_t n = (int64_t)(v << above) >> above;

		v = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
		sign = n < 0             ? '-' :
		       sp->flags & PLUS  ? '+' :
		       sp->flags & SPACE ? ' ' :
					   0;
	} else {
		v = v << above >> above;
	}
	put_number(s, sp, v,
		   conversion == 'o'          ? 8 :
		   (conversion | 0x20) == 'x' ? 16 :
						10,
		   conversion == 'X', sign);
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
		sp.flags = ZERO;
	}
	put_number(s, &sp, (uintptr_t)p, 16, false, 0);
}

static unsigned int flag_bit(char c)
{
	static const char flags[] = "-+ 0#";

	for (unsigned int i = 0; flags[i]; i++)
		if (flags[i] == c)
			return 1u << i;
	return 0;
}

/* Digits, which stop growing before they overflow, or an argument. */
static int parse_int(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		if (n < INT_MAX / 10)
			n = n * 10 + (**fmt - '0');
	return n;
}

/* From behind the % on; returns where the conversion stands. */
static const char *parse_spec(const char *fmt, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){ .precision = -1, .bytes = sizeof(int) };
	/* Bound: the flags of the format. */
	while (flag_bit(*fmt))
		sp->flags |= flag_bit(*fmt++);
	sp->width = parse_int(&fmt, ap);
	if (sp->width < 0) {
		sp->flags |= LEFT;
		sp->width = -sp->width;
	}
	if (*fmt == '.') {
		fmt++;
		sp->precision = parse_int(&fmt, ap);
	}
	if (*fmt == 'h') {
		sp->bytes = sizeof(short);
		if (*++fmt == 'h') {
			sp->bytes = sizeof(char);
			fmt++;
		}
	} else if (*fmt == 'l' || *fmt == 'z' || *fmt == 't' || *fmt == 'j') {
		sp->bytes = sizeof(long);
		if (*fmt++ == 'l' && *fmt == 'l')
			fmt++;
	}
	return fmt;
}

int text_vformat(char *buf, size_t n, const char *fmt, va_list ap)
{
	struct sink s = { .buf = buf, .room = n ? n - 1 : 0 };
	const char *start;
	struct spec sp;
	va_list args;
	char c;

	va_copy(args, ap);
	/* Bound: the bytes of the format. */
	while (*fmt) {
		if (*fmt != '%') {
			put(&s, *fmt++);
			continue;
		}
		start = fmt;
		fmt = parse_spec(fmt + 1, &sp, &args);
		switch (*fmt) {
		case 'd':
		case 'i':
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			put_integer(&s, &sp,
				    sp.bytes == 8 ? va_arg(args, uint64_t) :
						    va_arg(args, unsigned int),
				    *fmt);
			break;
		case 'c':
			c = (char)va_arg(args, int);
			put_padded(&s, &sp, &c, 1);
			break;
		case 's':
			put_string(&s, &sp, va_arg(args, const char *));
			break;
		case 'p':
			put_pointer(&s, sp, va_arg(args, const void *));
			if (fmt[1] == 'x')
				fmt++;
			break;
		case '%':
			put(&s, '%');
			break;
		default:
			/* Unknown: copied as it is. */
			if (!*fmt)
				fmt--;
			put_text(&s, start, (int)(fmt - start) + 1);
			break;
		}
		fmt++;
	}
	va_end(args);
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
