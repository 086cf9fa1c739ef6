/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What any port can be asked about itself, in the place where it will work.
 */
#ifndef PORT_CONTRACT_H
#define PORT_CONTRACT_H

/*
 * After the boot of the layers, in a thread, with no other in the library.
 * NULL, or what the port does not keep.
 */
const char *port_contract(void);

/*
 * The user provides: runs fn in another thread, on another CPU if there is one.
 * 0, or an error if there are no threads; contract_join() returns when it has
 * ended.
 */
int contract_thread(void (*fn)(void));
void contract_join(void);

#endif
