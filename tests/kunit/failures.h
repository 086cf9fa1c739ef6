/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a check says that was not met, by kunit_fail_msg() alone: for runners
 * without a terminal, which include it once after they have defined
 *
 *	KUNIT_POINTER	how a pointer is printed
 *
 * and have included what declares the string functions.
 */
#ifndef KUNIT_FAILURES_H
#define KUNIT_FAILURES_H

void kunit_fail_int(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    long long left_value, long long right_value)
{
	kunit_fail_msg(test, file, line, "not %s %s %s: %lld, %lld", left, op,
		       right, left_value, right_value);
}

void kunit_fail_ptr(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    const void *left_value, const void *right_value)
{
	kunit_fail_msg(test, file, line,
		       "not %s %s %s: " KUNIT_POINTER ", " KUNIT_POINTER, left,
		       op, right, left_value, right_value);
}

bool kunit_check_str(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const char *left_value, const char *right_value,
		     bool want_equal)
{
	bool equal = left_value && right_value ?
			     strcmp(left_value, right_value) == 0 :
			     left_value == right_value;

	if (equal != want_equal)
		kunit_fail_msg(test, file, line, "%s is \"%s\", %s is \"%s\"",
			       left, left_value, right, right_value);
	return equal == want_equal;
}

bool kunit_check_mem(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const void *left_value, const void *right_value,
		     size_t size, bool want_equal)
{
	bool equal = memcmp(left_value, right_value, size) == 0;

	if (equal != want_equal)
		kunit_fail_msg(test, file, line, "%s and %s %s", left, right,
			       equal ? "are equal" : "differ");
	return equal == want_equal;
}

#endif
