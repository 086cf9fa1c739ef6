/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* One design for all pages of kmem. */
#include "html.h"

static const char style[] =
	"body{font:14px system-ui,sans-serif;margin:2em;max-width:100em}"
	"table{border-collapse:collapse}"
	"th,td{padding:.2em .7em;text-align:right}"
	"th{border-bottom:2px solid #888}"
	"td.site{text-align:left;font-family:monospace}"
	"tr:nth-child(even){background:#8881}"
	"td.same{background:#2a82}td.other{background:#27c2}"
	"td.signal{background:#d226;font-weight:bold}"
	"td.hang{background:#d726;font-weight:bold}"
	"td.after{background:#a2c3}"
	"pre{background:#8881;padding:.7em;overflow:auto}"
	"@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}";

void html_put(FILE *to, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '&':
			fputs("&amp;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		default:
			fputc(*text, to);
		}
	}
}

void html_begin(FILE *to, const char *title)
{
	fprintf(to,
		"<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
		"<title>%s</title>\n<style>%s</style>\n"
		"<h1>%s</h1>\n",
		title, style, title);
}

void html_end(FILE *to)
{
	fputs("</html>\n", to);
}
