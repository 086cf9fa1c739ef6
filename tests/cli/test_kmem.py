#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The kmem command: pages, errors, exit statuses, tables, JSON.

golden.txt says what each command has to print: "=== kmem WORDS", the exit
status, the standard output, the standard error.  `UPDATE=1 test_kmem.py BUILD`
writes it again; look at the difference before believing it.
"""
import json
import os
import pathlib
import re
import shutil
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent

# Tables for kmem slabinfo: a good one, and what is wrong with the others.
GOOD = """\
slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
malloc-64             120    128     64   64    1 : tunables    0    0    0 : slabdata      2      2      0
malloc-1k               3     16   1024    8    2 : tunables    0    0    0 : slabdata      2      2      0
inode_cache          1000   1001   1128   14    4 : tunables    0    0    0 : slabdata     72     72      0
malloc-32k              0      0  32768    1    8 : tunables    0    0    0 : slabdata      0      0      0
a-name-longer-than-17-columns      1     10    400   10    1 : tunables    0    0    0 : slabdata      1      1      0
"""
FILES = {
    "good.txt": GOOD,
    "slab-debug.txt": GOOD.replace(
        "2      2      0\n",
        "2      2      0 : globalstat       0 0 : cpustat 1 2 3 4\n",
    ),
    "bad-version.txt": GOOD.replace("version: 2.1", "version: 2.0"),
    "bad-short.txt": GOOD.replace(" : slabdata     72     72      0", ""),
    "bad-blank.txt": GOOD.replace("inode_cache", "inode cache"),
    "bad-numbers.txt": GOOD.replace("120    128", "129    128"),
    "bad-tail.txt": GOOD.replace("72      0\n", "72      0 more\n"),
    "bad-other.txt": "name,size\na,1\n",
    "bad-empty.txt": "",
    "bad-dump": "\0" * 8192,
}

GOLDEN = [
    "--help",
    "-h",
    "help",
    "help run",
    "run --help",
    "help slabinfo",
    "help buddyinfo",
    "help vmallocinfo",
    "help allocinfo",
    "help test",
    "help meminfo",
    "help flow",
    "help top",
    "help debug",
    "help whatis",
    "help run slabinfo",
    "help fly",
    "--version",
    "",
    "fly",
    "--fly",
    "run",
    "run --fly true",
    "run --slabinfo",
    "run --every 2 true",
    "run --slabinfo x --every 2s true",
    "run --slabinfo x --every 0 true",
    "run no-such-command-anywhere",
    "run ./no-such-file",
    "run ./good.txt",
    "run /",
    "run --slabinfo /no/such/folder/x true",
    "run --slabinfo /dev/null true",
    "run --slabinfo /tmp/ true",
    "slabinfo good.txt",
    "slabinfo --all good.txt",
    "slabinfo --sort=name good.txt",
    "slabinfo good.txt --sort active",
    "slabinfo --sort=waste good.txt",
    "slabinfo --sort=colour good.txt",
    "slabinfo --raw good.txt",
    "slabinfo --json --all good.txt",
    "slabinfo slab-debug.txt",
    "slabinfo bad-version.txt",
    "slabinfo bad-short.txt",
    "slabinfo bad-blank.txt",
    "slabinfo bad-numbers.txt",
    "slabinfo bad-tail.txt",
    "slabinfo bad-other.txt",
    "slabinfo bad-empty.txt",
    "slabinfo bad-dump",
    "meminfo bad-dump",
    "top bad-dump",
    "slabinfo nowhere.txt",
    "slabinfo",
    "slabinfo good.txt good.txt",
    "slabinfo .",
    "debug",
    "debug x",
    "debug 1 2 3",
    "whatis 1",
    "whatis --batch 1 2",
]

GOLDEN_HEAD = """\
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""


def show(got):
    text = f"status {got.returncode}\n"
    for name, out in (("stdout", got.stdout), ("stderr", got.stderr)):
        text += f"--- {name}\n{out}"
    return text


def golden(t):
    for name, text in FILES.items():
        (t.folder / name).write_text(text)
    printed = {words: show(t.run([t.kmem, *words.split()])) for words in GOLDEN}
    path = HERE / "golden.txt"
    if os.environ.get("UPDATE"):
        parts = [f"=== kmem {words}\n{text}" for words, text in printed.items()]
        path.write_text(GOLDEN_HEAD + "".join(parts))
    parts = re.split(r"^=== kmem ?(.*)\n", path.read_text(), flags=re.M)
    wanted = dict(zip(parts[1::2], parts[2::2]))
    for words, got in printed.items():
        t.same(got, wanted.get(words), "kmem " + words)
    t.same(list(wanted), GOLDEN, "golden.txt has these commands and no others")
    for name in FILES:
        (t.folder / name).unlink()


def status_of(t, script):
    return t.run(t.front() + ["sh", "-c", script]).returncode


def statuses(t):
    for number in (0, 1, 7, 125, 255):
        t.same(status_of(t, f"exit {number}"), number, f"exit {number} is passed on")
    for number in (9, 15, 11):
        got = t.run(["sh", "-c", f'"{t.kmem}" run -- sh -c "kill -{number} \\$\\$"; echo $?'])
        t.same(got.stdout, f"{128 + number}\n", f"signal {number} is {128 + number} to a shell")
    script = t.folder / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    got = t.run(t.front() + ["./script"])
    t.same(got.returncode, 127, "a script without its interpreter")
    t.ok("its interpreter" in got.stderr, "says so", got.stderr)
    script.write_text("echo plain script $1\n")
    got = t.run(t.front() + ["./script", "word"])
    t.same(got.stdout, "plain script word\n", "a script without #! runs in sh")


def run_words(t):
    got = t.run([t.kmem, "run", "echo", "--every", "x"])
    t.same(got.stdout, "--every x\n", "options after the command are the command's")
    got = t.run(t.front() + ["cat"], input="through\n")
    t.same(got.stdout, "through\n", "standard input is the command's")
    library = str(t.build / "libkmem-malloc.so")
    show_env = [
        "/usr/bin/python3",
        "-c",
        "import os; e = os.environ.get; "
        "print(e('LD_PRELOAD'), e('KMEM_OPTIONS', ''), os.getpid(), sep='\\n')",
    ]
    got = t.run(t.front() + show_env)
    t.same(got.stdout.splitlines()[:2], [library, t.options()], "LD_PRELOAD is set")
    # another preloaded library stays, behind ours
    other = next(pathlib.Path("/lib").glob("*/libm.so.6"), None)
    env = dict(os.environ, LD_PRELOAD=str(other), KMEM_OPTIONS=t.options("decay_ms=7"))
    table = t.folder / "with,comma"
    got = t.run(t.front("--slabinfo", "with,comma", "--every", "5") + show_env, env=env)
    lines = got.stdout.splitlines()
    t.same(lines[0], f"{library}:{other}", "an LD_PRELOAD there was is kept")
    t.same(
        lines[1],
        f"{t.options('decay_ms=7')},slabinfo={t.folder}/with%ccomma,slabinfo_pid={lines[2]},every=5",
        "KMEM_OPTIONS there were are kept, a comma is escaped",
    )
    t.ok(table.exists(), "and the file has the comma", sorted(t.folder.iterdir()))
    t.same(stat.S_IMODE(table.stat().st_mode), 0o600, "which is the user's own")
    inner = t.front("--slabinfo", "inner") + ["true"]
    got = t.run(t.front("--slabinfo", "outer", "--every", "1") + inner)
    t.same((got.returncode, got.stderr, (t.folder / "inner").exists()), (0, "", True),
           "kmem inside of kmem means its own file")
    got = t.run(t.front("--slabinfo", "elsewhere") + ["/usr/bin/python3", "-c", "import os; os.chdir('/')"])
    t.ok((t.folder / "elsewhere").exists(), "a relative FILE is kmem's, not the program's")


def library_places(t):
    away = t.folder / "away"
    away.mkdir()
    shutil.copy(t.kmem, away / "kmem")
    got = t.run([away / "kmem", "run", "true"])
    t.same(got.returncode, 125, "without its library")
    looked = [line.strip() for line in got.stderr.splitlines() if line.startswith("  ")]
    t.ok(len(looked) == 4 and looked[0] == f"{away}/libkmem-malloc.so", "says where it looked", got.stderr)
    t.ok("make" in got.stderr and "KMEM_MALLOC_LIB" in got.stderr, "and what to do", got.stderr)
    library = t.build / "libkmem-malloc.so"
    env = dict(os.environ, KMEM_MALLOC_LIB=str(library))
    t.same(t.run([away / "kmem", "run", "true"], env=env).returncode, 0, "KMEM_MALLOC_LIB names it")
    env["KMEM_MALLOC_LIB"] = "/no/library.so"
    got = t.run([away / "kmem", "run", "true"], env=env)
    t.ok(got.returncode == 125 and "/no/library.so: No such file" in got.stderr, "a wrong one is an error", got.stderr)
    tree = t.folder / "tree"
    for place in ("lib", "lib/" + os.uname().machine + "-linux-gnu"):
        shutil.rmtree(tree, ignore_errors=True)
        (tree / "bin").mkdir(parents=True)
        (tree / place).mkdir(parents=True)
        shutil.copy(t.kmem, tree / "bin/kmem")
        shutil.copy(library, tree / place)
        got = t.run([tree / "bin/kmem", "run", "sh", "-c", "echo $LD_PRELOAD"])
        t.same(got.stdout.strip(), f"{tree}/{place}/libkmem-malloc.so", f"../{place} is looked into")
    blank = t.folder / "a b"
    blank.mkdir()
    shutil.copy(t.kmem, blank)
    shutil.copy(library, blank)
    got = t.run([blank / "kmem", "run", "true"])
    t.ok(got.returncode == 125 and "blank or a colon" in got.stderr, "a path the loader cannot preload", got.stderr)


def programs_it_cannot_reach(t):
    source = t.folder / "static.c"
    source.write_text("int main(void) { return 6; }\n")
    cc = os.environ.get("CC", "cc").split()
    if t.run(cc + ["-static", "-o", "static", source]).returncode:
        t.skip("a static program", "no static libc")
    else:
        got = t.run(t.front() + ["./static"])
        t.same(got.returncode, 6, "a static program runs")
        t.ok("statically linked" in got.stderr, "and kmem says why nothing shows", got.stderr)
    if os.geteuid() or t.run(["id", "nobody"]).returncode:
        t.skip("set-uid programs", "need root and nobody")
        return
    setuid = t.folder / "setuid"
    shutil.copy("/bin/true", setuid)
    os.chown(setuid, 65534, 65534)
    setuid.chmod(0o4755)
    t.folder.chmod(0o755)
    got = t.run(t.front("--slabinfo", "of-setuid") + ["./setuid"])
    t.ok(got.returncode == 0 and "set-uid" in got.stderr, "a set-uid program is named", got.stderr)
    t.ok(not (t.folder / "of-setuid").exists(), "and writes nothing")


# Where an ELF file of 64 bits says what it is for.
CLASS, MACHINE = 4, 18


def foreign(t, name, change):
    """A program that another machine or another C library is needed for."""
    made = bytearray(pathlib.Path("/bin/true").read_bytes())
    change(made)
    path = t.folder / name
    path.write_bytes(made)
    path.chmod(0o755)
    return path


def other_loader(made):
    at = made.index(b"/ld-linux")
    made[at:at + 9] = b"/ld-musl-"


def programs_of_elsewhere(t):
    def other_class(made):
        made[CLASS] = 1
        made[MACHINE:MACHINE + 2] = (3).to_bytes(2, "little")

    def other_machine(made):
        made[MACHINE:MACHINE + 2] = (22).to_bytes(2, "little")

    cases = {
        "of32": (other_class, "another word size"),
        "s390": (other_machine, "another processor"),
        "musl": (other_loader, "not linked to the GNU C library"),
    }
    for name, (change, words) in cases.items():
        path = foreign(t, name, change)
        script = t.folder / f"{name}.script"
        script.write_text(f"#!{path} -x\n")
        script.chmod(0o755)
        for command in (path, script):
            alone = t.run(["/usr/bin/env", command])
            got = t.run(t.front() + [command])
            said = [l for l in got.stderr.splitlines() if "own malloc" in l]
            t.ok(len(said) == 1 and words in said[0] and str(path) in said[0],
                 f"{command.name} is told of in one line", got.stderr)
            t.ok("ld.so" not in got.stderr, f"{command.name}: and by nobody else",
                 got.stderr)
            if command is path:
                t.ok((alone.returncode == 0) == (got.returncode == 0),
                     f"{name} ends as it does alone", got.stderr)
    env = t.folder / "env.script"
    env.write_text("#!/usr/bin/env -S musl\n")
    env.chmod(0o755)
    got = t.run(t.front() + [env], env={**os.environ, "PATH": f"{t.folder}:/bin:/usr/bin"})
    t.ok("not linked to the GNU C library" in got.stderr, "env is seen through", got.stderr)
    plain = t.folder / "plain.script"
    plain.write_text("#!/bin/sh\nexit 5\n")
    plain.chmod(0o755)
    got = t.run(t.front() + [plain])
    t.same((got.returncode, got.stderr), (5, ""), "of a script that fits nothing is said")


def tables(t):
    table = t.folder / "table"
    got = t.run(t.front("--slabinfo", table) + ["/bin/ls", "/"])
    t.same((got.returncode, got.stderr), (0, ""), "ls with --slabinfo")
    lines = table.read_text().splitlines()
    t.same(lines[0], "slabinfo - version: 2.1", "line 1 of the table")
    t.ok(lines[1].startswith("# name            <active_objs> "), "line 2", lines[1])
    # what procps (slabtop, vmstat -m) takes a line apart with
    form = re.compile(
        r"(\S{1,128}) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) : tunables +0 +0 +0"
        r" : slabdata +(\d+) +(\d+) +0$"
    )
    bad = [line for line in lines[2:] if not form.match(line)]
    t.same(bad, [], "every line has the form that procps demands")
    rows = {m[1]: list(map(int, m.groups()[1:])) for m in map(form.match, lines[2:]) if m}
    t.ok({"malloc-16", "malloc-64", "kmem_cache", "sheaf-64"} <= set(rows), "the caches are there", rows)
    t.ok("kmalloc-64" not in rows, "and none that nobody asked for", rows)
    for name, (active, num, size, per_slab, pages, slabs, num_slabs) in rows.items():
        if not (active <= num <= num_slabs * per_slab and slabs == num_slabs
                and size * per_slab <= pages * 4096):
            t.ok(False, f"{name}: numbers that fit each other", rows[name])
    got = t.run([t.kmem, "slabinfo", "--json", "--all", table])
    data = json.loads(got.stdout)
    t.same({c["name"] for c in data["caches"]}, set(rows), "--json has all caches")
    first = data["caches"][0]
    t.same(
        [first["active_objs"], first["num_objs"], first["objsize"], first["objperslab"],
         first["pagesperslab"], first["slabdata"]["active_slabs"], first["slabdata"]["num_slabs"]],
        rows[first["name"]],
        "with the numbers of the table",
    )
    t.same(data["totals"]["bytes"], sum(c["bytes"] for c in data["caches"]), "and a sum")
    got = t.run([t.kmem, "slabinfo", "-"], input=table.read_text())
    t.same(got.stdout, t.run([t.kmem, "slabinfo", table]).stdout, "- is the standard input")
    got = t.run(["sh", "-c", f'"{t.kmem}" slabinfo table >/dev/full'])
    t.ok(got.returncode == 1 and "No space left" in got.stderr, "a full device is an error", got.stderr)


def procps_reads_it(t):
    """The real vmstat -m, with the table in the place of /proc/slabinfo."""
    if t.missing("unshare", "vmstat", "slabtop") or os.geteuid():
        t.skip("vmstat -m", "needs root, unshare and procps")
        return
    mount = "mount --bind table /proc/slabinfo"
    if t.run(["unshare", "-m", "sh", "-c", mount]).returncode:
        t.skip("vmstat -m", "this machine forbids mounts")
        return
    got = t.run(["unshare", "-m", "sh", "-c", mount + " && vmstat -m && slabtop -o -s c"])
    t.same((got.returncode, got.stderr), (0, ""), "vmstat -m and slabtop read the table")
    t.ok(got.stdout.count("malloc-1k ") >= 2, "and show it", got.stdout)


def test(t):
    golden(t)
    statuses(t)
    run_words(t)
    library_places(t)
    programs_it_cannot_reach(t)
    programs_of_elsewhere(t)
    tables(t)
    procps_reads_it(t)


tap.main(test)
