#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Builds, runs the tests, counts every one of them.

  test.py [--builds gcc,clang,...] [PATTERN...]

Without patterns the default build runs everything and the others what does
not depend on the malloc front.  "lock" is the default build once more, on the
lock backend.  The last line is "N passed, N failed".
"""
import argparse
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARY = (
    *("unit", "conform", "death", "model", "oom", "stress", "context"),
    *("headers", "kernel"),
)
MESON = "/usr/bin/meson" if os.path.exists("/usr/bin/meson") else "meson"

# Name: folder, suites and tests (None: all), options of meson, environment of
# the build.
BUILDS = {
    "gcc": ("build", None, ["-Dwerror=true"], {}),
    # Where there are restartable sequences: the other backend.
    "lock": (
        "build",
        (
            *("conform", "death", "model", "oom"),
            *("stress-threads", "stress-fork", "stress-exit"),
            *("stress-sequence", "cli-kmem", "preload-api"),
        ),
        ["-Dwerror=true"],
        {},
    ),
    "debug": (
        "build-debug",
        LIBRARY,
        ["-Dwerror=true", "-Ddebug_checks=true"],
        {},
    ),
    "clang": (
        "build-clang",
        LIBRARY,
        ["-Dwerror=true"],
        {"CC": "clang", "CXX": "clang++"},
    ),
    # Optimising sanitized code makes gcc warn of paths that it made itself.
    "asan": (
        "build-asan",
        LIBRARY,
        ["-Db_sanitize=address,undefined"],
        {},
    ),
    # Other threads and handlers run inside the per-CPU sequences.
    "inject": (
        "build-inject",
        ("unit", "stress", "context"),
        ["-Dwerror=true", "-Dinject=true"],
        {},
    ),
    "tsan": ("build-tsan", LIBRARY, ["-Db_sanitize=thread"], {}),
    # What of it fits into every run: the tests with threads, no others built.
    "races": ("build-tsan", ("stress",), ["-Db_sanitize=thread"], {}),
}
# KMEM_OPTIONS of all tests of a build; those that set their own add these.
OPTIONS = {"lock": "percpu=lock"}
# Where another build runs the same tests for as long as they think right, what
# runs for a time only has to meet each path.
SHORT = {"STRESS_SECONDS": "1", "MODEL_SECONDS": "4"}
SHORT_BUILDS = ("lock", "debug", "clang", "asan")
DEFAULT = ("gcc", "lock", "debug", "inject", "clang", "asan", "races")

TAP_LINE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*)$")


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def add(self, build, record):
        """One program's record in testlog.json."""
        name = f"{build}/{record['name'].split(' / ')[-1]}"
        bad = 0
        points = 0
        for line in (record.get("stdout") or "").splitlines():
            match = TAP_LINE.match(line)
            if not match:
                continue
            points += 1
            text = match[2]
            if re.search(r"#\s*skip", text, re.I):
                self.skipped.append(f"{name}: {text}")
            elif match[1]:
                bad += 1
                self.failed.append(f"{name}: {text}")
            else:
                self.passed += 1
        result = record["result"]
        if result in ("OK", "SKIP"):
            if not points and result == "OK":
                self.passed += 1
            elif not points:
                self.skipped.append(name)
        elif not bad:
            self.failed.append(f"{name}: {result.lower()}")


def listed(folder):
    text = subprocess.run(
        [MESON, "introspect", "--tests", folder],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout
    for test in json.loads(text):
        yield test["name"], test["suite"][0].split(":")[-1], test["cmd"]


def programs(suites):
    text = subprocess.run(
        ["scripts/sources.py", "tests"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout
    lines = [line.split("|") for line in text.splitlines()]
    return [name for kind, name, _ in lines if kind in suites]


def run_build(build, patterns, tally):
    folder, suites, options, env = BUILDS[build]
    print(f"\n=== {build}: building {folder}", flush=True)
    begin = time.monotonic()
    targets = programs(suites) if build == "races" else []
    # One file that does not compile must not hide the others.
    done = subprocess.run(
        ["scripts/build.sh", folder, *options, "--", "-k", "0", *targets],
        cwd=ROOT,
        env={**os.environ, **env},
    )
    if done.returncode:
        tally.failed.append(f"{build}: the build of {folder} failed")
        if not (ROOT / folder / "build.ninja").exists():
            return
    names = []
    for name, suite, cmd in listed(folder):
        if suites is not None and not {suite, name} & set(suites):
            continue
        if patterns and not any(fnmatch.fnmatch(name, p) for p in patterns):
            continue
        paths = [ROOT / folder / w for w in cmd if w.startswith(("/", "./"))]
        if all(path.exists() for path in paths):
            names.append(name)
        else:
            tally.failed.append(f"{build}/{name}: was not built")
    print(
        f"=== {build}: {len(names)} test programs, built in "
        f"{time.monotonic() - begin:.0f} s",
        flush=True,
    )
    if not names:
        return
    env = dict(os.environ)
    if build in SHORT_BUILDS:
        env = {**SHORT, **env}
    if build in OPTIONS:
        env["KMEM_OPTIONS"] = env["KMEM_TEST_OPTIONS"] = OPTIONS[build]
    subprocess.run(
        [
            MESON,
            "test",
            "-C",
            folder,
            "--no-rebuild",
            "--print-errorlogs",
            "--num-processes",
            str(max(2, min(8, os.cpu_count() or 2))),
            *names,
        ],
        cwd=ROOT,
        env=env,
    )
    log = ROOT / folder / "meson-logs" / "testlog.json"
    seen = 0
    for line in log.read_text().splitlines():
        tally.add(build, json.loads(line))
        seen += 1
    if seen != len(names):
        tally.failed.append(f"{build}: {len(names) - seen} programs did not run")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--builds", default=",".join(DEFAULT))
    parser.add_argument("patterns", nargs="*")
    args = parser.parse_args()
    builds = args.builds.split(",")
    for build in builds:
        if build not in BUILDS:
            parser.error(f"no build '{build}', there are: {', '.join(BUILDS)}")

    tally = Tally()
    begin = time.monotonic()
    for build in builds:
        run_build(build, args.patterns, tally)

    print()
    for text in tally.skipped:
        print(f"skipped  {text}")
    for text in tally.failed:
        print(f"FAILED   {text}")
    if not tally.passed and not tally.failed:
        tally.failed.append("no test was run")
        print("FAILED   no test matches; names are in tests/README.md")
    minutes, seconds = divmod(int(time.monotonic() - begin), 60)
    print(f"{len(tally.skipped)} skipped, {minutes} min {seconds} s")
    print(f"{tally.passed} passed, {len(tally.failed)} failed", flush=True)
    sys.exit(1 if tally.failed else 0)


main()
