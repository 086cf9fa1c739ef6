#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Measures libkmem beside other allocators; `make bench` calls it.

Every measurement runs its competitors in turns, A B C D B C D A ..., and
takes each one's median.  bench/README.md has the rules.
"""
import argparse
import csv
import datetime
import fnmatch
import hashlib
import importlib.util
import json
import math
import os
import pathlib
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import loads  # noqa: E402
import peers as given_peers  # noqa: E402
import plot  # noqa: E402
import table  # noqa: E402
from loads import DPDK, OURS  # noqa: E402
from program import missing as program_missing  # noqa: E402

# Name, what the file is called, Debian's package.
PEERS = (
    ("jemalloc", "libjemalloc.so.2", "libjemalloc2"),
    ("mimalloc", "libmimalloc.so.2", "libmimalloc2.0"),
    ("tcmalloc", "libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"),
)
# They change what is measured, so they are written down.
TUNING = ("KMEM_", "MALLOC_", "GLIBC_TUNABLES", "MIMALLOC_", "TCMALLOC_")
RUN_LIMIT = 120  # seconds; a load takes a few
QUICK_SCALE = 0.01
LINE = 64  # bytes
LINES_CALLS = 64  # HALF in shapes.h
STACK = 1 << 16  # bytes, beside an address in a thread's stack
READ_OFF = (
    "instructions and lines of libkmem are read off the straight path of its "
    "code by scripts/count-fastpath.py: valgrind runs no restartable "
    "sequences; a pool's are counted by callgrind on the fall-back, an upper "
    "bound"
)


class Failed(Exception):
    pass


def fastpath():
    """scripts/count-fastpath.py, whose name is not a module's."""
    spec = importlib.util.spec_from_file_location(
        "count_fastpath", ROOT / "scripts/count-fastpath.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# --- the competitors ----------------------------------------------------------


def output_of(*command):
    try:
        return subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def find_library(name):
    for line in output_of("/sbin/ldconfig", "-p").splitlines():
        if line.split()[:1] == [name]:
            return line.split("=>")[-1].strip()
    return None


def version_of(path):
    """The package that owns the file, or the file itself."""
    for each in (path, os.path.realpath(path)):
        owner = output_of("dpkg-query", "-S", each).split(":")[0]
        if owner:
            version = output_of(
                "dpkg-query", "-W", "-f", "${Version}", owner
            )
            return f"{owner} {version}"
    return os.path.realpath(path)


def find_peers(extra, notes):
    """Name to path (None: nothing to preload), to version, to environment."""
    paths, versions, settings = {"glibc": None}, {}, {}
    versions["glibc"] = os.confstr("CS_GNU_LIBC_VERSION") or "unknown"
    for name, file, package in PEERS:
        path = find_library(file)
        if path:
            paths[name] = path
            versions[name] = version_of(path)
        else:
            notes.append(f"{name} is left out: {package} is not installed")
    for one in given_peers.parse(extra):
        name, n = one.name, 2
        while name in paths or name == OURS:
            if one.called:
                sys.exit(f"PEERS: the name {name} is taken")
            name, n = f"{one.name}-{n}", n + 1
        paths[name] = one.path
        settings[name] = one.settings
        # What was measured can be told from another file of that name.
        digest = hashlib.sha256(pathlib.Path(one.path).read_bytes()).hexdigest()
        said = [f"{one.version or version_of(one.path)}, sha256 {digest[:16]}"]
        said += [f"{k}={v}" for k, v in one.settings.items()]
        versions[name] = ", ".join(said)
    return paths, versions, settings


# --- the programs ---------------------------------------------------------------


def build(folder, options):
    def ninja(*targets):
        done = subprocess.run(
            [ROOT / "scripts/build.sh", folder, *options, "--", *targets],
            cwd=ROOT,
            stdout=sys.stderr,
        )
        if done.returncode:
            sys.exit("bench: the build failed")

    def knows(target):
        return f"build {target}:" in (folder / "build.ninja").read_text()

    ninja(
        "libkmem-malloc.so",
        "libkmem.so.0",
        "bench-load",
        "bench-load-servers",
        "bench-load-calls",
        "bench-child",
        "libbench-floor.so",
        "bench-load-cache",
        "bench-load-cache-inline",
        "bench-load-percpu",
    )
    target = "bench-load-dpdk"
    if not knows(target) and output_of("pkg-config", "--modversion", "libdpdk"):
        # DPDK came after the folder was set up.
        meson = "/usr/bin/meson" if os.path.exists("/usr/bin/meson") else "meson"
        output_of(meson, "setup", "--reconfigure", str(folder))
    if knows(target):
        ninja(target)


class Runner:
    def __init__(self, folder, peers, settings, args, notes):
        self.folder = folder
        self.settings = settings
        self.preload = {OURS: str(folder / "libkmem-malloc.so"), **peers}
        self.args = args
        self.notes = notes
        self.dpdk = (folder / "bench-load-dpdk").exists()
        self.valgrind = bool(shutil.which("valgrind"))
        if not self.dpdk:
            notes.append("DPDK's rows are left out: libdpdk-dev is not installed")
        if not self.valgrind:
            notes.append("no instruction counts: valgrind is not installed")
        self.overhead = {}
        self.backend = output_of(str(folder / "bench-load-cache"), "backend")

    def competitors(self, m):
        return loads.competitors(m.group, self.preload)

    def missing(self, m, name):
        """Why this cannot run here, or None."""
        if name == DPDK and not self.dpdk:
            return "libdpdk-dev is not installed"
        if m.group in loads.COUNTED and not self.valgrind:
            return "valgrind is not installed"
        if m.group == "instructions":
            if platform.machine() != "x86_64":
                return "loops are counted on x86-64 only"
        if m.program == loads.PROGRAM:
            lacks = program_missing(m.mode)
            if lacks:
                return f"{lacks} is not installed"
        if m.cpus > len(os.sched_getaffinity(0)):
            return f"needs {m.cpus} CPUs"
        return None

    def command(self, m, name):
        if name == DPDK:
            program, mode, preload = "bench-load-dpdk", m.mode, None
        elif name in loads.ADDS:
            program, preload = m.typed, None
            mode = loads.ADDS[name] + m.mode
        elif name == OURS and m.ours:
            program, mode, preload = m.typed, m.ours, None
        else:
            program, mode = m.program, m.mode
            preload = self.preload[name]
        env = {
            k: v
            for k, v in os.environ.items()
            if k in ("PATH", "HOME") or k.startswith(TUNING)
        }
        env["LC_ALL"] = "C"
        env.update(self.settings.get(name, {}))
        if program == loads.PROGRAM:
            argv = [str(HERE / program), mode, f"--build={self.folder}"]
            argv += [f"--preload={preload or ''}"]
            argv += [f"--scale={QUICK_SCALE}"] * self.args.quick
            return argv, env
        argv = [str(self.folder / program), mode]
        if m.functions:
            argv.append("--ops=6400")
        elif self.args.quick:
            argv += [f"--scale={QUICK_SCALE}", "--wait=0.1"]
            if m.id == "idle":
                argv.append("--threads=100")
        if preload:
            env["LD_PRELOAD"] = preload
        return argv, env

    def start(self, argv, env):
        return subprocess.Popen(
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, proc):
        try:
            out, err = proc.communicate(timeout=RUN_LIMIT)
        except subprocess.TimeoutExpired:
            proc.kill()
            proc.communicate()
            raise Failed(f"hung: no end after {RUN_LIMIT} s") from None
        if "cannot be preloaded" in err:
            raise Failed(err.strip().splitlines()[0])
        if proc.returncode < 0:
            name = signal.Signals(-proc.returncode).name
            raise Failed(f"killed by {name}: {err.strip()[-200:]}")
        if proc.returncode:
            raise Failed(f"status {proc.returncode}: {err.strip()[-200:]}")
        return out, err

    @staticmethod
    def metrics(out):
        values = {}
        for line in out.splitlines():
            match = re.fullmatch(r"([a-z][\w.]*) ([-+.\deinf]+)", line)
            if match:
                values[match[1]] = float(match[2])
        if not values:
            raise Failed("it told nothing")
        return values

    def count(self, argv, env, functions):
        """Instructions while one of the functions is on the stack, per op."""
        command = [
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--collect-atstart=no",
            *(f"--toggle-collect={function}*" for function in functions),
            *argv,
        ]
        # Or a first call's symbol look-up is counted.
        out, err = self.finish(self.start(command, {**env, "LD_BIND_NOW": "1"}))
        match = re.search(r"Collected : (\d+)", err)
        if not match:
            raise Failed(f"callgrind told no count: {err.strip()[-200:]}")
        return int(match[1]) / self.metrics(out)["ops"]

    def touched(self, argv, env):
        """Lines of data that a call touches, in the mean of many calls."""
        # To a file, since lackey writes line by line.
        with tempfile.TemporaryDirectory(prefix="kmem-bench-") as tmp:
            log = pathlib.Path(tmp) / "trace"
            command = ["valgrind", "--tool=lackey", "--trace-mem=yes"]
            command += [f"--log-file={log}", *argv]
            out, _ = self.finish(self.start(command, env))
            calls = self.read_trace(log, self.metrics(out))
        if len(calls) != 2 * LINES_CALLS:
            raise Failed(f"lackey shows {len(calls)} calls")
        return {
            "lines_get": statistics.fmean(map(len, calls[:LINES_CALLS])),
            "lines_put": statistics.fmean(map(len, calls[LINES_CALLS:])),
        }

    @staticmethod
    def read_trace(log, known):
        """The set of lines of each call between two stores to the marker."""
        calls, lines = [], None
        with open(log, "rb") as trace:
            for text in trace:
                if text[:1] != b" " or text[1:2] not in b"LSM":
                    continue
                address, size = text[3:].split(b",")
                address = int(address, 16)
                if address == known["marker"]:
                    if lines is not None:
                        calls.append(lines)
                    lines = set() if lines is None else None
                elif lines is not None and abs(address - known["stack"]) > STACK:
                    last = address + int(size) - 1
                    lines.update(range(address // LINE, last // LINE + 1))
        return calls

    def loop_cost(self, m):
        """Of one turn of the loop alone: the same loop around nothing."""
        mode, function, parts = {
            "get": ("none-halves", "measured_none_get", ["get"]),
            "put": ("none-halves", "measured_none_put", ["put"]),
            "pair": ("none-pair", "measured_none_pair", ["get", "put"]),
        }[m.part]
        if function not in self.overhead:
            program = str(self.folder / "bench-load")
            env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
            out, _ = self.finish(self.start([program, "nothing"], env))
            nothing = self.metrics(out)
            total = self.count([program, mode, "--ops=6400"], env, [function])
            self.overhead[function] = total - sum(nothing[p] for p in parts)
        return self.overhead[function]

    def straight(self, m):
        """What the fast paths have, read off their code; None: unreadable."""
        counter = fastpath()
        found = []
        for file, symbol in m.straight:
            try:
                one = counter.count(self.folder / file, symbol, into=True)
            except (
                counter.Unreadable, OSError, subprocess.CalledProcessError
            ) as why:
                self.notes.append(
                    f"{m.id}: {symbol} cannot be read off, {why}; counted "
                    "under valgrind on the fall-back, an upper bound"
                )
                return None
            found.append(one)
            if one.end != "return" or one.calls:
                self.notes.append(
                    f"{m.id}: {symbol} read off: calls "
                    f"{', '.join(one.calls) or 'nothing'}, {one.end}"
                )
        if READ_OFF not in self.notes:
            self.notes.append(READ_OFF)
        if m.group == "lines":
            get, put = (len(one.lines) for one in found)
            return {"lines_get": get, "lines_put": put}
        return {"instructions": sum(one.instructions for one in found)}

    def run(self, m, name):
        if name == OURS and m.straight and self.backend == "rseq":
            found = self.straight(m)
            if found:
                return found
        argv, env = self.command(m, name)
        if m.group == "lines":
            return self.touched(argv, env)
        if m.functions:
            total = self.count(argv, env, m.functions)
            return {"instructions": round(total - self.loop_cost(m), 2)}
        return self.metrics(self.finish(self.start(argv, env))[0])

    def run_at_once(self, m, names):
        """Loads that mostly sleep: name to metrics or Failed."""
        procs = {name: self.start(*self.command(m, name)) for name in names}
        results = {}
        for name, proc in procs.items():
            try:
                results[name] = self.metrics(self.finish(proc)[0])
            except Failed as why:
                results[name] = why
        return results


# --- progress ---------------------------------------------------------------------


class Progress:
    """To stderr: one line that changes on a terminal, else one a measurement.

    The guess scales the seconds that loads.py expects by what the runs so far
    took.
    """

    def __init__(self, total):
        self.total = total
        self.done = 0.0
        self.begin = time.monotonic()
        self.tty = sys.stderr.isatty()
        self.last = None

    @staticmethod
    def clock(seconds):
        return f"{int(seconds) // 60}:{int(seconds) % 60:02}"

    def show(self, measurement, what):
        if not self.tty and measurement == self.last:
            return
        self.last = measurement
        spent = time.monotonic() - self.begin
        share = min(1.0, self.done / self.total)
        left = (self.total - self.done) * (
            spent / self.done if self.done and spent > 2 else 1
        )
        line = (
            f"bench {share:4.0%}  {measurement} {what}  "
            f"{self.clock(spent)}, about {self.clock(left)} left"
        )
        if self.tty:
            sys.stderr.write("\r\033[K" + line[:79])
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def add(self, seconds):
        self.done += seconds

    def end(self):
        if self.tty:
            sys.stderr.write("\r\033[K")
        spent = time.monotonic() - self.begin
        sys.stderr.write(f"bench: {self.clock(spent)}\n")


# --- measuring --------------------------------------------------------------------


def memory_free():
    """GiB."""
    for line in open("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024**2
    return 0


def repeats(m, args):
    return 1 if m.group in loads.COUNTED else args.repeat


def measure(plan, runner, args, notes):
    """(measurement, competitor) to a list of metrics; failures to a reason."""
    samples, failures = {}, {}
    expected = 0.0
    for m in plan:
        n = len(runner.competitors(m))
        turns = repeats(m, args) * (1 if m.at_once else n)
        expected += turns * m.seconds * (0.1 if args.quick else 1)
    progress = Progress(expected or 1)

    def keep(m, name, result):
        if isinstance(result, Failed):
            failures[m.id, name] = str(result)
        else:
            samples.setdefault((m.id, name), []).append(result)

    for m in plan:
        names = []
        for name in runner.competitors(m):
            why = runner.missing(m, name)
            if why:
                failures[m.id, name] = why
            else:
                names.append(name)
        together = m.at_once and memory_free() > 10
        for turn in range(repeats(m, args)):
            of = f"{turn + 1}/{repeats(m, args)}"
            if together:
                progress.show(m.id, of)
                for name, result in runner.run_at_once(m, names).items():
                    keep(m, name, result)
                progress.add(m.seconds * (0.1 if args.quick else 1))
                continue
            # Each is first once, since the first of a turn has the coldest
            # machine.
            first = turn % len(names) if names else 0
            for name in names[first:] + names[:first]:
                progress.show(m.id, f"{name} {of}")
                # What failed once is not tried again: it may take RUN_LIMIT.
                if (m.id, name) not in failures:
                    try:
                        keep(m, name, runner.run(m, name))
                    except Failed as why:
                        keep(m, name, why)
                progress.add(m.seconds * (0.1 if args.quick else 1))
    progress.end()
    for (id, name), why in failures.items():
        notes.append(f"{id}, {name}: {why}")
    return samples, failures


def row_of(row, section, results):
    """`row` is a loads.Row or a loads.Mean."""
    peers = [
        r["median"]
        for n, r in results.items()
        if n != OURS and r["median"] is not None
    ]
    for result in results.values():
        if result["median"] is not None and peers and min(peers):
            result["ratio"] = result["median"] / min(peers)
    goal = row.goal and {
        "limit": row.goal.limit,
        "of": row.goal.of,
        "state": row.goal.state(results.get(OURS)),
    }
    return {
        "section": section,
        "id": row.id,
        "title": row.title,
        "unit": row.unit,
        "goal": goal,
        "results": results,
    }


def geometric_mean(mean, plan, rows):
    """Over the rows in which all who have a value at all have one."""
    ids = {r.id for m in plan for r in m.rows if mean.of(m, r)}
    parts = [r["results"] for r in rows if r["id"] in ids]
    names = [
        n for p in parts for n, result in p.items() if result["median"]
    ]
    names = list(dict.fromkeys(names))
    whole = [
        p for p in parts if all(p.get(n, {}).get("median") for n in names)
    ]
    if not whole:
        return {}
    results = {}
    for name in names:
        value = math.exp(
            statistics.fmean(math.log(p[name]["median"]) for p in whole)
        )
        results[name] = {"median": value, "min": value, "max": value}
        results[name].update(cov=0, runs=len(whole))
        if len(whole) < len(parts):
            results[name]["why"] = f"{len(whole)} of {len(parts)} rows"
    return results


def summarize(plan, runner, samples, failures):
    rows = []
    for m in plan:
        for row in m.rows:
            results = {}
            for name in runner.competitors(m):
                values = [
                    s[row.metric] / loads.UNITS[row.unit]
                    for s in samples.get((m.id, name), [])
                    if row.metric in s
                ]
                if (m.id, name) in failures or not values:
                    why = failures.get((m.id, name), "not measured")
                    results[name] = {"median": None, "why": why}
                    continue
                mean = statistics.fmean(values)
                results[name] = {
                    "median": statistics.median(values),
                    "min": min(values),
                    "max": max(values),
                    "cov": statistics.pstdev(values) / mean if mean else 0,
                    "runs": len(values),
                }
            rows.append(row_of(row, loads.section_of(m, row), results))
    for mean in loads.means():
        results = geometric_mean(mean, plan, rows)
        if results:
            rows.append(row_of(mean, mean.section, results))
    order = [s[0] for s in loads.SECTIONS]
    rows.sort(key=lambda r: order.index(r["section"]))
    return rows


def disturbed(plan, samples, notes):
    """A thread that had its CPU for itself takes as long as it computes."""
    bad = 0
    total = 0
    for m in plan:
        if m.cpus > 1 or m.at_once or m.group in loads.COUNTED:
            continue
        if m.program == loads.PROGRAM:  # servers wait for what is asked
            continue
        for (id, _), runs in samples.items():
            if id != m.id:
                continue
            for run in runs:
                if "cpu_ns" in run:
                    total += 1
                    bad += run["ns"] > 1.1 * run["cpu_ns"]
    if bad:
        notes.append(
            f"the machine was not idle: {bad} of {total} runs of one thread "
            "waited for a CPU; rows of several threads suffer from that"
        )


# --- where the numbers come from ----------------------------------------------------


def first_of(path, key):
    try:
        for line in open(path):
            if line.startswith(key):
                return re.split(r"[:=]", line, maxsplit=1)[1].strip().strip('"')
    except OSError:
        pass
    return ""


def text_of(path):
    try:
        return pathlib.Path(path).read_text().strip()
    except OSError:
        return ""


def provenance(folder, args, versions, load_before, backend):
    git = ["git", "-C", str(ROOT)]
    dirty = bool(output_of(*git, "status", "--porcelain", "--", "src", "include"))
    options = {}
    try:
        for one in json.loads(
            output_of("/usr/bin/meson", "introspect", "--buildoptions", folder)
        ):
            options[one["name"]] = one["value"]
    except ValueError:
        pass
    compiler = ""
    for line in text_of(folder / "meson-logs/meson-log.txt").splitlines():
        match = re.match(r'C compiler for the host machine: .*"(.*)"', line)
        if match:
            compiler = match[1]
    kib = first_of("/proc/meminfo", "MemTotal").split()
    return {
        "date": datetime.datetime.now().astimezone().isoformat("T", "seconds"),
        "command": shlex.join([os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]]),
        "quick": args.quick,
        "repeat": args.repeat,
        "machine": {
            "name": platform.node(),
            "cpu": first_of("/proc/cpuinfo", "model name"),
            "cores": len(os.sched_getaffinity(0)),
            "one_thread_on_cpu": max(os.sched_getaffinity(0)),
            "memory_gib": round(int(kib[0]) / 1024**2, 1) if kib else 0,
            "virtual": output_of("systemd-detect-virt") or "unknown",
            "kernel": platform.release(),
            "os": first_of("/etc/os-release", "PRETTY_NAME"),
            "huge_pages": text_of("/sys/kernel/mm/transparent_hugepage/enabled"),
            "load_before": load_before,
            "load_after": list(os.getloadavg()),
        },
        "build": {
            "commit": output_of(*git, "rev-parse", "--short=12", "HEAD")
            + (" with changes" if dirty else ""),
            "compiler": compiler or "unknown",
            "buildtype": str(options.get("buildtype", "unknown")),
            "debug_checks": bool(options.get("debug_checks", False)),
            "backend": backend,
        },
        "peers": versions,
        "environment": {
            k: v for k, v in os.environ.items() if k.startswith(TUNING)
        },
    }


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps(str(value))


def write_meta(path, meta, notes):
    lines = [
        "# SPDX-License-Identifier: MIT",
        "# SPDX-FileCopyrightText: 2026 The libkmem authors",
    ]
    flat = {k: v for k, v in meta.items() if not isinstance(v, dict)}
    lines += [f"{k} = {toml(v)}" for k, v in flat.items()]
    lines.append("notes = [")
    lines += [f"  {toml(note)}," for note in notes]
    lines.append("]")
    for name, value in meta.items():
        if isinstance(value, dict):
            lines += ["", f"[{name}]"]
            lines += [f"{toml(k)} = {toml(v)}" for k, v in value.items()]
    path.write_text("\n".join(lines) + "\n")


def make_folder(folder):
    """For results: what lies in it is ours."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".license").write_text(
        "SPDX-License-Identifier: MIT\n"
        "SPDX-FileCopyrightText: 2026 The libkmem authors\n"
    )


def write_results(folder, summary, samples):
    make_folder(folder)
    with open(folder / "raw.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["measurement", "allocator", "repeat", "metric", "value"])
        for (id, name), runs in samples.items():
            for i, run in enumerate(runs):
                for metric, value in run.items():
                    out.writerow([id, name, i + 1, metric, f"{value:.6g}"])
    with open(folder / "summary.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        columns = ["median", "min", "max", "cov", "runs", "ratio"]
        out.writerow(
            ["section", "row", "title", "unit", "allocator", *columns]
            + ["goal", "note"]
        )
        for row in summary["rows"]:
            for name, result in row["results"].items():
                out.writerow(
                    [
                        *(row[k] for k in ("section", "id", "title", "unit")),
                        name,
                        *(
                            f"{result[c]:.6g}"
                            if result.get(c) is not None
                            else ""
                            for c in columns
                        ),
                        table.goal(row) if name == OURS else "",
                        result.get("why", ""),
                    ]
                )
    _, why = plot.draw(folder)
    if why:
        summary["notes"].append(why)
    write_meta(folder / "meta.toml", summary["meta"], summary["notes"])


# --- the command --------------------------------------------------------------------


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = p.add_argument
    add("--build", default="build", metavar="DIR", help="build folder")
    add("--options", default="", help="options for meson, in one word")
    add("--repeat", type=int, help="runs of each competitor (5, quick: 1)")
    add("--peers", default="", metavar="NAME[@VERSION]=FILE[;VAR=VALUE],...",
        help="more peers; without NAME= they are called as their files are")
    add("--only", default="*", metavar="NAMES", help="measurements, wildcards")
    add("--quick", action="store_true", help="tiny loads: does it work at all?")
    add("--json", action="store_true", help="the summary as JSON on stdout")
    add("--out", metavar="DIR", help="results; default bench/results/DATE-MACHINE")
    add("--documents", metavar="DIR",
        help="where README.md and docs/bench.md are; default: this tree")
    add("--list", action="store_true", help="name the measurements")
    args = p.parse_args()
    args.repeat = args.repeat or (1 if args.quick else 5)
    if args.repeat < 1:
        p.error("--repeat is at least 1")
    return args


def main():
    args = arguments()
    patterns = args.only.split(",")
    plan = [
        m
        for m in loads.plan()
        if any(fnmatch.fnmatch(m.id, pattern) for pattern in patterns)
    ]
    if args.list:
        print("\n".join(m.id for m in plan))
        return 0
    if not plan:
        sys.exit(f"bench: no measurement is called {args.only}; see --list")

    folder = (ROOT / args.build).resolve()
    build(folder, args.options.split())
    notes = []
    load_before = list(os.getloadavg())
    peers, versions, settings = find_peers(args.peers, notes)
    runner = Runner(folder, peers, settings, args, notes)
    samples, failures = measure(plan, runner, args, notes)
    disturbed(plan, samples, notes)

    meta = provenance(folder, args, versions, load_before, runner.backend)
    summary = {
        "meta": meta,
        "allocators": list(runner.preload),
        "rows": summarize(plan, runner, samples, failures),
        "notes": notes,
    }
    # A smoke run or a part of the table is nothing to keep.
    whole = not args.quick and args.only == "*"
    if args.out:
        out = pathlib.Path(args.out)
    elif whole:
        machine = re.sub(r"[^A-Za-z0-9_-]+", "-", platform.node()) or "machine"
        out = HERE / "results" / f"{meta['date'][:10]}-{machine}"
    else:
        out = pathlib.Path(tempfile.mkdtemp(prefix="kmem-bench-"))
    write_results(out, summary, samples)
    documents = args.documents or (ROOT if whole else None)
    if documents:
        kept = out.resolve().is_relative_to(ROOT)
        shown = os.path.relpath(out, ROOT) if kept else ""
        table.write_documents(documents, summary, shown)

    if args.json:
        json.dump(summary, sys.stdout, indent=1)
        print()
    else:
        print(table.text(summary))
    print(f"bench: results are in {out}", file=sys.stderr)
    # A peer may fail; we may not.
    ours = [f"{id}: {why}" for (id, name), why in failures.items()
            if name == OURS and not why.startswith("needs ")
            and not why.endswith("is not installed")]
    for line in ours:
        print(f"bench: libkmem failed in {line}", file=sys.stderr)
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
