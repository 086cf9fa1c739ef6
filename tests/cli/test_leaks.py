#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""kmem leaks on programs that say which of their objects nothing refers to:
these are reported, and no others."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
OBJECT = re.compile(r"unreferenced (?:percpu )?object (0x[0-9a-f]+) \(size (\d+)\):")


def build(t):
    source = SOURCE / "tests/cli/leaks.c"
    kmem = ["-I" + str(SOURCE / "include"), "-L" + str(t.build), "-lkmem", "-Wl,-rpath," + str(t.build)]
    for name, words in (("typed", kmem), ("front", ["-DFRONT"])):
        built = t.run(["cc", "-O1", "-g", "-Wall", "-Werror", "-Wno-unused", "-o", t.folder / name, source,
                       *words, "-pthread"])
        if not t.ok(not built.returncode, f"{name}: compiles", built.stderr):
            return False
    return True


class Program:
    def __init__(self, t, words, options="", **more):
        self.t = t
        env = dict(os.environ, KMEM_OPTIONS=t.options(options), **more)
        self.process = t.start(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.pid = self.process.pid
        self.lost, self.kept = {}, {}
        for line in self.process.stdout:
            word = line.split()
            if word[0] == "ready":
                break
            (self.lost if word[0] == "lost" else self.kept)[int(word[2], 16)] = word[1]
        self.rest()

    def rest(self):
        """A thread that runs may have anything in its registers."""
        for _ in range(3000):
            states = [line.split()[1] for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir()
                      for line in (task / "status").read_text().splitlines() if line.startswith("State:")]
            if all(state == "S" for state in states):
                return
            time.sleep(0.02)

    def leaks(self, *words):
        return self.t.run([self.t.kmem, "leaks", *words, self.pid], timeout=120)

    def end(self):
        self.process.stdin.close()
        return self.process.wait(60)


def agrees(t, p, name):
    got = p.leaks("--all")
    found = {int(m[1], 16) for m in OBJECT.finditer(got.stdout)}
    missed = sorted(p.lost[a] for a in p.lost if a not in found)
    wrong = sorted(p.kept[a] for a in p.kept if a in found)
    other = [hex(a) for a in found if a not in p.lost and a not in p.kept]
    t.same(missed, [], f"{name}: all that is lost is reported")
    t.same(wrong, [], f"{name}: nothing that is referred to is")
    t.ok(not other, f"{name}: and nothing else", got.stdout + got.stderr + "\n".join(other))
    t.same(got.returncode, 4, f"{name}: and the exit status says so")
    return got


def kinds(t):
    for name, words, options in (
        ("linked", [t.folder / "typed"], ""),
        ("linked, percpu=lock", [t.folder / "typed"], "percpu=lock"),
        ("linked, slab_debug", [t.folder / "typed"], "slab_debug=UZPF"),
        ("linked, marked", [t.folder / "typed"], "mem_profiling=1"),
        ("linked, marked, percpu=lock", [t.folder / "typed"], "mem_profiling=1,percpu=lock"),
        ("linked, marked, slab_debug", [t.folder / "typed"], "mem_profiling=1,slab_debug=UZPF"),
        ("linked, marked, guarded", [t.folder / "typed"], "mem_profiling=1,kfence.sample_interval=1"),
        ("front", t.front() + [t.folder / "front"], ""),
        ("front, percpu=lock", t.front() + [t.folder / "front"], "percpu=lock"),
        ("front, check=strict", t.front() + [t.folder / "front"], "check=strict"),
    ):
        more = {"LEAKS_" + word.upper(): "1" for word in ("marked", "guarded") if word in name}
        p = Program(t, words, options, **more)
        got = agrees(t, p, name)
        t.ok("kmemleak.h" not in got.stdout, f"{name}: all that the program said is heeded", got.stdout)
        t.same(p.end(), 0, f"{name}: the program goes on")


def shown(t):
    """The same as text, where it was allocated, as JSON and as HTML."""
    p = Program(t, [t.folder / "typed"], "slab_debug=U")
    text = p.leaks()
    names = [line.strip() for line in text.stdout.splitlines() if "make" in line and "[<" in line]
    t.ok(any("typed_make" in name for name in names), "slab_debug=U: the stack names the function", text.stdout)
    t.ok(re.search(r"^stopped for [0-9.]+ ms, copied in [0-9.]+ ms, searched in [0-9.]+ ms$", text.stdout, re.M),
         "it says how long the process was stopped, and the search took", text.stdout)
    said = json.loads(p.leaks("--json").stdout)
    t.same(said["lost_objects"], len(p.lost), "JSON: as many as there are")
    t.same(sum(g["objects"] for g in said["groups"]), len(p.lost), "JSON: and in groups")
    t.same(sum(g["bytes"] for g in said["groups"]), said["lost_bytes"], "JSON: and their bytes")
    typed = [g for g in said["groups"] if g["kind"] == "leaks-typed"]
    t.ok(typed and any("typed_make" in f for g in typed for f in g["allocated"]["stack"]), "JSON: with stacks", typed)
    page = t.folder / "page.html"
    t.same(p.leaks("--html", page).returncode, 4, "HTML: is written")
    t.ok("leaks-typed" in page.read_text() and page.read_text().startswith("<!DOCTYPE html>"), "HTML: has it")
    p.end()
    p = Program(t, [t.folder / "typed"], "mem_profiling=1")
    said = json.loads(p.leaks("--json").stdout)
    sites = {g["kind"]: (g["site"] or {}).get("function", "") for g in said["groups"]}
    t.ok("typed_make" in sites.get("leaks-typed", ""), "mem_profiling=1: objects have their call site", sites)
    t.ok(any("page" in sites[k] for k in sites if k == "pages"), "mem_profiling=1: and pages", sites)
    p.end()


def said(t):
    """What the program says of objects: whose it is now, and what had no effect."""
    p = Program(t, [t.folder / "typed"], "mem_profiling=1", LEAKS_MARKED="1")
    found = json.loads(p.leaks("--json").stdout)
    traced = [g for g in found["groups"] if (g["site"] or {}).get("function", "").startswith("marked")]
    wanted = {a for a in p.lost if p.lost[a].endswith("-traced")}
    t.same((sum(g["objects"] for g in traced), {int(g["address"], 16) for g in traced} - wanted),
           (len(wanted), set()), "kmemleak_update_trace(): the caller's")
    t.same((found["marks_lost"], found["marks_ended"]), (0, False), "JSON: all had an effect")
    p.end()
    for options, how, ended in (("", "never", False), ("mem_profiling=1", "off", True)):
        p = Program(t, [t.folder / "typed"], options, LEAKS_REFUSED=how)
        got = agrees(t, p, f"refused, {how}")
        t.ok(re.search(r"^2 calls of <linux/kmemleak.h> had no effect: .*\n.*mem_profiling=1", got.stdout, re.M),
             f"refused, {how}: it is said, with the option", got.stdout)
        t.same("turned off after them" in got.stdout, ended, f"refused, {how}: and whether others lost it")
        found = json.loads(p.leaks("--json").stdout)
        t.same((found["marks_lost"], found["marks_ended"]), (2, ended), f"refused, {how}: JSON")
        p.end()


def example(t):
    """That of docs/leaks.md."""
    program = t.folder / "names"
    built = t.run(["cc", "-O2", "-g", "-o", program, SOURCE / "examples/testing/names.c",
                   "-I" + str(SOURCE / "include"), "-L" + str(t.build), "-lkmem", "-Wl,-rpath," + str(t.build)])
    t.ok(not built.returncode, "the example compiles", built.stderr)
    env = dict(os.environ, KMEM_OPTIONS=t.options("leak_check=exit,slab_debug=U"))
    p = t.run([program, "drop"], env=env)
    t.same((p.returncode, p.stdout), (23, "2 names\n"), "the example that loses a text: 23")
    t.ok(all(x in p.stderr for x in ("(size 4):", "two.", "] name_add", "1 lost object, 4B")),
         "it says which, and whose", p.stderr)
    p = t.run([program, "free"], env=env)
    t.same((p.returncode, p.stdout, p.stderr), (0, "2 names\n", ""), "and one that does not: 0, silence")
    p = t.run([program, "drop"], env=env, preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    t.ok(p.returncode == 23 and "1 lost object, 4B" in p.stderr and "cannot be run" not in p.stderr,
         "one that ignores SIGCHLD as well", f"{p.returncode}\n{p.stderr}")


def at_end(t):
    """leak_check= reports when the process ends, and its exit status says so."""
    for name, words in (("linked", [t.folder / "typed"]), ("front", t.front() + [t.folder / "front"])):
        for options, status in (("leak_check=1", 0), ("leak_check=exit", 23), ("leak_check=0", 0), ("", 0)):
            p = t.run(words, env=dict(os.environ, KMEM_OPTIONS=t.options(options), LEAKS_END="1"))
            # of the smallest a thread that is about to sleep may have some in its registers
            lost = {line.split()[2] for line in p.stdout.splitlines() if line.startswith("lost")
                    and not line.startswith(("lost small", "lost element"))}
            found = re.findall(r"(\d+) lost objects?,", p.stderr)
            t.same(p.returncode, status, f"{name}, {options or 'no option'}: the exit status")
            if "1" in options or "exit" in options:
                t.ok(found and int(found[0]) >= len(lost), f"{name}, {options}: all that is lost", p.stderr)
            else:
                t.same(p.stderr, "", f"{name}, {options or 'no option'}: no report")
    sound = t.run(t.front() + ["true"], env=dict(os.environ, KMEM_OPTIONS=t.options("leak_check=exit")))
    t.same((sound.returncode, sound.stdout), (0, ""), "a program that loses nothing")


def wrong(t):
    """What is no process of ours, and what is no command line."""
    t.same(t.run([t.kmem, "leaks"]).returncode, 2, "without a process: usage")
    t.same(t.run([t.kmem, "leaks", "--nonsense", "1"]).returncode, 2, "an option that there is not: usage")
    t.same(t.run([t.kmem, "leaks", os.getpid()]).returncode, 1, "a process without the library: 1")
    t.same(t.run([t.kmem, "leaks", "--help"]).returncode, 0, "--help")


def main(t):
    if t.missing("cc"):
        t.skip("kmem leaks", "no compiler")
        return
    if build(t):
        kinds(t)
        shown(t)
        said(t)
        example(t)
        at_end(t)
    wrong(t)


tap.main(main)
