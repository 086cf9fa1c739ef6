# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""pytest -p kmem_pytest test_names.py: limits of a program, which is $PROGRAM."""
import os

PROGRAM = os.environ.get("PROGRAM", "./names")


def test_keeps_its_limits(kmem_run):
    got = kmem_run(PROGRAM, "free", leaks=0, peak="64K", allocations=100)
    assert got.stdout == "2 names\n"
    assert all(case["failed"] == 0 for case in got.cases)


def test_leaks(kmem_run):
    kmem_run(PROGRAM, "drop", leaks=0)


def test_asks_too_often(kmem_run):
    kmem_run(PROGRAM, "free", allocations=2)
