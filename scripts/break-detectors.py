#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Breaks each detector on purpose and looks whether a test falls.

  break-detectors.py BUILD [PATTERN]

The tree is left alone: one file is compiled with a change, and one test linked
with it.  The tests must be built: make test T='death-* unit-page-fill' and the
like.  PATTERN chooses breaks by their names.  A break whose text is not in its
file any more is an error, so that the list goes on with the code.  Not a part
of CI.  Exit status: 0 when each break was noticed.
"""
import fnmatch
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
OBJ, FORM = "src/slab/debug_object.c", "src/slab/slub.c"
KF, OPTION = "src/slab/kfence.c", "src/slab/debug_option.c"
POOL, FILL = "src/alloc/mempool_poison.c", "src/page/fill.c"
STRICT, FENCED = "src/front/strict.c", "src/front/fenced.c"

# Name: file, what stands there once, what it becomes, the tests, of which each
# must fall.
BREAKS = {
    "left red zone": (OBJ, "at - s->left, s->left, red)", "at, 0, red)",
                      "slab_debug_left front-slab_left front-strict_underrun"),
    "right red zone": (OBJ, 'at + size, s->inuse - size,\n\t\t\t  red',
                       'at + size, 0,\n\t\t\t  red',
                       "slab_debug_right front-slab_right"),
    "size asked for": (OBJ, "size - asked, red)", "0, red)",
                       "slab_debug_kmalloc front-slab_kmalloc "
                       "front-strict_overrun"),
    "alignment padding": (OBJ, "s->inuse - size, BYTE_INUSE)",
                          "0, BYTE_INUSE)", "slab_debug_alignment"),
    "gap behind an object": (OBJ, "at + s->inuse, WORD,", "at, 0,",
                             "slab_debug_gap"),
    "object padding": (OBJ, "s->size - s->left - s->info_end, BYTE_INUSE)",
                       "0, BYTE_INUSE)", "slab_debug_object_padding "
                       "front-slab_object_padding"),
    "poison": (OBJ, '"Poison", at, size - 1, BYTE_FREE)',
               '"Poison", at, 0, BYTE_FREE)',
               "slab_debug_use_after_free front-slab_use_after_free"),
    "last byte of poison": (OBJ, "at + size - 1, 1,", "at, 0,",
                            "slab_debug_last_byte front-slab_last_byte"),
    "rest of a slab": (OBJ, "if (likely(!bytes_other(rest, BYTE_INUSE, n)))",
                       "if (rest)", "slab_debug_padding"),
    "look at an allocation": (OBJ, "if (unlikely(!is_sound(s, obj, true)))",
                              "if (0)", "slab_debug_use_after_free"),
    "look at a free": (OBJ, "if (likely(is_sound(s, obj, false)))", "if (s)",
                       "slab_debug_right slab_debug_bulk_right "
                       "slab_debug_mempool_right front-strict_overrun"),
    "use of what is free": (OBJ, "\tif (slab)\n\t\tslab_report_bad",
                            "\tif (0)\n\t\tslab_report_bad",
                            "slab_debug_krealloc_freed "
                            "front-slab_realloc_freed"),
    "free inside or twice": (FORM, "\tslab_report_bad_free(s, slab, obj,\n",
                             "\tif (0) slab_report_bad_free(s, slab, obj,\n",
                             "slab_debug_invalid_free"),
    "who allocated": (OBJ, "set_track(s, obj, TRACK_ALLOC, &call->track);",
                      ";", "slab_debug_right front-slab_right"),
    "who freed": (OBJ, "set_track(s, obj, TRACK_FREE, &track);", ";",
                  "slab_debug_use_after_free front-slab_double_free"),
    "trace": (OBJ, "debug_trace(s, slab, obj, false);", ";",
              "slab_debug_trace front-slab_trace"),
    "krealloc()": (OBJ, "memset((char *)obj + asked, BYTE_RED_ACTIVE,",
                   "if (0) memset((char *)obj + asked, BYTE_RED_ACTIVE,",
                   "slab_debug_krealloc"),
    "constructed objects": (OBJ, "\t       !s->ctor && !s->ctor3;", "\t       1;",
                            "slab_debug_ctor"),
    "objects under RCU": (OBJ, "!(s->flags & SLAB_TYPESAFE_BY_RCU) &&\n",
                          "1 &&\n", "slab_debug_rcu"),
    "a dash": (OPTION, "b->wish = (struct debug_wish){ 0 };",
               "b->wish.flags = STANDARD;", "slab_debug_off"),
    "O": (OPTION, "b->keeps_order = true;", ";", "slab_debug_order"),
    "A": (OPTION, "b->wish.fails = true;", ";", "failslab"),
    "beginnings of names": (OPTION, "i < n && pattern[i] != '*'", "i < n",
                            "slab_debug_off"),
    "element in a reserve": (POOL, "\tif (bad)\n\t\telement_report",
                             "\tif (0)\n\t\telement_report",
                             "mempool_poison slab_debug_mempool "
                             "mempool_poison_pages"),
    "filling an element": (POOL, "\tbytes_poison(p, n);\n", "\t;\n",
                           "mempool_poison slab_debug_mempool"),
    "last byte of an element": (POOL, "bytes_other(p + n - 1, BYTE_END, 1)",
                                "NULL", "slab_debug_mempool"),
    "element freed twice": ("src/alloc/mempool.c",
                            "if (likely(!pool_count(pool, elem)))",
                            "if (elem)", "mempool_double_free_kmalloc "
                            "mempool_double_free_pages"),
    "page_poison": (FILL, "\t\t\tpage_report_poison(page, from);", "\t\t\t;",
                    "page_poison page_poison_bit front-page_poison"),
    "filling a page": (FILL, "memset(page_addr(page), BYTE_PAGE,",
                       "if (0) memset(page_addr(page), BYTE_PAGE,",
                       "unit-page-fill"),
    "a single bit": (FILL, "return bits && !(bits & (bits - 1));",
                     "return !bits;", "page_poison_bit"),
    "init_on_alloc": (OBJ, "memset(*p, 0, debug_asked(s, *p));", ";",
                      "unit-slab-debug_object"),
    "init_on_free": (OBJ, "\t\tmemset(at, 0, size);\n", "\t\t;\n",
                     "unit-slab-debug_object"),
    "init_on_alloc of pages": (FILL, "? gfp | __GFP_ZERO : gfp;", "? gfp : gfp;",
                               "unit-page-fill"),
    "init_on_free of pages": (FILL, "memset(page_addr(page), 0, nr << PG_SHIFT);"
                              "\n\twatch_shut", ";\n\twatch_shut",
                              "unit-page-fill"),
    "canary": (KF, "if ((unsigned char)*from != kfence_canary(from))",
               "if (!from)", "kfence_corruption kfence_corruption_left "
               "front-kfence_corruption"),
    "guard pages": (KF, "if (!port_guard(page_addr(head), pages << PG_SHIFT, "
                    "true)) {", "if (!head) {", "kfence_oob_read front-kfence_oob_read"),
    "page of a freed object": (KF, "\tport_guard(page, page_bytes, true);\n\t",
                               "\t;\n\t",
                               "kfence_use_after_free kfence_write_freed "
                               "front-kfence_read_freed"),
    "state of a guarded object": (KF, "|| !state_change(m, KFENCE_USED, "
                                  "KFENCE_BUSY)) {",
                                  "|| (state_change(m, KFENCE_USED, "
                                  "KFENCE_BUSY), 0)) {",
                                  "kfence_double_free "
                                  "front-kfence_double_free"),
    "start of a guarded object": (KF, "if (!m || p != m->addr ||", "if (!m ||",
                                  "kfence_free_interior "
                                  "front-kfence_free_interior"),
    "cache of a guarded object": (KF, "READ_ONCE(m->cache) != s) {\n\t\tslab",
                                  "!s) {\n\t\tslab", "kfence_wrong_cache"),
    "guarded objects left": (KF, "\t\tleft = true;", "\t\t;",
                             "kfence_destroy_live"),
    "small blocks given": ("src/slab/given.c",
                           "if (word && __atomic_fetch_and",
                           "if (1 || __atomic_fetch_and",
                           "front-strict_double_free "
                           "front-cheap_double_free"),
    "poison in the quarantine": (OBJ, '"Poison", at, n - 1, BYTE_FREE)',
                                 '"Poison", at, 0, BYTE_FREE)',
                                 "front-strict_write_freed"),
    "last byte in the quarantine": (OBJ, "at + n - 1, 1, BYTE_END)",
                                    "at, 0, BYTE_END)",
                                    "front-strict_write_freed_last"),
    "zeros in the quarantine": (OBJ, '"Poison", at, n, 0)', '"Poison", at, 0, 0)',
                                "front-strict_write_freed_zero"),
    "look at what is held": (STRICT, "\theld_end();\n", "",
                             "front-strict_write_freed"),
    "look at what is left": (STRICT, "debug_look_at_all(class_made[cls]);", ";",
                             "front-strict_overrun_leaked"),
    "blocks of 0 bytes": (STRICT, "if (p && port_guard(p, bytes, true))",
                          "if (p)", "front-strict_nothing_read "
                          "front-strict_nothing_write"),
    ".. freed twice": (STRICT, "nothing_change(state, GIVEN, GIVEN_BACK);",
                       "(nothing_change(state, GIVEN, GIVEN_BACK), true);",
                       "front-strict_nothing_double_free"),
    "large blocks freed twice": (FENCED, "own = f->block == p && !f->freed;",
                                 "own = f->block == p;",
                                 "front-strict_large_double_free"),
    ".. inside": (FENCED, "own = f->block == p && !f->freed;",
                  "own = !f->freed;", "front-strict_large_free_interior"),
    "fence in front": (FENCED, "\t\tport_guard(p, fence, true);", "\t\t;",
                       "front-strict_large_underwrite"),
    "red zone of a large block": (FENCED, "\tif (likely(!bad))", "\tif (1)",
                                  "front-strict_large_redzone"),
    ".. that is left": (FENCED, "\t\tif (!f->freed)\n\t\t\tfenced_check(f);",
                        "\t\t;", "front-strict_large_redzone_leaked"),
    "freed large blocks": (FENCED, "\tport_guard(f->body, bytes, true);", "\t;",
                           "front-strict_large_read_freed "
                           "front-strict_large_write_freed"),
    "sizes of frees": ("src/front/malloc.c",
                       "unlikely(!size_fits(n, has) || (uintptr_t)p % align)",
                       "unlikely(!has)", "front-strict_free_sized "
                       "front-strict_delete front-cheap_free_sized"),
}


def run(words, **more):
    return subprocess.run(words, check=False, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **more)


class Build:
    def __init__(self, folder, scratch):
        self.folder = folder.resolve()
        self.scratch = pathlib.Path(scratch)
        with open(self.folder / "compile_commands.json", encoding="utf-8") as f:
            self.commands = json.load(f)

    def compile(self, path, text):
        """The object of the file with another text, as each target has it."""
        source = self.scratch / path.replace("/", "_")
        source.write_text(text)
        made = {}
        for c in self.commands:
            if (self.folder / c["file"]).resolve() != ROOT / path:
                continue
            out = str(self.scratch / c["output"].replace("/", "_"))
            words = [w for w in shlex.split(c["command"])
                     if not w.startswith("-Werror")]
            words[words.index("-o") + 1] = out
            words[words.index(c["file"])] = str(source)
            # beside the file may lie what it includes by its bare name
            got = run(words + ["-w", f"-I{(ROOT / path).parent}"],
                      cwd=self.folder)
            if got.returncode:
                raise RuntimeError(got.stdout)
            made[c["output"]] = out
        return made

    def link(self, target, made):
        """The target with these objects in place of its own."""
        last = run(["ninja", "-t", "commands", target],
                   cwd=self.folder).stdout.splitlines()[-1]
        words = shlex.split(last.split(" && ")[0])
        out = self.scratch / target
        words[words.index("-o") + 1] = str(out)
        if any(w in made for w in words):
            words = [made.get(w, w) for w in words]
        else:
            # the first definition counts, so an archive's member is not taken
            kind = "fakecore" if target.startswith("unit-") else "libcore.a.p"
            first = [o for k, o in made.items() if kind in k] or \
                list(made.values())
            words[1:1] = [*first[:1], "-Wl,--allow-multiple-definition"]
        got = run(words, cwd=self.folder)
        if got.returncode:
            raise RuntimeError(got.stdout)
        return out

    def falls(self, test, made):
        name = test if test.startswith("unit-") else "death-" + test
        if test.startswith("unit-"):
            return "\nnot ok " in run([self.link(name, made)],
                                      timeout=300).stdout
        library = []
        exe = self.folder / name
        path = ROOT / "tests/death" / f"{test}.c"
        if test.startswith("front-"):
            library = [self.link("libkmem-malloc.so", made)]
            path = next((ROOT / "tests/death/front").glob(f"{test[6:]}.c*"))
        else:
            exe = self.link(name, made)
        got = run([sys.executable, ROOT / "tests/death/run.py", exe, path,
                   *library], timeout=120)
        return "\nnot ok " in got.stdout


def broken(build, name):
    path, old, new, tests = BREAKS[name]
    text = (ROOT / path).read_text(encoding="utf-8")
    if text.count(old) != 1:
        return f"{text.count(old)} places in {path}"
    made = build.compile(path, text.replace(old, new))
    stood = [t for t in tests.split() if not build.falls(t, made)]
    return "stood: " + " ".join(stood) if stood else ""


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    pattern = sys.argv[2] if sys.argv[2:] else "*"
    unseen = 0
    with tempfile.TemporaryDirectory(prefix="kmem-break-") as scratch:
        build = Build(pathlib.Path(sys.argv[1]), scratch)
        for name in fnmatch.filter(BREAKS, pattern):
            try:
                wrong = broken(build, name)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                wrong = str(error)[-600:]
            unseen += bool(wrong)
            print(f"{name:28} {wrong or BREAKS[name][3]}"
                  f"{'' if wrong else ' fell'}", flush=True)
    sys.exit(bool(unseen))


main()
