# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What the test scripts of preload/ and cli/ share: TAP, programs, folders.

A script makes one Tap(build_folder), calls ok() for each thing it checks and
ends with done(), which exits 0, 1, or 77 when everything was skipped.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What must never appear in the output of a sound program on a sound heap.
REPORTS = ("cut here", "BUG ", "WARNING: CPU", "Kernel panic", "kmem: ")


class Tap:
    def __init__(self):
        if len(sys.argv) < 2:
            sys.exit(f"usage: {sys.argv[0]} BUILD_FOLDER")
        self.build = pathlib.Path(sys.argv[1]).resolve()
        self.kmem = str(self.build / "kmem")
        self.count = self.failed = self.skipped = 0
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kmem-test-"))
        self.processes = []
        # Nothing of the caller's may change what the programs do.
        for name in ("LD_PRELOAD", "KMEM_OPTIONS", "KMEM_MALLOC_LIB"):
            os.environ.pop(name, None)
        # But what the whole run is about.
        self.more_options = os.environ.pop("KMEM_TEST_OPTIONS", "")
        if self.more_options:
            os.environ["KMEM_OPTIONS"] = self.more_options
        os.environ["LC_ALL"] = "C.UTF-8"

    def note(self, text):
        for line in str(text).splitlines():
            print("# " + line, flush=True)

    def ok(self, good, name, why=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good and why:
            self.note(str(why)[-3000:])
        return bool(good)

    def same(self, got, want, name):
        return self.ok(got == want, name, f"got:  {got!r}\nwant: {want!r}")

    def skip(self, name, why):
        self.count += 1
        self.skipped += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def missing(self, *programs):
        """The first of these programs that is not installed, or None."""
        return next((p for p in programs if not shutil.which(p)), None)

    def options(self, text=""):
        """KMEM_OPTIONS as a test wants them, for the run it is part of."""
        return ",".join(filter(None, (text, self.more_options)))

    def front(self, *options):
        """The words before a command that runs it on the front."""
        return [self.kmem, "run", *options, "--"]

    def run(self, command, timeout=600, **more):
        more.setdefault("stdin", subprocess.DEVNULL)
        if "input" in more:
            del more["stdin"]
        more.setdefault("cwd", self.folder)
        return subprocess.run(
            [str(w) for w in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **more,
        )

    def both(self, command, name, **more):
        """Runs a command without and with the front and compares all of it."""
        plain = self.run(command, **more)
        front = self.run(self.front() + list(command), **more)
        self.same(
            (front.returncode, front.stdout, front.stderr),
            (plain.returncode, plain.stdout, plain.stderr),
            name,
        )
        return plain, front

    def quiet(self, text, name):
        """No report of the library is in the text."""
        bad = [line for line in text.splitlines()
               if any(word in line for word in REPORTS)]
        return self.ok(not bad, name, "\n".join(bad))

    def start(self, command, **more):
        process = subprocess.Popen([str(w) for w in command], **more)
        self.processes.append(process)
        return process

    def done(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        print(f"1..{self.count}", flush=True)
        if self.failed:
            sys.exit(1)
        sys.exit(77 if self.count == self.skipped else 0)


def main(test):
    """Runs test(tap); an exception is a failure, not the end of the report."""
    tap = Tap()

    def ended(number, _):
        raise RuntimeError(f"ended by signal {number}: out of time?")

    signal.signal(signal.SIGTERM, ended)
    try:
        test(tap)
    except Exception as error:  # pylint: disable=broad-except
        tap.ok(False, f"{type(error).__name__}", error)
    finally:
        tap.done()
