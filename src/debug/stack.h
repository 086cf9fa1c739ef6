/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Call stacks, remembered by number.
 */
#ifndef DEBUG_STACK_H
#define DEBUG_STACK_H

#include <stdbool.h>
#include <stdint.h>

/* Return addresses that are kept of a stack. */
#define STACK_DEPTH 16

/* Numbers count so many bytes from the start of all stacks. */
#define STACK_UNIT 16u
/* A stack as it is kept. */
struct stack_kept {
	uint32_t hash;
	uint32_t next; /* number, or 0; set before the stack is shown */
	uint32_t nr;
	uint32_t pad;
	void *pc[];
};

/* Makes room for stacks, once; false: there is none, and nothing is kept. */
bool stack_boot(void);

/*
 * The number of a stack, innermost address first; the same for the same
 * stack.  0: it could not be kept.  n is at most STACK_DEPTH.  [nb], and for
 * signal handlers.
 */
uint32_t stack_keep(void *const *pc, unsigned int n);

/*
 * The stack of a number, and its length; 0 has none, nor has what is no number
 * of a stack.
 */
unsigned int stack_get(uint32_t number, void *const **pc);

/*
 * The caller's stack from the frame that returns to from on, at most
 * STACK_DEPTH addresses; from alone where the port knows no more.
 */
unsigned int stack_here(void **pc, const void *from);

/*
 * The name of each address to a call of line, with its line of source where
 * that is known; fault: the first is of an instruction, not returned to.
 */
void stack_frames(void *const *pc, unsigned int n, bool fault,
		  void (*line)(void *ctx, const char *text), void *ctx);

/* The same as lines of an open report, after a blank. */
void stack_lines(void *const *pc, unsigned int n);
void stack_lines_fault(void *const *pc, unsigned int n);

/* Lines of an open report: which thread, in which call of the library. */
void report_line_here(void);

/* Kept stacks, and how many were turned away, for tests. */
unsigned long stack_count(void);
unsigned long stack_lost(void);

#endif
