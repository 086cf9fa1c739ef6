/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A page of HTML that stands alone. */
#ifndef KMEM_HTML_H
#define KMEM_HTML_H

#include <stdio.h>

/* title is without anything that HTML would read. */
void html_begin(FILE *to, const char *title);
void html_end(FILE *to);
/* A text, with what HTML would read made harmless. */
void html_put(FILE *to, const char *text);

#endif
