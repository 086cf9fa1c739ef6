#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-qemu-breaks.sh BUILD : what is broken on purpose is noticed on a machine.
BREAKS=1 exec "$(dirname "$0")/check-qemu.sh" "$@"
