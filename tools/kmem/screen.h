/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * A full screen of text, by ncurses, which no other file includes.
 */
#ifndef KMEM_TOOL_SCREEN_H
#define KMEM_TOOL_SCREEN_H

#include <stdbool.h>

/* False after a complaint: the terminal cannot do it. */
bool screen_open(const char *command);
void screen_close(void);

/*
 * Shows lines of text from the top, and foot in the last row; what does not
 * fit is not shown. A line that begins with '\1' is shown reversed.
 */
void screen_text(const char *text, const char *foot);

/* Rows for text. */
int screen_rows(void);

/* A key as an ASCII letter, or 0 when none came within so many seconds. */
int screen_key(double seconds);

/* Of a clock that only goes forward. */
double screen_seconds(void);

#endif
