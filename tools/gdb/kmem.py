# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Commands of gdb for programs on libkmem, on a live process and on a core.

    (gdb) source kmem.py
    (gdb) kmem slabinfo
    (gdb) kmem whatis p->next
    (gdb) kmem track p
    (gdb) kmem neighbours p

The work is done by the kmem command, which reads the process that gdb has
stopped, or the core that gdb looks at; $KMEM is the command, else the one on
the PATH.  Addresses are expressions of gdb.
"""
import json
import os
import re
import shutil
import subprocess

import gdb

# Commands of kmem that look at a process or a core and take no address.
PLAIN = ("slabinfo", "buddyinfo", "meminfo", "vmallocinfo", "flow", "debug")
OF_ADDRESS = ("whatis", "track", "neighbours")


def target():
    """The word for what gdb debugs: a core's path, or a process's number."""
    found = re.search(r"Local core dump file:\s+`(.*?)', file type", gdb.execute("info files", to_string=True))
    if found:
        return found.group(1)
    pid = gdb.selected_inferior().pid
    if not pid:
        raise gdb.GdbError("kmem: there is no process and no core to look at")
    return str(pid)


def kmem(*words):
    """What the command prints; its complaint is gdb's error."""
    command = os.environ.get("KMEM") or shutil.which("kmem")
    if not command:
        raise gdb.GdbError("kmem: no kmem command on the PATH; set KMEM in gdb's environment")
    got = subprocess.run([command, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=False)
    if got.returncode:
        raise gdb.GdbError(got.stderr.strip() or f"kmem: ended with {got.returncode}")
    if got.stderr:
        gdb.write(got.stderr, gdb.STDERR)
    return got.stdout


def address(text):
    if not text:
        raise gdb.GdbError("kmem: which address? Give an expression")
    value = gdb.parse_and_eval(text)
    return hex(int(value) & (1 << 64) - 1)


def print_call(did, call):
    age = "" if call["age_ms"] is None else f" age={call['age_ms']}"
    gdb.write(f"{did} in {call['caller']}{age} cpu={call['cpu']} pid={call['pid']}\n")
    for line in call["stack"]:
        gdb.write(f"  {line}\n")


def track(one):
    """Who allocated, and who freed it."""
    for did, key in (("Allocated", "allocated"), ("Freed", "freed")):
        if one[key]:
            print_call(did, one[key])
    if not one["allocated"] and not one["freed"]:
        gdb.write(f"{one['address']}: {one['kind']}, and who had it is not known: its cache is not checked with "
                  "slab_debug=U\n")


def neighbours(one):
    """The object, and those beside it in its slab."""
    if "slab" not in one:
        raise gdb.GdbError(f"kmem: {one['address']} is {one['kind']}, no object of a slab")
    for where in ("before", None, "after"):
        o = one[where] if where else one
        if o:
            gdb.write(f"{where or 'this':<8}{o['start']}  {o['state']}\n")


class Kmem(gdb.Command):
    """What the allocator knows of the program: kmem COMMAND [ARGUMENT...]

    kmem slabinfo, buddyinfo, meminfo, vmallocinfo, flow, debug [OPTION...]
    kmem whatis EXPRESSION      what it is: object, cache, state
    kmem track EXPRESSION       who allocated and who freed the object
    kmem neighbours EXPRESSION  the objects beside it"""

    def __init__(self):
        super().__init__("kmem", gdb.COMMAND_DATA)

    def complete(self, text, word):
        return [c for c in PLAIN + OF_ADDRESS if c.startswith(text)] if text == word else gdb.COMPLETE_SYMBOL

    def invoke(self, argument, _from_tty):
        command, _, rest = argument.strip().partition(" ")
        if command in PLAIN:
            # one reading: the process does not move while gdb has stopped it
            words = ["--interval=0.01"] if command == "flow" else []
            gdb.write(kmem(command, *words, target(), *gdb.string_to_argv(rest)))
        elif command == "whatis":
            gdb.write(kmem("whatis", target(), address(rest)))
        elif command in OF_ADDRESS:
            one = json.loads(kmem("whatis", "--json", target(), address(rest)))[0]
            (track if command == "track" else neighbours)(one)
        else:
            raise gdb.GdbError("kmem: there is no command '%s'; there are: %s" %
                               (command, " ".join(PLAIN + OF_ADDRESS)))


Kmem()
