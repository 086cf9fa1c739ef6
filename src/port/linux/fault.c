/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Faults: the handler of SIGSEGV, installed when the core asks for it.
 *
 * The program's own handler, or the default action, stays what it was for all
 * faults that are not the core's: it is called as the kernel would call it.  A
 * program that installs one later replaces this one; if it passes on what it
 * does not know, this one still sees it.
 *
 * A thread that has an alternate stack is on it here.
 */
#define _GNU_SOURCE 1

#include "port/port.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "port/linux/own.h"

#define PORT_FAULT_FNS 2

static fault_fn *asked[PORT_FAULT_FNS];
static struct sigaction fault_before;

#if defined(__x86_64__)
/* Bit 1 of the page fault's error code. */
static bool fault_writes(const ucontext_t *uc)
{
	return uc->uc_mcontext.gregs[REG_ERR] >> 1 & 1;
}

static const void *fault_pc(const ucontext_t *uc)
{
	return (const void *)uc->uc_mcontext.gregs[REG_RIP];
}
#elif defined(__aarch64__)
/* Records behind the registers: a magic number, a size, and what follows. */
#define ESR_RECORD 0x45535201u

struct record {
	uint32_t magic, size;
	uint64_t esr;
};

/* Bit 6 of the syndrome of a data abort. */
static bool fault_writes(const ucontext_t *uc)
{
	const char *at = (const char *)uc->uc_mcontext.__reserved;
	const char *end = at + sizeof(uc->uc_mcontext.__reserved);
	const struct record *r;

	for (; at + sizeof(*r) <= end; at += r->size) {
		r = (const void *)at;
		if (r->magic == ESR_RECORD)
			return r->esr >> 6 & 1;
		if (r->size < 8)
			break;
	}
	return false;
}

static const void *fault_pc(const ucontext_t *uc)
{
	return (const void *)uc->uc_mcontext.pc;
}
#endif

#if defined(__x86_64__) || defined(__aarch64__)
/* The default action is done by the same fault again, or by the signal. */
static void by_default(int sig, const siginfo_t *info)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	sigaction(sig, &plain, NULL);
	if (info->si_code <= 0)
		raise(sig);
}

static void fault_pass_on(int sig, siginfo_t *info, void *ctx)
{
	const struct sigaction *old = &fault_before;

	if (old->sa_flags & SA_SIGINFO)
		old->sa_sigaction(sig, info, ctx);
	else if (old->sa_handler == SIG_IGN && info->si_code <= 0)
		return;
	else if (old->sa_handler == SIG_DFL || old->sa_handler == SIG_IGN)
		by_default(sig, info);
	else
		old->sa_handler(sig);
}

static void fault_handler(int sig, siginfo_t *info, void *ctx)
{
	KEEPS_ERRNO();
	fault_fn *fn;

	/* of kill(2) and the like there is no address */
	for (unsigned int i = 0;
	     info->si_code == SEGV_ACCERR && i < PORT_FAULT_FNS; i++) {
		fn = __atomic_load_n(&asked[i], __ATOMIC_ACQUIRE);
		if (fn && fn(info->si_addr, fault_pc(ctx), fault_writes(ctx)))
			return;
	}
	fault_pass_on(sig, info, ctx);
}

bool port_on_fault(fault_fn *fn)
{
	KEEPS_ERRNO();
	struct sigaction act = { .sa_sigaction = fault_handler };

	unsigned int i = 0;

	while (i < PORT_FAULT_FNS && asked[i])
		i++;
	if (i == PORT_FAULT_FNS)
		return false;
	__atomic_store_n(&asked[i], fn, __ATOMIC_RELEASE);
	if (i)
		return true;
	if (sigaction(SIGSEGV, NULL, &fault_before))
		return false;
	/* what the program wants blocked in its handler is blocked here */
	act.sa_mask = fault_before.sa_mask;
	act.sa_flags = SA_SIGINFO | SA_ONSTACK |
		       (fault_before.sa_flags & (SA_NODEFER | SA_RESTART));
	return !sigaction(SIGSEGV, &act, NULL);
}
#else
bool port_on_fault(fault_fn *fn)
{
	(void)fn;
	return false;
}
#endif
