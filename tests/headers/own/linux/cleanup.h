/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* A client's own: no guards, and a __free() that ours are not made for. */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#define __free(name) __attribute__((cleanup(own_free_##name)))

#endif
