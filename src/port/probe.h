/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Static probes: a nop, and a note that tells debuggers and tracers where it is
 * and where its arguments are.  One that nobody listens to costs the nop and
 * having the arguments at hand, so they stand on slow paths alone.
 *
 * Compiled in where the build found <sys/sdt.h>, which is macros and assembly
 * and needs nothing of the system; nothing elsewhere.  docs/cores.md lists
 * them, tests/cli/test_probes.py holds the list against the library.
 */
#ifndef PORT_PROBE_H
#define PORT_PROBE_H

#include <stdint.h>

#ifndef KMEM_PROBES
#define KMEM_PROBES 0
#endif

#if KMEM_PROBES
#include <sys/sdt.h>
#else
#define STAP_PROBE1(provider, name, a) ((void)(a))
#define STAP_PROBE2(provider, name, a, b) ((void)(a), (void)(b))
#define STAP_PROBE3(provider, name, a, b, c) ((void)(a), (void)(b), (void)(c))
#define STAP_PROBE4(provider, name, a, b, c, d) \
	((void)(a), (void)(b), (void)(c), (void)(d))
#define STAP_PROBE6(provider, name, a, b, c, d, e, f) \
	((void)(a), (void)(b), (void)(c), (void)(d), (void)(e), (void)(f))
#define STAP_PROBE8(provider, name, a, b, c, d, e, f, g, h)                \
	((void)(a), (void)(b), (void)(c), (void)(d), (void)(e), (void)(f), \
	 (void)(g), (void)(h))
#endif

/* An argument: 8 bytes, whatever it is. */
#define PROBE_WORD(x) ((uint64_t)(uintptr_t)(x))

#endif
