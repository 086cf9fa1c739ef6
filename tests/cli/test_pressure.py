#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Pressure from outside, on a program that keeps much free memory: kmem trim,
the service manager's protocol on a FIFO and a socket, and a made-up group."""
import base64
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

MIB = 1 << 20
FREE = 32 * MIB
# No second pass in the life of a test.
ONE = "pressure_ms=86400000"

# Frees 32 MiB; then, told a word, does so again ("m"), makes a call that
# passes a slow path ("p"), or forks a child that sleeps ("f").
PROGRAM = r"""
#include <linux/slab.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void make_free(void)
{
	static void *held[4096];
	int i;

	for (i = 0; i < 4096; i++)
		held[i] = memset(kmalloc(8192, GFP_KERNEL), 1, 8192);
	for (i = 0; i < 4096; i++)
		kfree(held[i]);
}

int main(void)
{
	int c, pid;

	make_free();
	puts("ready");
	fflush(stdout);
	while ((c = getchar()) != EOF) {
		if (c == '\n')
			continue;
		if (c == 'm')
			make_free();
		if (c == 'p')
			kfree(kmalloc(100000, GFP_KERNEL));
		if (c == 'f' && !(pid = fork())) {
			make_free();
			pause();
		}
		printf("%d\n", c == 'f' ? pid : 0);
		fflush(stdout);
	}
	return 0;
}
"""


class Program:
    def __init__(self, t, options, **environment):
        env = dict(os.environ, KMEM_OPTIONS=t.options(self.all_of(options)), **environment)
        self.t = t
        self.process = t.start([t.folder / "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, env=env)
        self.pid = self.process.pid
        self.process.stdout.readline()

    @staticmethod
    def all_of(options):
        return options if "decay_ms=" in options else "decay_ms=-1," + options

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        return self.process.wait(60)


def files(pid):
    """The open files of a process, which may close one while it is looked at."""
    found = []
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append((link, os.readlink(link)))
        except FileNotFoundError:
            pass
    return found


def rss(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def pressure(t, pid):
    got = t.run([t.kmem, "meminfo", "--json", pid])
    return json.loads(got.stdout)["pressure"]


def until(check):
    for _ in range(300):
        got = check()
        if got:
            return got
        time.sleep(0.1)
    return None


def wait_counts(t, pid, events):
    """The counts, once that many events were heard and dealt with."""
    def check():
        p = pressure(t, pid)
        return p if p["events"] >= events and p["events"] == p["passes"] + p["throttled"] else None

    return until(check) or pressure(t, pid)


def sources(p):
    return {name for name, on in p["sources"].items() if on}


def build_program(t):
    source = t.folder / "hold.c"
    source.write_text(PROGRAM)
    cc = os.environ.get("CC", "cc").split()
    got = t.run(cc + ["-I", tap.ROOT / "include", "-o", t.folder / "hold", source,
                      t.build / "libkmem.a", "-lpthread"])
    t.ok(got.returncode == 0, "a program with the library in it is built", got.stderr)


def gives_back(t, program, fire, name):
    """The first event makes memory go back, the second is one too many."""
    before = rss(program.pid)
    t.ok(before > FREE, f"{name}: it keeps what it freed", before)
    fire()
    p = wait_counts(t, program.pid, 1)
    t.same((p["events"], p["passes"], p["throttled"]), (1, 1, 0), f"{name}: an event, a pass")
    t.ok(p["bytes"] >= FREE, f"{name}: bytes are counted", p)
    t.ok(rss(program.pid) < before - FREE * 3 // 4, f"{name}: they have gone", (before, rss(program.pid)))
    program.tell("m")
    fire()
    p = wait_counts(t, program.pid, 2)
    t.same((p["events"], p["passes"], p["throttled"]), (2, 1, 1), f"{name}: the next event is throttled")
    t.ok(rss(program.pid) > FREE, f"{name}: and nothing goes", rss(program.pid))


def fifo(t):
    path = t.folder / "fifo"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    program = Program(t, "pressure=1," + ONE, MEMORY_PRESSURE_WATCH=str(path))
    t.same(sources(pressure(t, program.pid)), {"watch"}, "FIFO: the manager is the only source of pressure=1")
    gives_back(t, program, lambda: os.write(fd, b"x"), "FIFO")
    t.same(program.end(), 0, "FIFO: the program ends as it should")
    # 1: what it has to write is written, and it is that which comes out here.
    program = Program(t, "pressure=watch", MEMORY_PRESSURE_WATCH=str(path),
                      MEMORY_PRESSURE_WRITE=base64.b64encode(b"some 1 2\0").decode())
    p = wait_counts(t, program.pid, 1)
    t.ok(p["events"] >= 1, "FIFO: the program's own word comes back to it as an event", p)
    program.end()
    program = Program(t, "pressure=watch", MEMORY_PRESSURE_WATCH=str(path), MEMORY_PRESSURE_WRITE="?")
    t.same(sources(pressure(t, program.pid)), set(), "what is not base64 is not watched")
    program.end()
    os.close(fd)


def unix_socket(t):
    path = t.folder / "socket"
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(4)
    server.settimeout(60)
    program = Program(t, "pressure=1," + ONE, MEMORY_PRESSURE_WATCH=str(path),
                      MEMORY_PRESSURE_WRITE=base64.b64encode(b"hello\0 there").decode())
    client = server.accept()[0]
    client.settimeout(60)
    t.same(client.recv(100), b"hello\0 there", "socket: what is to be written is written")
    gives_back(t, program, lambda: client.send(b"x"), "socket")
    # A child asks for itself, and its parent's line stays its parent's.
    child = program.tell("f")
    t.ok(child > 0, "socket: it forks", child)
    second = server.accept()[0]
    second.settimeout(60)
    t.same(second.recv(100), b"hello\0 there", "socket: a child has a line of its own")
    second.send(b"x")
    p = wait_counts(t, child, 3)
    t.same(p["events"], 3, "socket: and hears what is said on it")
    t.same(pressure(t, program.pid)["events"], 2, "socket: which its parent does not")
    os.kill(child, 9)
    client.close()
    t.ok(until(lambda: not any(target.startswith("socket:") for _, target in files(program.pid))),
         "socket: a line that is cut is let go")
    t.same(program.end(), 0, "socket: the program ends as it should")
    server.close()


def forbidden(t):
    program = Program(t, "pressure=1", MEMORY_PRESSURE_WATCH="/dev/null")
    t.same(sources(pressure(t, program.pid)), set(), "/dev/null: nothing is watched")
    program.end()
    program = Program(t, "", MEMORY_PRESSURE_WATCH="/proc/pressure/memory")
    t.same(sources(pressure(t, program.pid)), set(), "nor is it without the option")
    threads = len(list(pathlib.Path(f"/proc/{program.pid}/task").iterdir()))
    t.same(threads, 1, "and there is no thread")
    program.end()


def tree(t, name, v1):
    """A made-up machine whose process is in the group /a/b."""
    root = t.folder / name
    own = root / "sys/fs/cgroup/a/b"
    own.mkdir(parents=True)
    proc = root / "proc/self"
    proc.mkdir(parents=True)
    (root / "proc/pressure").mkdir()
    (root / "proc/pressure/memory").write_text("")
    kind = "cgroup cgroup rw,memory" if v1 else "cgroup2 cgroup rw,nsdelegate"
    (proc / "cgroup").write_text("12:cpu,cpuacct:/x\n" + ("4:memory:/a/b\n" if v1 else "") + "0::/a/b\n")
    (proc / "mountinfo").write_text(
        "22 1 0:5 / /proc rw shared:1 - proc proc rw\n"
        "29 22 0:30 / /wrong rw - cgroup cgroup rw,cpu,cpuacct\n"
        f"30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - {kind}\n")
    return root, own


def group(t, v1):
    name = "v1" if v1 else "v2"
    root, own = tree(t, name, v1)
    used, limit = [("memory.current", "memory.high"), ("memory.usage_in_bytes", "memory.limit_in_bytes")][v1]
    if not v1:
        (own / "memory.max").write_text("max\n")
        (own / "memory.events").write_text("low 5\nhigh 0\nmax 0\noom 0\n")
    (own / used).write_text(f"{90 * MIB}\n")
    (own / limit).write_text(f"{100 * MIB}\n")
    program = Program(t, f"pressure=cgroup,{ONE},pressure_root={root}")
    p = pressure(t, program.pid)
    t.same((sources(p), p["events"]), ({"cgroup"}, 0), f"{name}: the group is found, and is far from its limit")
    before = rss(program.pid)

    def fire():
        (own / used).write_text(f"{95 * MIB}\n")

    fire()
    p = wait_counts(t, program.pid, 2)
    t.same(p["passes"], 1, f"{name}: near its limit it gives back once")
    t.ok(p["throttled"] >= 1 and p["events"] == p["throttled"] + 1, f"{name}: and is throttled after", p)
    t.ok(p["bytes"] >= FREE and rss(program.pid) < before - FREE * 3 // 4, f"{name}: memory has gone", p)
    program.end()
    if v1:
        return
    (own / used).write_text(f"{10 * MIB}\n")
    program = Program(t, f"pressure=cgroup,{ONE},pressure_root={root}")
    (own / "memory.events").write_text("low 5\nhigh 1\nmax 0\noom 0\n")
    p = wait_counts(t, program.pid, 1)
    t.same((p["events"], p["passes"]), (1, 1), "v2: a limit that was met is an event")
    program.end()
    (own / "memory.pressure").write_text("")
    program = Program(t, f"pressure=psi,pressure_root={root}")
    t.same(sources(pressure(t, program.pid)), {"psi"}, "v2: stalls of the group")
    t.same((own / "memory.pressure").read_bytes(), b"some 150000 2000000\0", "v2: a trigger is set there")
    program.end()
    (own / "memory.pressure").unlink()
    program = Program(t, f"pressure=1,pressure_root={root}")
    t.same(sources(pressure(t, program.pid)), {"psi", "cgroup"}, "pressure=1: both of the kernel's")
    t.same((root / "proc/pressure/memory").read_bytes(), b"some 150000 2000000\0",
           "else the machine's stalls are watched")
    program.end()
    program = Program(t, "pressure=1,pressure_root=/nowhere")
    t.same(sources(pressure(t, program.pid)), set(), "nothing found is nothing watched, and no harm")
    t.same(program.end(), 0, "which ends as it should")


def real(t):
    """The machine's own stall file, where it may be opened."""
    try:
        with open("/proc/pressure/memory", "r+b", buffering=0) as f:
            f.write(b"some 150000 2000000\0")
    except OSError as error:
        t.skip("the machine's stalls", error)
        return
    program = Program(t, "pressure=psi")
    t.same(sources(pressure(t, program.pid)), {"psi"}, "the machine takes the trigger")
    program.end()


def trim(t):
    program = Program(t, "")
    before = rss(program.pid)
    got = t.run([t.kmem, "trim", "--passive", "--wait", "0.2", program.pid])
    t.ok(got.returncode == 1 and "has made no such call" in got.stderr and "background=1" in got.stderr,
         "trim --passive: one that sleeps does not answer, and it says so", got)
    t.ok(rss(program.pid) > before - MIB, "trim: nothing has gone then", (before, rss(program.pid)))
    program.tell("p")
    t.ok(rss(program.pid) < before - FREE * 3 // 4, "trim: the next call answers", (before, rss(program.pid)))
    t.same(pressure(t, program.pid)["asked"]["passes"], 1, "trim: it is counted")
    program.end()
    for option in ("background=1,decay_ms=86400000", "pressure=watch"):
        program = Program(t, option)
        if option.startswith("background"):
            program.tell("p")  # the first pass starts the thread
        before = rss(program.pid)
        got = t.run([t.kmem, "trim", "--json", "--wait", "30", program.pid])
        said = json.loads(got.stdout)
        t.ok(got.returncode == 0 and said["answered"] and said["bytes"] >= FREE,
             f"trim: with {option} a thread answers", got)
        t.ok(rss(program.pid) < before - FREE * 3 // 4, f"trim: with {option} memory has gone",
             (before, rss(program.pid)))
        t.same(said["bytes"], pressure(t, program.pid)["asked"]["bytes"], f"trim: {option}: the same in meminfo")
        got = t.run([t.kmem, "trim", "--wait", "30", program.pid])
        t.ok(got.returncode == 0 and f"process {program.pid} (hold) gave back " in got.stdout,
             f"trim: with {option} in words", got)
        program.end()
    for words in (["trim"], ["trim", "x"], ["trim", "--wait", "-1", "1"], ["trim", "1", "2"]):
        t.same(t.run([t.kmem, *words]).returncode, 2, f"kmem {' '.join(words)}: no sense")
    got = t.run([t.kmem, "trim", os.getpid()])
    t.ok(got.returncode == 1 and "is not on libkmem" in got.stderr, "trim: a process without the library", got)


def sealed(t):
    """Who may write cannot cut the area from under its process."""
    program = Program(t, "")
    for link, target in files(program.pid):
        if target.startswith("/memfd:kmem"):
            fd = os.open(link, os.O_RDWR)
            try:
                os.ftruncate(fd, 0)
                t.ok(False, "the area cannot be cut")
            except PermissionError:
                t.ok(True, "the area cannot be cut")
            t.same(os.fstat(fd).st_mode & 0o777, 0o600, "and is its user's alone")
            os.close(fd)
    t.same(program.end(), 0, "its process lives")


def test(t):
    build_program(t)
    trim(t)
    sealed(t)
    fifo(t)
    unix_socket(t)
    forbidden(t)
    group(t, False)
    group(t, True)
    real(t)


tap.main(test)
