#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The static probes: those that docs/cores.md lists are in the libraries, with
the arguments it lists and no others, and what they say is what happened."""
import collections
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

# How an argument is printed: text, hexadecimal.
FORMS = {"name": ("%s", "(char *)")}


def listed():
    """By probe the names of its arguments."""
    text = (tap.ROOT / "docs/cores.md").read_text()
    return {name: re.findall(r"`(\w+)`", fields)
            for name, fields in re.findall(r"^\| `(\w+:\w+)` \| (.*?) \|", text, re.M)}


def noted(t, file):
    """By probe the numbers of arguments that its places have."""
    got = t.run(["readelf", "-n", file])
    found = collections.defaultdict(set)
    for provider, name, arguments in re.findall(r"Provider: (\w+)\n\s+Name: (\w+)\n.*?\n\s+Arguments: (.*)", got.stdout):
        found[f"{provider}:{name}"].add(len(re.findall(r"-?\d@", arguments)))
    return found


def script(t, probes):
    lines = ["set pagination off", "set debuginfod enabled off", "set confirm off"]
    for probe, fields in probes.items():
        forms = [FORMS.get(f, ("%lx", "(long)")) for f in fields]
        values = "".join(f", {cast}$_probe_arg{i}" for i, (_, cast) in enumerate(forms))
        lines += [f"break -probe-stap {probe}", "commands", "silent",
                  f'printf "PROBE {probe} %d {" ".join(form for form, _ in forms)}\\n", $_probe_argc{values}']
        if fields[0] == "call_site":
            lines.append("info symbol $_probe_arg0")
        lines += ["continue", "end"]
    (t.folder / "script.gdb").write_text("\n".join([*lines, "run", ""]))


def hits(t, probes, *words, options=""):
    """By probe a list of (arguments, symbol of the call site); what the program said."""
    script(t, probes)
    got = t.run(["gdb", "-q", "-batch", "-nx", "-x", t.folder / "script.gdb", "--args", t.folder / "entries", *words],
                env=os.environ | {"KMEM_OPTIONS": t.options(options)})
    found, said, last = collections.defaultdict(list), collections.defaultdict(list), None
    for line in got.stdout.splitlines():
        word = line.split()
        if line.startswith("PROBE "):
            values = [v if f in FORMS else int(v, 16) & (1 << 64) - 1 for f, v in zip(probes[word[1]], word[3:])]
            last = {"argc": int(word[2]), **dict(zip(probes[word[1]], values)), "symbol": ""}
            found[word[1]].append(last)
        elif " in section " in line and last:
            last["symbol"] = word[0]
        elif len(word) == 2 and re.fullmatch(r"[0-9a-f]+", word[1]):
            said[word[0]].append(int(word[1], 16))
    if not found:
        t.note(got.stdout[-2000:] + got.stderr[-2000:])
    return found, said


def of_objects(t, found, said):
    allocs = [h for h in found["kmem:kmem_cache_alloc"] if h["name"] == "entry"]
    t.ok(allocs and all(h["ptr"] in said["entry"] + said["plain"] for h in allocs),
         "kmem_cache_alloc: the program got the objects", (allocs[:3], said["entry"][:3]))
    t.ok(allocs and all(h["bytes_req"] == 56 and h["bytes_alloc"] in (56, 120) and h["symbol"] == "read_index"
                        and h["node"] == (1 << 64) - 1 and not h["accounted"] for h in allocs), "with its fields",
         allocs[:3])
    frees = [h for h in found["kmem:kmem_cache_free"] if h["name"] == "entry"]
    t.ok(frees and all(h["ptr"] in said["entry"] + said["plain"] and h["symbol"] == "forget" for h in frees),
         "kmem_cache_free", frees[:3])
    blocks = [h for h in found["kmem:kmalloc"] if h["bytes_req"] == 100]
    t.ok(blocks and all(h["ptr"] in said["block"] and h["bytes_alloc"] == 128 and h["symbol"] in ("blocks", "main")
                        for h in blocks), "kmalloc", blocks[:3])
    large = [h for h in found["kmem:kmalloc"] if h["bytes_req"] == 20000]
    t.ok(len(large) == 1 and large[0]["ptr"] in said["large"] and large[0]["bytes_alloc"] == 32768,
         "kmalloc of a large block", large)
    freed = {h["ptr"] for h in found["kmem:kfree"]}
    t.ok(freed & set(said["block"]) and said["large"][0] in freed, "kfree of both", (freed, said["large"]))


def of_pages(t, found, said):
    pfn = said["pages"][0]
    took = [h for h in found["kmem:mm_page_alloc"] if h["pfn"] == pfn and h["order"] == 4]
    gave = [h for h in found["kmem:mm_page_free"] if h["pfn"] == pfn and h["order"] == 4]
    t.ok(len(took) == 1 and took[0]["gfp_flags"] and not took[0]["migratetype"], "mm_page_alloc",
         (took, pfn, found["kmem:mm_page_alloc"][:3]))
    t.same(len(gave), 1, "mm_page_free")
    t.ok(found["kmem:mm_page_alloc_zone_locked"] and all(h["percpu_refill"] == 1 and h["order"] <= 3
         for h in found["kmem:mm_page_alloc_zone_locked"]), "mm_page_alloc_zone_locked",
         found["kmem:mm_page_alloc_zone_locked"][:3])


def of_samples(t, probes):
    found, said = hits(t, {p: f for p, f in probes.items() if p.startswith("otel_memory:")}, "guarded",
                       options="kfence.sample_interval=1")
    allocs, frees = found["otel_memory:alloc"], found["otel_memory:free"]
    t.ok(len(allocs) >= 3 and set(said["guarded"]) <= {h["ptr"] for h in allocs}
         and all(h["size"] == 100 for h in allocs if h["ptr"] in said["guarded"]), "samples", (allocs, said))
    t.ok(set(said["guarded"]) <= {h["ptr"] for h in frees} <= {h["ptr"] for h in allocs},
         "and their frees, of nothing else", (frees, said))


def of_checked(t, probes):
    """A checked cache keeps no sheaves: each of its requests is told."""
    found, said = hits(t, {p: probes[p] for p in ("kmem:kmalloc", "kmem:kfree")}, options="slab_debug=FZPU,kmalloc-128")
    t.same(sorted(h["ptr"] for h in found["kmem:kmalloc"] if h["bytes_req"] == 100), sorted(said["block"]),
           "kmalloc of a checked cache, each")
    t.ok(set(said["block"]) <= {h["ptr"] for h in found["kmem:kfree"]}, "kfree of it, each")


def test(t):
    if t.missing("readelf"):
        t.skip("static probes", "there is no readelf")
        return
    probes = listed()
    t.ok(len(probes) >= 10, "docs/cores.md lists probes", probes)
    found = {name: noted(t, t.build / name) for name in ("libkmem.so.0", "libkmem-malloc.so")}
    if not any(found.values()):
        t.skip("static probes", "this build has none: there was no <sys/sdt.h>")
        return
    for name, has in found.items():
        t.same({p: sorted(n) for p, n in has.items()}, {p: [len(f)] for p, f in probes.items()},
               f"{name} has these probes, each with its arguments")
    if t.missing("gdb"):
        t.skip("what the probes say", "there is no gdb")
        return
    cc = os.environ.get("CC", "cc").split()
    got = t.run(cc + ["-O1", "-g", "-o", "entries", tap.ROOT / "tests/cli/entries.c", f"-I{tap.ROOT}/include",
                      t.build / "libkmem.a", "-lpthread"])
    if not t.ok(not got.returncode, "the program is built", got.stderr):
        return
    hit, said = hits(t, {p: f for p, f in probes.items() if p.startswith("kmem:")})
    t.ok(all(h["argc"] == len(probes[p]) for p, hs in hit.items() for h in hs), "gdb counts the same arguments")
    of_objects(t, hit, said)
    of_pages(t, hit, said)
    of_samples(t, probes)
    of_checked(t, probes)


tap.main(test)
