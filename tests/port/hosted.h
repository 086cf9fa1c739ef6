/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A program that asks the port it is linked with, on a system with POSIX
 * threads: included by one test for each such port.
 */
#include "port/contract.c"

#include <pthread.h>

#include "kunit/test.h"

static pthread_t contract_other;

static void *contract_begin(void *fn)
{
	(*(void (**)(void))fn)();
	return NULL;
}

int contract_thread(void (*fn)(void))
{
	static void (*kept)(void);

	kept = fn;
	return pthread_create(&contract_other, NULL, contract_begin, &kept);
}

void contract_join(void)
{
	pthread_join(contract_other, NULL);
}

static void the_port_keeps_its_contract(struct kunit *test)
{
	const char *why;

	KUNIT_ASSERT_EQ(test, page_boot(), 0);
	why = port_contract();
	if (why)
		KUNIT_FAIL(test, "%s", why);
}

static struct kunit_case cases[] = { KUNIT_CASE(the_port_keeps_its_contract),
				     {} };
static struct kunit_suite suite = { .name = "contract", .test_cases = cases };
kunit_test_suite(suite);
