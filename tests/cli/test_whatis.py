#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""kmem whatis and kmem debug on a program whose every address is known, and on
one that runs on the malloc front."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402


def compiled(t):
    got = t.run(os.environ.get("CC", "cc").split() +
                ["-O1", "-g", "-Wno-unused-parameter", "-o", "known",
                 tap.ROOT / "tests/cli/known.c",
                 f"-I{tap.ROOT}/include", t.build / "libkmem.a", "-lpthread"])
    return t.ok(not got.returncode, "the program is built", got.stderr)


def started(t, *words, options=""):
    process = t.start([t.folder / "known", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      stderr=subprocess.DEVNULL, text=True,
                      env=os.environ | {"KMEM_OPTIONS": t.options(options)})
    at = {}
    for line in process.stdout:
        name, address = line.split()
        if name == "end":
            break
        at[name] = int(address, 16)
    return process, at


def whatis(t, pid, *addresses):
    got = t.run([t.kmem, "whatis", "--json", pid, *(hex(a) for a in addresses)])
    return json.loads(got.stdout) if not got.returncode else [{"error": got.stderr}] * len(addresses)


def subset(t, got, name, **want):
    t.same({k: got.get(k) for k in want}, want, name)


def of_objects(t, pid, at):
    plain, sheaf, many, used, freed, retired = whatis(
        t, pid, at["plain"] + 5, at["sheaf"], at["many"], at["used"] - 1, at["freed"], at["retired"])
    subset(t, plain, "an address inside of an object", kind="object", state="allocated", offset=5,
           start=f"0x{at['plain']:016x}", size=64, cache="plain", zone="Normal", cache_errors=0)
    after = plain.get("after") or {}
    t.same(after.get("start"), f"0x{at['sheaf']:016x}", "the object behind it")
    t.ok("sheaf" in after.get("state", ""), "which lies in a sheaf", after)
    t.ok((plain.get("before") or {}).get("state") == "allocated", "and the one before it", plain)
    t.ok(sheaf.get("kind") == "object" and sheaf.get("state", "").startswith("free, in "),
         "an object in a sheaf is free", sheaf)
    subset(t, many, "an object of a slab with a large bitmap", state="allocated", cache="many", size=8)
    subset(t, used, "the red zone before an object is its", kind="object", state="allocated", offset=-1,
           cache="checked", size=60)
    t.ok(used["allocated"]["caller"].startswith("taker+"), "who has it", used)
    t.ok(any(s.startswith("objects+") or s.startswith("main+") for s in used["allocated"]["stack"]),
         "with the stack", used)
    t.same(used["freed"], None, "it was never freed")
    t.ok(used["allocated"]["pid"] == pid and used["allocated"]["age_ms"] >= 0, "when and by whom", used)
    subset(t, freed, "a free one", kind="object", state="free", cache="checked", offset=0)
    t.ok(freed["freed"]["caller"].startswith("giver+"), "who freed it", freed)
    subset(t, retired, "one that was written to while it was free", kind="object",
           state="in a slab that was found corrupt", cache="broken")
    t.ok(retired.get("cache_errors", 0) >= 2, "its cache has errors", retired)


def of_blocks(t, pid, at):
    names = ["large", "pages", "free", "vmalloc", "percpu", "on0", "record", "stack", "code", "nothing"]
    got = dict(zip(names, whatis(t, pid, *(at[n] + (4100 if n in ("large", "pages", "free") else 0)
                                           for n in names))))
    subset(t, got["large"], "a block by kmalloc()", kind="pages", state="allocated", size=32768, offset=4100,
           start=f"0x{at['large']:016x}")
    t.ok("kmalloc" in (got["large"]["is"] or ""), "is told as such", got["large"])
    subset(t, got["pages"], "pages", kind="pages", state="allocated", size=16384, offset=4100)
    t.ok(got["free"]["kind"] == "pages" and got["free"]["state"].startswith("free"), "free pages", got["free"])
    subset(t, got["vmalloc"], "an area", kind="vmalloc area", state="allocated", size=8192, offset=0)
    t.ok("blocks+" in got["vmalloc"]["is"] or "main+" in got["vmalloc"]["is"], "with its caller", got["vmalloc"])
    guard, = whatis(t, pid, at["vmalloc"] + 8192)
    subset(t, guard, "its guard page", kind="vmalloc guard", offset=0)
    for name in ("percpu", "on0"):
        subset(t, got[name], f"per-CPU memory ({name})", kind="per-CPU memory", state="allocated", offset=0, size=8)
    subset(t, got["record"], "a page's record", kind="records of the library")
    subset(t, got["stack"], "the stack", kind="mapping", **{"is": "[stack]"})
    subset(t, got["code"], "code", kind="mapping", **{"is": "main+0x0"})
    subset(t, got["nothing"], "nothing", kind="nothing")


def of_guarded(t):
    process, at = started(t, "guarded", options="kfence.sample_interval=1")
    pid = process.pid
    used, freed, guard = whatis(t, pid, at["kfence"] + 99, at["kfence_freed"], at["guard"])
    subset(t, used, "a guarded object", kind="kfence object", state="allocated", offset=99, size=100,
           start=f"0x{at['kfence']:016x}", asked=100)
    t.ok(used["cache"].startswith("kmalloc-"), "its cache", used)
    t.ok(used["allocated"]["stack"] and used["freed"] is None, "its stack", used)
    subset(t, freed, "a freed one", kind="kfence object", state="free")
    t.ok(freed["freed"], "who freed it", freed)
    subset(t, guard, "a guard page", kind="kfence guard")
    data = json.loads(t.run([t.kmem, "debug", "--json", pid]).stdout)
    t.ok(data["kfence"]["allocated"] >= 2 and data["kfence"]["freed"] and not data["kfence"]["bugs"],
         "debug: kfence's figures", data)
    t.ok("kfence: " in t.run([t.kmem, "debug", pid]).stdout, "as text")
    process.communicate("\n", timeout=60)


def text(t, pid, at):
    got = t.run([t.kmem, "whatis", pid, hex(at["freed"])])
    lines = got.stdout.splitlines()
    t.same(lines[0], f"0x{at['freed']:016x}: object 1, free, offset 0", "the text's first line")
    t.ok("  cache     checked" in lines and any(line.startswith("Freed in giver+") for line in lines),
         "and the others", got.stdout)
    got = t.run([t.kmem, "whatis", pid, "12x"])
    t.same((got.returncode, got.stdout), (2, ""), "what is no address is refused")
    t.ok("12x: not an address" in got.stderr, "and named", got.stderr)


def debug(t, pid):
    got = t.run([t.kmem, "debug", "--json", pid])
    data = json.loads(got.stdout)
    rows = {c["name"]: c for c in data["caches"]}
    subset(t, rows["broken"], "debug: a cache with errors", checks="FZPU", object_size=60)
    t.ok(rows["broken"]["errors"] >= 2 and data["errors"] >= rows["broken"]["errors"], "counted", data)
    subset(t, rows["checked"], "one without", errors=0)
    t.ok("plain" not in rows, "one that is not checked is not shown")
    t.ok("BUG broken" in data["last_reports"] and "FIX broken: Marking all objects used" in data["last_reports"],
         "the last reports", data["last_reports"])
    t.ok(data["kfence"] is None and data["stacks"]["kept"] > 0, "the stacks' figures", data)
    got = t.run([t.kmem, "debug", pid])
    t.ok("BUG broken" in got.stdout and "FZPU" in got.stdout, "as text", got.stdout)
    data = json.loads(t.run([t.kmem, "debug", "--json", pid, "plain"]).stdout)
    t.same([c["name"] for c in data["caches"]], ["plain"], "one cache, if asked")
    got = t.run([t.kmem, "debug", pid, "none"])
    t.ok(got.returncode == 1 and "has no cache 'none'" in got.stderr, "a cache that is not there", got.stderr)


def front(t):
    if not (t.build / "libkmem-malloc.so").exists():
        t.skip("debug and whatis on the front", "this build has none")
        return
    process = t.start(t.front() + ["sh", "-c", "read line; exit 0"], stdin=subprocess.PIPE,
                      env=os.environ | {"KMEM_OPTIONS": t.options("slab_debug=FZPU")})
    for _ in range(100):
        got = t.run([t.kmem, "debug", "--json", process.pid])
        if not got.returncode:
            break
        t.run(["sleep", "0.05"])
    if not t.ok(not got.returncode, "debug on the front", got.stderr):
        return
    data = json.loads(got.stdout)
    t.ok(any(c["name"].startswith("malloc-") and c["checks"] == "FZPU" for c in data["caches"]),
         "its caches are checked", got.stdout)
    t.same((data["errors"], data["last_reports"]), (0, ""), "and nothing was found")
    process.communicate(b"\n", timeout=60)


HELD = """
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
	void *volatile p;

	for (int i = 0; i < 10; i++) {
		p = malloc(64);
		free(p);
	}
	for (int i = 0; i < 2; i++) {
		p = malloc(256 * 1024);
		free(p);
	}
	puts("ready");
	fflush(stdout);
	return getchar() == EOF;
}
"""


def held(t):
    """What check=strict holds back."""
    if not (t.build / "libkmem-malloc.so").exists():
        t.skip("debug of check=strict", "this build has no front")
        return
    (t.folder / "held.c").write_text(HELD)
    got = t.run(os.environ.get("CC", "cc").split() + ["-O1", "-o", "held", "held.c"])
    if not t.ok(not got.returncode, "the program is built", got.stderr):
        return
    for options in ("check=strict,quarantine=64K", "check=cheap"):
        process = t.start([t.folder / "held"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env=os.environ | {"LD_PRELOAD": str(t.build / "libkmem-malloc.so"),
                                            "KMEM_OPTIONS": t.options(options)})
        process.stdout.readline()
        got = t.run([t.kmem, "debug", "--json", process.pid])
        text = t.run([t.kmem, "debug", process.pid]).stdout
        process.communicate("\n", timeout=60)
        if not t.ok(not got.returncode, f"debug, {options}", got.stderr):
            continue
        data = json.loads(got.stdout)["quarantine"]
        if options == "check=cheap":
            t.ok(data is None and "quarantine" not in text, "nothing is held back", text)
            continue
        subset(t, data, "large blocks that are held back", bytes_most=65536, large_blocks=2)
        t.ok(data["blocks"] >= 10 and 640 <= data["bytes"] <= 65536 and data["large_bytes"] > 512 * 1024,
             "and small ones", data)
        t.ok(f"quarantine: {data['blocks']} small blocks, {data['bytes']} of at most 65536 bytes; "
             f"2 large blocks, {data['large_bytes']} bytes of addresses\n" in text, "as text", text)


def main():
    t = tap.Tap()
    if not compiled(t):
        t.done()
    process, at = started(t)
    if t.ok("nothing" in at, "the program has all its things", at):
        of_objects(t, process.pid, at)
        of_blocks(t, process.pid, at)
        text(t, process.pid, at)
        debug(t, process.pid)
    process.communicate("\n", timeout=60)
    got = t.run([t.kmem, "whatis", process.pid, "10"])
    t.ok(got.returncode == 1 and "there is no process" in got.stderr, "a process that has ended", got.stderr)
    of_guarded(t)
    front(t)
    held(t)
    t.done()


main()
