/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a port need not have, as docs/porting.md says: no second addresses, no
 * memory that a fork saves, no lines of source.  Each is weak, so a port's own
 * is taken before it; one that has all of them leaves the file out.
 */
#include "port/port.h"

#define WITHOUT __attribute__((weak))

WITHOUT bool port_share(void *p, size_t n)
{
	(void)p;
	(void)n;
	return false;
}

WITHOUT bool port_unshare(void *p, size_t n)
{
	(void)p;
	(void)n;
	return false;
}

WITHOUT bool port_alias(void *at, const void *p, size_t n)
{
	(void)at;
	(void)p;
	(void)n;
	return false;
}

WITHOUT bool port_fork_save(const void *p, size_t n)
{
	(void)p;
	(void)n;
	return false;
}

WITHOUT bool port_fork_saved(bool child)
{
	(void)child;
	return false;
}

WITHOUT const char *const *port_lines(void *const *pc, unsigned int n,
				      bool fault)
{
	(void)pc;
	(void)n;
	(void)fault;
	return NULL;
}

WITHOUT void port_lines_end(void)
{
}
