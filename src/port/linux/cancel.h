/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * No call of the library is a cancellation point: a thread that was cancelled
 * inside one would leave locks taken and steps half done.  So each function
 * of libc that is one is called through this.
 */
#ifndef PORT_LINUX_CANCEL_H
#define PORT_LINUX_CANCEL_H

#include <pthread.h>

#define UNCANCELLED(call)                                                \
	({                                                               \
		int state_;                                              \
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state_); \
		typeof(call) uncancelled_ = (call);                      \
		pthread_setcancelstate(state_, &state_);                 \
		uncancelled_;                                            \
	})

#endif
