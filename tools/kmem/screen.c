/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
#include "screen.h"

#include <time.h>

#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

/* Without newterm() ncurses would exit by itself when it cannot. */
bool screen_open(const char *command)
{
	const char *term = getenv("TERM");

	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)) {
		complain("%s: needs a terminal; --batch prints to a pipe or "
			 "file",
			 command);
		return false;
	}
	if (!newterm(NULL, stdout, stdin)) {
		complain("%s: nothing is known of the terminal TERM=%s; set "
			 "TERM, or use --batch",
			 command, term ? term : "");
		return false;
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

void screen_close(void)
{
	endwin();
}

int screen_rows(void)
{
	return LINES - 1;
}

void screen_text(const char *text, const char *foot)
{
	int row, n;

	erase();
	for (row = 0; *text && row < LINES - 1; row++) {
		bool mark = *text == '\1';

		text += mark;
		n = (int)strcspn(text, "\n");
		if (mark)
			attron(A_REVERSE);
		mvaddnstr(row, 0, text, n < COLS ? n : COLS);
		if (mark)
			attroff(A_REVERSE);
		text += n;
		text += *text == '\n';
	}
	attron(A_BOLD);
	mvaddnstr(LINES - 1, 0, foot, COLS - 1);
	attroff(A_BOLD);
	refresh();
}

int screen_key(double seconds)
{
	int key;

	timeout((int)(seconds * 1000));
	key = getch();
	/* a window that changed its size is drawn again at once */
	if (key == KEY_RESIZE)
		return ' ';
	return key > 0 && key < 128 ? key : 0;
}

double screen_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}
