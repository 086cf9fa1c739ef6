#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The compiler compiles this project's sources to the same object files."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SKIP = {"src/port/linux/rcu.c"}


def flags(path):
    common = ["-std=gnu17", "-O2", "-g", "-DKMEM_DEBUG=1", "-fno-strict-aliasing", f"-I{tap.ROOT}/src", "-c"]
    hosted = path.parent.name in ("linux", "front")
    more = ["-D_GNU_SOURCE"] if hosted else ["-ffreestanding"]
    if path.parent.name != "linux":
        more.append(f"-I{tap.ROOT}/include")
    return common + more


def compile_all(t, words, cc, folder):
    (t.folder / folder).mkdir()
    text = ""
    for path in sorted((tap.ROOT / "src").rglob("*.c")):
        if str(path.relative_to(tap.ROOT)) in SKIP:
            continue
        # the name of the object is part of nothing inside it
        out = t.folder / folder / ("-".join(path.parts[-3:]) + ".o")
        got = t.run(words + [cc, *flags(path), path, "-o", out])
        text += f"{path.name} {got.returncode} {got.stdout}{got.stderr}"
    return text


def test(t):
    cc = os.environ.get("CC", "gcc").split()[-1]
    if t.missing(cc):
        return t.skip("gcc", f"{cc} is not installed")
    plain = compile_all(t, [], cc, "plain")
    front = compile_all(t, t.front(), cc, "front")
    objects = sorted(p.name for p in (t.folder / "plain").iterdir())
    t.ok(len(objects) > 20, f"{cc} compiles the sources without the front", plain)
    t.same(front, plain, "the same messages")
    t.same(sorted(p.name for p in (t.folder / "front").iterdir()), objects, "the same objects")
    for name in objects:
        same = (t.folder / "plain" / name).read_bytes() == (t.folder / "front" / name).read_bytes()
        t.ok(same, f"{name} is identical")


tap.main(test)
