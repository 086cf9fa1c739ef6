#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""kmem on core files: of a program that a signal ended and as gcore writes
them, linked with the library and on the malloc front, each answers what the
process did while it lived; and each core that cannot answer says why."""
import difflib
import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

COMMANDS = [
    ("slabinfo",), ("slabinfo", "--all"), ("slabinfo", "--raw"), ("meminfo",), ("buddyinfo",),
    ("vmallocinfo",), ("debug",), ("flow", "--interval=0.02"),
]

# Blocks of malloc of several kinds, one of them freed.
PLAIN = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	static const size_t sizes[] = { 24, 100, 100, 5000, 40000, 3 << 20, 9 << 20 };
	void *gone = malloc(100);

	for (unsigned int i = 0; i < 7; i++)
		printf("block%u %lx\n", i, (unsigned long)malloc(sizes[i]));
	free(gone);
	printf("gone %lx\nmain %lx\nend 0\n", (unsigned long)gone, (unsigned long)main);
	fflush(stdout);
	for (;;)
		pause();
}
"""


def compiled(t):
    cc = os.environ.get("CC", "cc").split()
    (t.folder / "plain.c").write_text(PLAIN)
    for command in (
            ["-O1", "-g", "-Wno-unused-parameter", "-o", "known", tap.ROOT / "tests/cli/known.c",
             f"-I{tap.ROOT}/include", t.build / "libkmem.a", "-lpthread"],
            ["-O1", "-o", "plain", "plain.c"]):
        got = t.run(cc + command)
        if not t.ok(not got.returncode, f"{command[-2]} is built", got.stderr):
            t.done()


def started(t, command, options="", **more):
    """A process, and the addresses that it named before it went to sleep."""
    process = t.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                      text=True, cwd=t.folder, env=os.environ | {"KMEM_OPTIONS": t.options(options)}, **more)
    at = {}
    for line in process.stdout:
        name, address = line.split()
        if name == "end":
            break
        at[name] = address
    asleep(process)
    return process, at


def asleep(process):
    """It may still allocate a buffer to read into."""
    for _ in range(6000):
        if pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S":
            return
        time.sleep(0.01)
    raise RuntimeError(f"process {process.pid} does not go to sleep")


# --- cores ---------------------------------------------------------------------

# gdb writes all of a mapping of which one page was written.
CORE_MOST = 2 << 30


def pattern():
    return pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()


def core_by_gcore(t, process, name="gcore"):
    # what gcore does, but gdb has been seen to wait for ever on a busy machine
    core = t.folder / f"{name}.{process.pid}"
    for _ in range(3):
        got = t.run(["timeout", "-k", "5", "60", "prlimit", f"--fsize={CORE_MOST}", "gdb", "-nx", "-batch",
                     "-ex", f"attach {process.pid}", "-ex", f"gcore {core}", "-ex", "detach"])
        if core.exists() and not got.returncode:
            return core
        core.unlink(missing_ok=True)
        t.note(got.stdout + got.stderr)
    return None


def core_by_signal(t, process):
    """None where the system puts cores elsewhere."""
    if pattern()[:1] in ("|", "/") or "/" in pattern():
        process.kill()
        process.wait()
        return None
    process.send_signal(signal.SIGSEGV)
    process.wait()
    found = [p for p in t.folder.iterdir() if p.name.startswith(pattern().split("%")[0])
             and p.name not in ("plain", "known") and not p.name.startswith("gcore")]
    return found[0].rename(t.folder / f"signal.{process.pid}") if found else None


def no_limit():
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


# --- answers -------------------------------------------------------------------

def steady(text):
    """Without what no core knows: how long ago, rates, what is resident."""
    text = re.sub(r" age=\d+", "", text)
    text = re.sub(r", rates over [\d.]+ s", "", text)
    return re.sub(r"\nAS THE SYSTEM SAYS.*?\n(?=\n|\Z)", "", text, flags=re.S)


def steady_json(data):
    if isinstance(data, dict):
        return {k: steady_json(v) for k, v in data.items() if k not in ("age_ms", "seconds", "maps")}
    return [steady_json(v) for v in data] if isinstance(data, list) else data


def told(got):
    """What it complained of, but for the name of what it looked at."""
    return re.sub(r": (process \d+ \(\w+\)|/\S+) ", ": ", got.stderr)


def answers(t, what, addresses, *options):
    """By command: its text and its JSON."""
    all_of = {}
    commands = [(*c, *options, what) for c in COMMANDS] + [("whatis", *options, what, *addresses)]
    for command in commands:
        name = " ".join(w for w in command if w != what and w not in addresses)
        got = t.run([t.kmem, *command])
        data = t.run([t.kmem, command[0], "--json", *command[1:]])
        all_of[name] = (got.returncode, steady(got.stdout), told(got))
        all_of[name + " --json"] = (data.returncode, steady_json(json.loads(data.stdout or "null")), told(data))
    return all_of


def differs(got, want):
    for name, answer in want.items():
        if got[name] != answer:
            return f"{name}:\n" + "\n".join(difflib.ndiff(*(str(a).split("\\n") for a in (answer, got[name]))))
    return ""


def equal(t, title, core, live, addresses, *options):
    if core is None:
        t.skip(title, f"core_pattern is {pattern()}")
        return
    got = answers(t, core, addresses, *options)
    t.ok(all(a[0] == 0 for a in got.values()) and not differs(got, live), title, differs(got, live))


def as_it_lived(t, title, command, *options, kmem_options=""):
    process, at = started(t, command, kmem_options, preexec_fn=no_limit)
    addresses = list(at.values())
    live = answers(t, str(process.pid), addresses, *options)
    if not t.ok(addresses and all(a[0] == 0 for a in live.values()), f"{title}: the process answers", live):
        return None
    by_gcore = core_by_gcore(t, process)
    t.ok(by_gcore, f"{title}: gcore writes a core")
    by_signal = core_by_signal(t, process)
    equal(t, f"{title}: the core by gcore answers the same", by_gcore, live, addresses, *options)
    equal(t, f"{title}: the core by a signal answers the same", by_signal, live, addresses, *options)
    t.ok("function" not in live and any("main" in str(a) for a in live.values()), f"{title}: with names")
    return by_gcore, at


# --- what cannot be answered ----------------------------------------------------

def refused(t, title, core, *words, command=("slabinfo",), status=1):
    got = t.run([t.kmem, command[0], core, *command[1:]])
    t.ok(got.returncode == status and not got.stdout and all(w in got.stderr for w in words), title,
         f"{got.returncode}\n{got.stdout}{got.stderr}")


def patched(t, core, name, at, bytes_):
    copy = t.folder / name
    shutil.copyfile(core, copy)
    with open(copy, "r+b") as f:
        f.seek(at)
        f.write(bytes_)
    return copy


def broken(t, core):
    size = core.stat().st_size
    for name, part in (("half", size // 2), ("notes", 6000), ("head", 100)):
        cut = t.folder / name
        with open(core, "rb") as f:
            cut.write_bytes(f.read(part))
        refused(t, f"a core cut short: {name}", cut, "cut short", "ulimit -c")
        refused(t, f"and whatis says so: {name}", cut, "cut short", command=("whatis", "10"))
    with open(core, "rb") as f:
        (t.folder / "core.gz").write_bytes(gzip.compress(f.read(1 << 20), 1))
    (t.folder / "core.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(100))
    refused(t, "a packed one", t.folder / "core.gz", "packed by gzip", "gzip -d")
    refused(t, "by another packer", t.folder / "core.zst", "packed by zstd", "zstd -d", command=("debug",))
    other = 183 if os.uname().machine == "x86_64" else 62
    refused(t, "another machine's", patched(t, core, "arch", 18, struct.pack("<H", other)),
            "another kind of machine", f"ELF machine {other}")
    refused(t, "one of 32 bits", patched(t, core, "bits", 4, b"\1"), "another kind of machine", "32 bits")
    (t.folder / "empty").write_bytes(b"")
    (t.folder / "zeros").write_bytes(bytes(20000))
    (t.folder / "words").write_text("no core\n" * 2000)
    refused(t, "a file without an area", t.folder / "zeros", "no area of libkmem")
    refused(t, "a text", t.folder / "words", "no slabinfo")
    refused(t, "a text for meminfo", t.folder / "words", "not the number of a process", command=("meminfo",), status=2)
    refused(t, "the program", t.folder / "known", "no area of libkmem", command=("meminfo",))
    got = t.run([t.kmem, "buddyinfo", "--batch", core])
    t.ok(got.returncode == 2 and "is a file" in got.stderr, "--batch is for a process", got.stderr)
    for command in ("allocinfo", "leaks", "top", "trim"):
        refused(t, f"{command} is for a process", core, "is a file", command=(command,), status=2)
    refused(t, "no such allocator", core, "has 1 published areas", command=("slabinfo", "--area=2"))


def left_out(t):
    process, _ = started(t, [t.folder / "known"])
    filt = pathlib.Path(f"/proc/{process.pid}/coredump_filter")
    filt.write_text("0x31")
    refused(t, "a core without shared memory", core_by_gcore(t, process, "gcore-shared"), "leaves out shared memory",
            "coredump_filter")
    filt.write_text("0x32")
    refused(t, "a core without private memory", core_by_gcore(t, process, "gcore-private"),
            "leaves out private memory", "coredump_filter")
    process.kill()
    process = t.start(["sleep", "60"])
    refused(t, "a process that is not on libkmem", core_by_gcore(t, process, "gcore-sleep"), "is not on libkmem")
    process.kill()
    process, _ = started(t, [*t.front(), t.folder / "plain"], "publish=0")
    refused(t, "one that publishes nothing", core_by_gcore(t, process, "gcore-none"), "publish=0")
    process.kill()


def program_changed(t, core, at):
    """The names of a program that was built again since are not its."""
    program = t.folder / "known"
    program.write_bytes(program.read_bytes()[:-1] + b"x")
    got = t.run([t.kmem, "whatis", core, at["used"]])
    t.ok("known (changed)+0x" in got.stdout and "taker" not in got.stdout and ", allocated," in got.stdout,
         "a program that is no longer the same has no names", got.stdout + got.stderr)
    program.unlink()
    got = t.run([t.kmem, "whatis", core, at["used"]])
    t.ok("known+0x" in got.stdout and ", allocated," in got.stdout, "nor one that is gone", got.stdout + got.stderr)


def test(t):
    compiled(t)
    if t.missing("gcore"):
        t.skip("core files", "there is no gcore; gdb has it")
        return
    known = as_it_lived(t, "linked", [t.folder / "known"])
    as_it_lived(t, "guarded objects", [t.folder / "known", "guarded"], kmem_options="kfence.sample_interval=1")
    as_it_lived(t, "lock backend", [t.folder / "known"], kmem_options="percpu=lock")
    as_it_lived(t, "front", [*t.front(), t.folder / "plain"])
    as_it_lived(t, "front, checked", [*t.front(), t.folder / "plain"], kmem_options="slab_debug=FZPU")
    for area in ("1", "2"):
        as_it_lived(t, f"two allocators, {area}", [*t.front(), t.folder / "known"], f"--area={area}")
    left_out(t)
    if known:
        broken(t, known[0])
        program_changed(t, *known)


tap.main(test)
