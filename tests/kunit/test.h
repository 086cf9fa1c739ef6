/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The kernel's unit-test vocabulary, hosted.
 *
 * A file of tests is a program: cases `static void x_does_y(struct kunit *)`,
 * an array of KUNIT_CASE() closed by {}, a struct kunit_suite, and one
 * kunit_test_suite(suite), which defines main().  Output is TAP; the exit
 * status is 0 (all passed), 1 (one failed) or 77 (all were skipped).
 *
 * EXPECT notes a failure and goes on, ASSERT ends the case.  Both may be used
 * by any thread of the case; an ASSERT that fails in another thread than the
 * case's own ends that thread.  In a forked child it ends the child with
 * status 1, so the parent has to look at the status.
 */
#ifndef KUNIT_TEST_H
#define KUNIT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

struct kunit {
	void *priv; /* the suite's init() may leave something here */
	const char *name;
	int status; /* enum of runner.c; changed atomically */
	char skip_reason[200];
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

/* clang-format off */
#define KUNIT_CASE(fn)		{ fn, #fn }
#define KUNIT_CASE_SLOW(fn)	{ fn, #fn }
/* clang-format on */

#define KUNIT_PRINTF(fmt, args) \
	__attribute__((__format__(__printf__, fmt, args)))
#define KUNIT_NORETURN __attribute__((__noreturn__))

int kunit_run(struct kunit_suite *const *suites, size_t nr, int argc,
	      char **argv);

void kunit_info(struct kunit *test, const char *fmt, ...) KUNIT_PRINTF(2, 3);
#define kunit_warn kunit_info
#define kunit_err kunit_info

void kunit_mark_skipped(struct kunit *test, const char *fmt, ...)
	KUNIT_PRINTF(2, 3);
void kunit_abort(struct kunit *test) KUNIT_NORETURN;
#define kunit_skip(test, ...)                            \
	do {                                             \
		kunit_mark_skipped((test), __VA_ARGS__); \
		kunit_abort(test);                       \
	} while (0)

/* What the macros below call; not for tests. */
void kunit_fail_msg(struct kunit *test, const char *file, int line,
		    const char *fmt, ...) KUNIT_PRINTF(4, 5);
void kunit_fail_int(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    long long left_value, long long right_value);
void kunit_fail_ptr(struct kunit *test, const char *file, int line,
		    const char *left, const char *op, const char *right,
		    const void *left_value, const void *right_value);
bool kunit_check_str(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const char *left_value, const char *right_value,
		     bool want_equal);
bool kunit_check_mem(struct kunit *test, const char *file, int line,
		     const char *left, const char *right,
		     const void *left_value, const void *right_value,
		     size_t size, bool want_equal);

#if defined(__cplusplus)
}
#define KUNIT_AUTO auto
#else
#define KUNIT_AUTO __auto_type
#endif

/*
 * Integers are compared in their common type, as the operator would, but
 * without the warning that a literal 3 is signed and a size_t is not.
 */
#define KUNIT_INT(test, left, op, right, ...)                                  \
	do {                                                                   \
		const KUNIT_AUTO kunit_l = (left);                             \
		const KUNIT_AUTO kunit_r = (right);                            \
		typedef __typeof__(kunit_l + kunit_r) kunit_t;                 \
		if (!((kunit_t)kunit_l op(kunit_t) kunit_r)) {                 \
			kunit_fail_int((test), __FILE__, __LINE__, #left, #op, \
				       #right, (long long)(kunit_l),           \
				       (long long)(kunit_r));                  \
			__VA_ARGS__;                                           \
		}                                                              \
	} while (0)

#define KUNIT_PTR(test, left, op, right, ...)                                  \
	do {                                                                   \
		const void *kunit_l = (left);                                  \
		const void *kunit_r = (right);                                 \
		if (!(kunit_l op kunit_r)) {                                   \
			kunit_fail_ptr((test), __FILE__, __LINE__, #left, #op, \
				       #right, kunit_l, kunit_r);              \
			__VA_ARGS__;                                           \
		}                                                              \
	} while (0)

#define KUNIT_BOOL(test, cond, want, ...)                                      \
	do {                                                                   \
		const bool kunit_c = !!(cond);                                 \
		if (kunit_c != (want)) {                                       \
			kunit_fail_msg((test), __FILE__, __LINE__, "%s is %s", \
				       #cond, kunit_c ? "true" : "false");     \
			__VA_ARGS__;                                           \
		}                                                              \
	} while (0)

#define KUNIT_STR(test, left, right, want, ...)                          \
	do {                                                             \
		if (!kunit_check_str((test), __FILE__, __LINE__, #left,  \
				     #right, (left), (right), (want))) { \
			__VA_ARGS__;                                     \
		}                                                        \
	} while (0)

#define KUNIT_MEM(test, left, right, size, want, ...)                   \
	do {                                                            \
		if (!kunit_check_mem((test), __FILE__, __LINE__, #left, \
				     #right, (left), (right), (size),   \
				     (want))) {                         \
			__VA_ARGS__;                                    \
		}                                                       \
	} while (0)

#define KUNIT_NOT_ERR(test, ptr, ...)                                     \
	do {                                                              \
		const void *kunit_p = (ptr);                              \
		if (!kunit_p || (uintptr_t)kunit_p >= (uintptr_t)-4095) { \
			kunit_fail_msg((test), __FILE__, __LINE__,        \
				       "%s is %ld, not a pointer", #ptr,  \
				       (long)(uintptr_t)kunit_p);         \
			__VA_ARGS__;                                      \
		}                                                         \
	} while (0)

/* clang-format off */
#define KUNIT_GO_ON		(void)0
#define KUNIT_STOP(test)	kunit_abort(test)
#define KUNIT_NOTE(test, ...)	kunit_info((test), __VA_ARGS__)
#define KUNIT_NOTE_STOP(test, ...) \
	kunit_info((test), __VA_ARGS__); kunit_abort(test)

#define KUNIT_SUCCEED(test)	((void)(test))
#define KUNIT_FAIL(test, ...) \
	kunit_fail_msg((test), __FILE__, __LINE__, __VA_ARGS__)
#define KUNIT_FAIL_AND_ABORT(test, ...) \
	do { KUNIT_FAIL(test, __VA_ARGS__); kunit_abort(test); } while (0)

#define KUNIT_EXPECT_EQ(test, l, r)	KUNIT_INT(test, l, ==, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_NE(test, l, r)	KUNIT_INT(test, l, !=, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_LT(test, l, r)	KUNIT_INT(test, l, <, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_LE(test, l, r)	KUNIT_INT(test, l, <=, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_GT(test, l, r)	KUNIT_INT(test, l, >, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_GE(test, l, r)	KUNIT_INT(test, l, >=, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_TRUE(test, c)	KUNIT_BOOL(test, c, true, KUNIT_GO_ON)
#define KUNIT_EXPECT_FALSE(test, c)	KUNIT_BOOL(test, c, false, KUNIT_GO_ON)
#define KUNIT_EXPECT_PTR_EQ(test, l, r)	KUNIT_PTR(test, l, ==, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_PTR_NE(test, l, r)	KUNIT_PTR(test, l, !=, r, KUNIT_GO_ON)
#define KUNIT_EXPECT_NULL(test, p)	KUNIT_PTR(test, p, ==, NULL, KUNIT_GO_ON)
#define KUNIT_EXPECT_NOT_NULL(test, p)	KUNIT_PTR(test, p, !=, NULL, KUNIT_GO_ON)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(test, p) \
	KUNIT_NOT_ERR(test, p, KUNIT_GO_ON)
#define KUNIT_EXPECT_STREQ(test, l, r)	KUNIT_STR(test, l, r, true, KUNIT_GO_ON)
#define KUNIT_EXPECT_STRNEQ(test, l, r)	KUNIT_STR(test, l, r, false, KUNIT_GO_ON)
#define KUNIT_EXPECT_MEMEQ(test, l, r, n) \
	KUNIT_MEM(test, l, r, n, true, KUNIT_GO_ON)
#define KUNIT_EXPECT_MEMNEQ(test, l, r, n) \
	KUNIT_MEM(test, l, r, n, false, KUNIT_GO_ON)

#define KUNIT_ASSERT_EQ(test, l, r)	KUNIT_INT(test, l, ==, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_NE(test, l, r)	KUNIT_INT(test, l, !=, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_LT(test, l, r)	KUNIT_INT(test, l, <, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_LE(test, l, r)	KUNIT_INT(test, l, <=, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_GT(test, l, r)	KUNIT_INT(test, l, >, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_GE(test, l, r)	KUNIT_INT(test, l, >=, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_TRUE(test, c)	KUNIT_BOOL(test, c, true, KUNIT_STOP(test))
#define KUNIT_ASSERT_FALSE(test, c)	KUNIT_BOOL(test, c, false, KUNIT_STOP(test))
#define KUNIT_ASSERT_PTR_EQ(test, l, r)	KUNIT_PTR(test, l, ==, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_PTR_NE(test, l, r)	KUNIT_PTR(test, l, !=, r, KUNIT_STOP(test))
#define KUNIT_ASSERT_NULL(test, p)	KUNIT_PTR(test, p, ==, NULL, KUNIT_STOP(test))
#define KUNIT_ASSERT_NOT_NULL(test, p)	KUNIT_PTR(test, p, !=, NULL, KUNIT_STOP(test))
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p) \
	KUNIT_NOT_ERR(test, p, KUNIT_STOP(test))
#define KUNIT_ASSERT_STREQ(test, l, r)	KUNIT_STR(test, l, r, true, KUNIT_STOP(test))
#define KUNIT_ASSERT_STRNEQ(test, l, r)	KUNIT_STR(test, l, r, false, KUNIT_STOP(test))
#define KUNIT_ASSERT_MEMEQ(test, l, r, n) \
	KUNIT_MEM(test, l, r, n, true, KUNIT_STOP(test))
#define KUNIT_ASSERT_MEMNEQ(test, l, r, n) \
	KUNIT_MEM(test, l, r, n, false, KUNIT_STOP(test))

/* The same with a note of the caller's below the failure. */
#define KUNIT_EXPECT_EQ_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, ==, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_NE_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, !=, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_LT_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, <, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_LE_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, <=, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_GT_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, >, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_GE_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, >=, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_TRUE_MSG(test, c, ...) \
	KUNIT_BOOL(test, c, true, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_FALSE_MSG(test, c, ...) \
	KUNIT_BOOL(test, c, false, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_PTR_EQ_MSG(test, l, r, ...) \
	KUNIT_PTR(test, l, ==, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_PTR_NE_MSG(test, l, r, ...) \
	KUNIT_PTR(test, l, !=, r, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_NULL_MSG(test, p, ...) \
	KUNIT_PTR(test, p, ==, NULL, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_NOT_NULL_MSG(test, p, ...) \
	KUNIT_PTR(test, p, !=, NULL, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_STREQ_MSG(test, l, r, ...) \
	KUNIT_STR(test, l, r, true, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_EXPECT_MEMEQ_MSG(test, l, r, n, ...) \
	KUNIT_MEM(test, l, r, n, true, KUNIT_NOTE(test, __VA_ARGS__))
#define KUNIT_ASSERT_EQ_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, ==, r, KUNIT_NOTE_STOP(test, __VA_ARGS__))
#define KUNIT_ASSERT_NE_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, !=, r, KUNIT_NOTE_STOP(test, __VA_ARGS__))
#define KUNIT_ASSERT_GE_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, >=, r, KUNIT_NOTE_STOP(test, __VA_ARGS__))
#define KUNIT_ASSERT_LE_MSG(test, l, r, ...) \
	KUNIT_INT(test, l, <=, r, KUNIT_NOTE_STOP(test, __VA_ARGS__))
#define KUNIT_ASSERT_TRUE_MSG(test, c, ...) \
	KUNIT_BOOL(test, c, true, KUNIT_NOTE_STOP(test, __VA_ARGS__))
#define KUNIT_ASSERT_FALSE_MSG(test, c, ...) \
	KUNIT_BOOL(test, c, false, KUNIT_NOTE_STOP(test, __VA_ARGS__))
#define KUNIT_ASSERT_NOT_NULL_MSG(test, p, ...) \
	KUNIT_PTR(test, p, !=, NULL, KUNIT_NOTE_STOP(test, __VA_ARGS__))
/* clang-format on */

#define kunit_test_suites(...)                                             \
	int main(int argc, char **argv)                                    \
	{                                                                  \
		struct kunit_suite *const kunit_list[] = { __VA_ARGS__ };  \
		return kunit_run(kunit_list,                               \
				 sizeof(kunit_list) / sizeof(*kunit_list), \
				 argc, argv);                              \
	}                                                                  \
	struct kunit
#define kunit_test_suite(suite) kunit_test_suites(&(suite))

#endif
