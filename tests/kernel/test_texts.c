/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* Texts, numbers in them, and what reaches stderr by each kind of message. */
#define pr_fmt(fmt) "texts: " fmt
#include "kunit/test.h"

#include <linux/bug.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kern_levels.h>
#include <linux/kstrtox.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include <sys/mman.h>
#include <unistd.h>

static int kept = -1, taken = -1;
static char said[4096];

/* From here on stderr is a file. */
static void listen(void)
{
	kept = dup(STDERR_FILENO);
	taken = memfd_create("stderr", 0);
	dup2(taken, STDERR_FILENO);
}

/* What was said, and stderr is itself again. */
static const char *heard(void)
{
	ssize_t n = pread(taken, said, sizeof(said) - 1, 0);

	said[n < 0 ? 0 : n] = '\0';
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(taken);
	return said;
}

static void levels_are_dropped(struct kunit *test)
{
	int before = console_loglevel;

	KUNIT_EXPECT_EQ(test, before, LOGLEVEL_DEBUG);
	listen();
	pr_emerg("%d\n", LOGLEVEL_EMERG);
	pr_alert("%d\n", LOGLEVEL_ALERT);
	pr_crit("%d\n", LOGLEVEL_CRIT);
	pr_err("%d\n", LOGLEVEL_ERR);
	pr_warn("%d\n", LOGLEVEL_WARNING);
	pr_warning("%d\n", LOGLEVEL_WARNING);
	pr_notice("%d\n", LOGLEVEL_NOTICE);
	pr_info("%d", LOGLEVEL_INFO);
	pr_cont(".\n");
	pr_debug("not built\n");
	pr_devel("not built\n");
	no_printk("not built\n");
	printk(KERN_DEBUG "dropped\n");
	console_loglevel = LOGLEVEL_ERR;
	pr_err("dropped\n");
	pr_crit("last\n");
	printk(KERN_DEFAULT "dropped\n");
	console_loglevel = before;
	KUNIT_EXPECT_STREQ(test, heard(),
			   "texts: 0\ntexts: 1\ntexts: 2\ntexts: 3\n"
			   "texts: 4\ntexts: 4\ntexts: 5\ntexts: 6.\n"
			   "texts: last\n");
	listen();
	KUNIT_EXPECT_EQ(test, _printk(KERN_SOH "3%s", "x\n"), 2);
	KUNIT_EXPECT_STREQ(test, heard(), "x\n");
	/* As texts in front of a format. */
	KUNIT_EXPECT_STREQ(test,
			   KERN_EMERG KERN_ALERT KERN_CRIT KERN_ERR KERN_WARNING
				   KERN_NOTICE KERN_INFO KERN_DEBUG KERN_CONT,
			   "\0010\0011\0012\0013\0014\0015\0016\0017\001c");
	KUNIT_EXPECT_LT(test, LOGLEVEL_SCHED, LOGLEVEL_DEFAULT);
}

static void some_are_said_once(struct kunit *test)
{
	listen();
	for (int i = 0; i < 3; i++) {
		printk_once("p%d ", i);
		pr_err_once("e%d ", i);
		pr_warn_once("w%d ", i);
		pr_info_once("i%d ", i);
	}
	KUNIT_EXPECT_STREQ(test, heard(), "p0 texts: e0 texts: w0 texts: i0 ");
}

static unsigned int times(const char *text, char c)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

static void some_are_said_now_and_then(struct kunit *test)
{
	DEFINE_RATELIMIT_STATE(never, 0, 0);
	struct ratelimit_state rs, fixed = RATELIMIT_STATE_INIT(fixed, 1, 2);
	unsigned long begin = jiffies;
	const char *text;
	bool late;

	KUNIT_EXPECT_EQ(test, fixed.burst, 2);
	/* No interval: no limit. */
	KUNIT_EXPECT_EQ(test, __ratelimit(&never), 1);
	listen();
	for (int i = 0; i < DEFAULT_RATELIMIT_BURST + 3; i++) {
		printk_ratelimited("p");
		pr_err_ratelimited("E");
		pr_warn_ratelimited("W");
		pr_notice_ratelimited("N");
		pr_info_ratelimited("I");
	}
	/* A machine that stood still is in the next interval. */
	late = time_after_eq(jiffies, begin + DEFAULT_RATELIMIT_INTERVAL);
	text = heard();
	for (const char *c = "pEWNI"; *c && !late; c++)
		KUNIT_EXPECT_EQ(test, times(text, *c), 10u);
	ratelimit_state_init(&rs, 1000 * DEFAULT_RATELIMIT_INTERVAL, 1);
	KUNIT_EXPECT_EQ(test, __ratelimit(&rs), 1);
	KUNIT_EXPECT_EQ(test, __ratelimit(&rs), 0);
	KUNIT_EXPECT_EQ(test, rs.missed, 1);
}

static void devices_are_named(struct kunit *test)
{
	struct device dev = { .init_name = "d0" };

	listen();
	dev_printk(KERN_ALERT, &dev, "%d ", 1);
	dev_err(&dev, "%d ", 2);
	dev_warn(&dev, "%d ", 3);
	dev_notice(&dev, "%d ", 4);
	dev_info(&dev, "%d ", 5);
	dev_dbg(&dev, "%d ", 6);
	KUNIT_EXPECT_STREQ(test, heard(), "d0: 1 d0: 2 d0: 3 d0: 4 d0: 5 ");
}

static int below_zero(int n)
{
	return WARN_ON_ONCE(n < 0) + WARN_ONCE(n < 0, "once\n");
}

static void warnings_have_values(struct kunit *test)
{
	const char *text;

	listen();
	KUNIT_EXPECT_EQ(test, WARN(1 > 2, "silent\n"), 0);
	KUNIT_EXPECT_EQ(test, WARN(2 > 1, "%d words\n", 2), 1);
	KUNIT_EXPECT_EQ(test, below_zero(-1), 2);
	KUNIT_EXPECT_EQ(test, below_zero(-1), 2);
	KUNIT_EXPECT_EQ(test, below_zero(1), 0);
	KUNIT_EXPECT_EQ(test, VM_WARN_ON(test == NULL), 0);
	KUNIT_EXPECT_EQ(test, VM_WARN_ON_ONCE(test != NULL), 1);
	VM_BUG_ON(test == NULL);
	text = heard();
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "2 words\n"));
	KUNIT_EXPECT_NULL(test, strstr(text, "silent"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, " below_zero()\nonce\n"));
	/* Of WARN, WARN_ON_ONCE, WARN_ONCE and VM_WARN_ON_ONCE. */
	KUNIT_EXPECT_EQ(test, times(text, '['), 4u);
}

static void numbers_are_read(struct kunit *test)
{
	unsigned long long ull;
	unsigned long ul = 5;
	long long ll;
	long l;

	KUNIT_EXPECT_EQ(test, kstrtoull("18446744073709551615", 10, &ull), 0);
	KUNIT_EXPECT_EQ(test, ull, ~0ull);
	KUNIT_EXPECT_EQ(test, kstrtoull("18446744073709551616", 10, &ull),
			-ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtoll("-9223372036854775808", 0, &ll), 0);
	KUNIT_EXPECT_EQ(test, ll, S64_MIN);
	KUNIT_EXPECT_EQ(test, kstrtoll("9223372036854775808", 0, &ll), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtol("-0x10\n", 0, &l), 0);
	KUNIT_EXPECT_EQ(test, l, -16l);
	KUNIT_EXPECT_EQ(test, kstrtol("+-1", 0, &l), -EINVAL);
	KUNIT_EXPECT_EQ(test, kstrtoul("017", 0, &ul), 0);
	KUNIT_EXPECT_EQ(test, ul, 15ul);
	KUNIT_EXPECT_EQ(test, kstrtoul(" 1", 0, &ul), -EINVAL);
	KUNIT_EXPECT_EQ(test, ul, 15ul);
}

static int by_list(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

static int wanted(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	return n;
}

static void texts_begin_and_fit(struct kunit *test)
{
	char buf[4];

	KUNIT_EXPECT_TRUE(test, strstarts("prefix", "pre"));
	KUNIT_EXPECT_FALSE(test, strstarts("pr", "pre"));
	KUNIT_EXPECT_EQ(test, str_has_prefix("prefix", "pre"), (size_t)3);
	KUNIT_EXPECT_EQ(test, str_has_prefix("prefix", "fix"), (size_t)0);
	KUNIT_EXPECT_EQ(test, by_list(buf, sizeof(buf), "%d", 12345), 3);
	KUNIT_EXPECT_STREQ(test, buf, "123");
	KUNIT_EXPECT_EQ(test, by_list(buf, 0, "%d", 12345), 0);
	KUNIT_EXPECT_EQ(test, by_list(buf, sizeof(buf), "%d", 1), 1);
	KUNIT_EXPECT_EQ(test, wanted("%d", 12345), 5);
	KUNIT_EXPECT_EQ(test, snprintf(buf, sizeof(buf), "%s", "abc"), 3);
	KUNIT_EXPECT_STREQ(test, buf, "abc");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(levels_are_dropped),         KUNIT_CASE(some_are_said_once),
	KUNIT_CASE(some_are_said_now_and_then), KUNIT_CASE(devices_are_named),
	KUNIT_CASE(warnings_have_values),       KUNIT_CASE(numbers_are_read),
	KUNIT_CASE(texts_begin_and_fit),        {},
};
static struct kunit_suite suite = { .name = "texts", .test_cases = cases };
kunit_test_suite(suite);
