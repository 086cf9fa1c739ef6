# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What is measured: the list of measurements and the rows they fill.

A measurement is one program run for each competitor, REPEAT times; it fills
one row or several.  "libkmem" is ours in every group: the malloc front in
`front` and `servers`, the typed calls in `typed` and `dpdk`, this_cpu_add() in
`percpu`, whose peers are other ways to add.

A goal is the most that a row's ratio, or our value itself, may be.
"""
from dataclasses import dataclass, field

OURS = "libkmem"
DPDK = "rte_mempool"
# Other additions than this CPU's, and their modes of bench-load-percpu.
ADDS = {"thread-local": "thread", "atomic": "atomic"}

# Of the one that measures: what to divide a metric by to get the unit.
UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "MiB": 1024, "%": 1,
         "instructions": 1, "lines": 1, "faults": 1, "calls": 1,
         "per million": 1}


@dataclass
class Goal:
    limit: float
    of: str = "ratio"  # to the row's best peer; or "value": ours alone

    def state(self, result):
        """Of ours: met or missed; None when there is nothing to judge."""
        key = "ratio" if self.of == "ratio" else "median"
        value = (result or {}).get(key)
        if value is None:
            return None
        return "met" if value <= self.limit else "missed"


@dataclass
class Row:
    id: str
    title: str
    unit: str
    metric: str
    goal: Goal | None = None
    section: str = ""  # where it is shown; else its measurement's group


@dataclass
class Mean:
    """A row computed from others: geometric mean over those it has."""

    id: str
    title: str
    unit: str
    section: str
    goal: Goal
    of: object  # says of a measurement and a row whether it is of them


@dataclass
class Measurement:
    id: str
    group: str  # of SECTIONS
    rows: list
    seconds: float  # of one full run, roughly: for the time that is left
    mode: str  # of `program`, for malloc
    ours: str = ""  # mode of `typed`, when ours is typed
    cpus: int = 1  # that are needed for the load to mean what it says
    at_once: bool = False  # mostly sleep: all competitors may run together
    program: str = "bench-load"
    typed: str = "bench-load-cache"
    part: str = ""  # pair, get or put, of which instructions are counted
    functions: list = field(default_factory=list)  # counted by callgrind
    # Ours, as (file, symbol) to read off where callgrind cannot run them.
    straight: list = field(default_factory=list)


def timed(
    id, title, seconds, mode=None, ours="", cpus=1, group="front", goal=None,
    typed="bench-load-cache",
):
    """One thread's time is CPU time; threads are timed by the clock."""
    metric = "cpu_ns" if cpus == 1 else "ns"
    row = Row(id, title, "ns", metric, Goal(goal) if goal else None)
    return Measurement(
        id, group, [row], seconds, id if mode is None else mode, ours=ours,
        cpus=cpus, typed=typed,
    )


def served(id, title, seconds, cpus=1, peak=""):
    """A load of bench-load-servers; `peak` is the title of its peak's row."""
    one = timed(id, title, seconds, cpus=cpus, group="servers", goal=1.15)
    one.program = "bench-load-servers"
    if peak:
        one.rows.append(peak_row(id, peak))
    return one


def peak_row(id, title):
    return Row(f"peak-{id}", title, "MiB", "peak_kib", section="memory")


def called(id, title, seconds, goal=1.0):
    """A load of bench-load-calls."""
    one = timed(id, title, seconds, group="calls", goal=goal)
    one.program = "bench-load-calls"
    return one


def calls():
    return [
        called("calloc-200", "calloc, 200 B, 128 FIFO", 0.2),
        called("calloc-large", "calloc, 64 to 512 KiB, each page written", 0.2),
        called("realloc-half", "realloc, by a half to 1 MiB", 0.3),
        called("realloc-one", "realloc, by a byte to 64 KiB", 0.3),
        called("aligned-64", "aligned_alloc(64), 192 B, 128 FIFO", 0.2),
        called("aligned-4096", "aligned_alloc(4096), 8 KiB, 128 FIFO", 0.2),
        called("blocks", "1 to 15 MiB, each page written", 0.4),
        called("strings", "strings copied and joined", 0.3),
        called("cxx-pair", "new and sized delete, 48 B", 0.2),
        called("cxx-fifo", "the same, 128 FIFO", 0.2),
    ]


PARTS = ("p50", "p99", "p99.9", "p99.99", "p99.999", "max")


def latency_rows(names, prefix=""):
    """names: what malloc and free are called in the table."""
    for call, name in zip(("malloc", "free"), names):
        for part in PARTS:
            yield Row(
                f"{prefix}{call}-{part}", f"{name}, {part}", "ns",
                f"{call}_{part}_ns",
            )


def tails():
    """Threads, and memory that goes back: the rare calls alone."""
    of = {
        "latency-2": "2 threads",
        "latency-64": "64 threads",
        "latency-give": "memory goes back",
    }
    return [
        Measurement(
            id, "latency",
            [Row(f"{id}-{call}-{part}", f"{call}, {title}, {part}", "ns",
                 f"{call}_{part}_ns", Goal(1.0))
             for call in ("malloc", "free") for part in ("p99.99", "max")],
            0.8, id, cpus=2,
        )
        for id, title in of.items()
    ]


def atomic():
    """Ours with GFP_ATOMIC, which makes no system call."""
    names = ("kmalloc(GFP_ATOMIC)", "kfree")
    calls = Row(
        "atomic-syscalls", "system calls, GFP_ATOMIC and kfree",
        "per million", "syscalls", Goal(0, "value"),
    )
    return [
        Measurement(
            "atomic-latency", "latency", list(latency_rows(names, "atomic-")),
            1, "latency", ours="atomic-latency",
        ),
        Measurement(
            "atomic-syscalls", "syscalls", [calls], 1, "syscalls",
            ours="atomic-syscalls",
        ),
        Measurement(
            "syscalls", "syscalls",
            [Row("syscalls", "system calls, malloc and free", "per million",
                 "syscalls")],
            1, "syscalls",
        ),
    ]


def counted(id, title, part, mode, functions, ours="", straight=(), goal=None):
    row = Row(
        "insn-" + id,
        title,
        "instructions",
        "instructions",
        Goal(goal, "value") if goal else None,
    )
    return Measurement(
        "insn-" + id,
        "instructions",
        [row],
        1.5,
        mode,
        ours=ours,
        part=part,
        functions=functions,
        straight=list(straight),
    )


def added(id, title, ours, call="", goal=None):
    """`call` ends the modes of which each addition is a call."""
    return timed(
        id, title, 0.3, mode=call, ours=ours + call, group="percpu", goal=goal,
        typed="bench-load-percpu",
    )


def percpu():
    return [
        added("percpu-static", "of DEFINE_PER_CPU()", "static", goal=2.2),
        added("percpu-dynamic", "of alloc_percpu()", "dynamic", goal=2.2),
        added(
            "percpu-static-call", "DEFINE_PER_CPU(), in a function called",
            "static", "-call", 2.0,
        ),
        added(
            "percpu-dynamic-call", "alloc_percpu(), in a function called",
            "dynamic", "-call", 2.0,
        ),
    ]


LIBRARY, FRONT = "libkmem.so.0", "libkmem-malloc.so"


def instructions():
    """A called allocation and a called free have a goal each."""
    alloc = (LIBRARY, "kmem_kmem_cache_alloc")
    free = (LIBRARY, "kmem_kmem_cache_free")
    kmalloc, kfree = (LIBRARY, "kmem_kmalloc"), (LIBRARY, "kmem_kfree")
    front, put = (FRONT, "malloc"), (FRONT, "free")
    pair = ["measured_pair_64"]
    return [
        counted(
            "pair", "malloc + free, 64 B", "pair", "pair-64", pair,
            straight=[front, put],
        ),
        counted(
            "malloc", "malloc, 64 in a row", "get", "halves",
            ["measured_libc_get"], straight=[front], goal=16,
        ),
        counted(
            "free", "free, 64 in a row", "put", "halves",
            ["measured_libc_put"], straight=[put], goal=16,
        ),
        counted(
            "cache-pair", "kmem_cache_alloc + free", "pair", "pair-64",
            [*pair, "measured_cache_pair"], "cache-pair", [alloc, free],
        ),
        counted(
            "cache-alloc", "kmem_cache_alloc", "get", "halves",
            ["measured_libc_get", "measured_cache_get"], "cache-halves",
            [alloc], 16,
        ),
        counted(
            "cache-free", "kmem_cache_free", "put", "halves",
            ["measured_libc_put", "measured_cache_put"], "cache-halves",
            [free], 16,
        ),
        counted(
            "kmalloc-pair", "kmalloc(64) + kfree", "pair", "pair-64",
            [*pair, "measured_kmalloc_pair"], "kmalloc-pair",
            [kmalloc, kfree],
        ),
        counted(
            "kmalloc", "kmalloc(64)", "get", "halves",
            ["measured_libc_get", "measured_kmalloc_get"], "kmalloc-halves",
            [kmalloc], 16,
        ),
        counted(
            "kfree", "kfree", "put", "halves",
            ["measured_libc_put", "measured_kmalloc_put"], "kmalloc-halves",
            [kfree], 16,
        ),
        counted(
            "mempool-pair", "mempool_alloc + free", "pair", "pair-64",
            [*pair, "measured_pool_pair"], "mempool-pair",
        ),
    ]


def touched(id, what, mode, ours, straight):
    rows = [
        Row(f"lines-{id}-get", what[0], "lines", "lines_get"),
        Row(f"lines-{id}-put", what[1], "lines", "lines_put"),
    ]
    return Measurement(
        f"lines-{id}", "lines", rows, 3, mode, ours=ours, straight=straight
    )


def lines():
    return [
        touched(
            "malloc", ("malloc", "free"), "lines", "",
            [(FRONT, "malloc"), (FRONT, "free")],
        ),
        touched(
            "cache", ("kmem_cache_alloc", "kmem_cache_free"), "lines",
            "cache-lines",
            [
                (LIBRARY, "kmem_kmem_cache_alloc"),
                (LIBRARY, "kmem_kmem_cache_free"),
            ],
        ),
    ]


def servers():
    return [
        served(
            "like-larson", "larson: objects outlive threads", 0.6, 2,
            "peak of larson",
        ),
        served(
            "like-xmalloc", "xmalloc: 2 producers, 2 consumers", 1.0, 2,
            "peak of xmalloc",
        ),
        served(
            "like-rptest", "rptest: to 16 KB, a quarter handed on", 0.8, 2,
            "peak of rptest",
        ),
        served(
            "like-mstress", "mstress: trees, generations of threads", 0.9, 2,
            "peak of mstress",
        ),
        served("like-scratch", "cache-scratch: neighbours given away", 0.2, 2),
        served("like-thrash", "cache-thrash: neighbours of one's own", 0.2, 2),
        served(
            "like-alloc-test", "alloc-test: small live set", 0.4, 1,
            "peak of alloc-test",
        ),
        served("like-sh6", "sh6: batches, frees in between", 0.4),
        served(
            "like-sh8", "sh8: the same in 4 threads, some handed on", 0.4, 2,
            "peak of sh8",
        ),
        served(
            "like-large", "malloc-large: 5 to 25 MiB, 20 live", 1.5, 1,
            "peak of malloc-large",
        ),
        served("like-simple", "glibc-simple: batches of 25 to 1,600", 0.5),
        served(
            "like-thread", "glibc-thread: sets of 1,024, to 32 KiB", 0.8, 2,
            "peak of glibc-thread",
        ),
    ]


# Name for bench/program.py, what it does.
PROGRAMS = (
    ("redis", "redis: a million commands through a pipe"),
    ("sqlite", "sqlite: inserts, indices, joins"),
    ("python", "python: JSON, dictionaries, sorting, trees"),
    ("json", "JSON server in python: 1,200 requests"),
    ("gcc", "gcc: C, -O2"),
    ("g++", "g++: templates, -O1"),
    ("git", "git gc: a history of 300 files"),
)
# Not one of the build's: it starts one of those above.
PROGRAM = "program.py"


def programs():
    """CPU time, the whole process: start and end are of it."""
    return [
        Measurement(
            f"program-{name}", "programs",
            [
                Row(f"program-{name}", title, "ms", "cpu_ns"),
                Row(f"program-{name}-peak", f"peak of {title.split(':')[0]}",
                    "MiB", "peak_kib"),
            ],
            2.5, name, program=PROGRAM,
        )
        for name, title in PROGRAMS
    ]


SMALL = (
    ("small-true", "/bin/true"),
    ("small-bash", "bash -c :"),
    ("small-python", "python3 -c 1"),
    ("small-git", "git status"),
)


def small():
    """Nearly all of it is the start; glibc, which is there, is the best."""
    return [
        Measurement(
            name, "small",
            [
                Row(name, f"{title}, CPU time", "us", "cpu_ns"),
                Row(f"{name}-faults", f"{title}, page faults", "faults", "faults"),
                Row(f"{name}-calls", f"{title}, system calls", "calls", "calls"),
                Row(f"{name}-peak", f"{title}, resident", "MiB", "peak_kib",
                    Goal(1.03)),
            ],
            0.4, name, program=PROGRAM,
        )
        for name, title in SMALL
    ]


def plan():
    front = [
        timed("pair-64", "pair, 64 B", 0.3, goal=1.0),
        timed("pair-256", "pair, 256 B", 0.3, goal=1.0),
        timed("lifo-128", "128 allocated, freed LIFO", 0.3, goal=1.0),
        timed("fifo-128", "128, FIFO", 0.3, goal=1.0),
        timed("fifo-16k", "16,384, FIFO", 0.25, goal=0.9),
        timed("fifo-1m", "1,048,576, FIFO", 0.5, goal=0.9),
        timed("replace-1", "100,000 slots replaced at random", 0.4, goal=1.0),
        timed("replace-2", "the same in 2 threads", 0.6, cpus=2, goal=1.0),
        timed("replace-64", "64 threads, 2,000 slots each", 0.4, cpus=2, goal=1.0),
        timed("prodcons", "producer and consumer, 64 B", 0.6, cpus=2, goal=0.9),
        timed("handoff", "allocated here, freed there, gated", 0.6, cpus=2),
    ]
    peaks = {
        "fifo-1m": "peak of 1,048,576 FIFO",
        "replace-1": "peak of random replacement",
        "replace-64": "peak of 64 threads",
    }
    for one in front:
        if one.id in peaks:
            one.rows.append(peak_row(one.id, peaks[one.id]))
    return [
        *front,
        *servers(),
        *calls(),
        *programs(),
        *small(),
        Measurement(
            "latency", "latency", list(latency_rows(("malloc", "free"))), 0.8,
            "latency",
        ),
        *tails(),
        *atomic(),
        Measurement(
            "idle",
            "memory",
            [
                Row(
                    "idle",
                    "2,000 threads that sleep",
                    "MiB",
                    "idle_kib",
                    Goal(0.12),
                ),
            ],
            18,
            "idle",
            at_once=True,
        ),
        Measurement(
            "rss",
            "memory",
            [
                Row("rss-full", "1,000,000 objects live", "MiB", "full_kib"),
                Row("rss-95", "3 s after freeing 95 %", "MiB", "rss95_kib"),
                Row("rss-100", "3 s after freeing all", "MiB", "rss100_kib"),
                Row(
                    "rss-left",
                    "the same, % of its own peak",
                    "%",
                    "left_percent",
                    Goal(4, "value"),
                    "memory",
                ),
            ],
            7,
            "rss",
            at_once=True,
        ),
        Measurement(
            "breathe",
            "memory",
            [
                Row(f"breathe-{each}", f"up and down, {each}", "ns",
                    f"cpu_{each}_ns", section="front")
                for each in ("10ms", "100ms", "1s", "10s")
            ],
            25,
            "breathe",
            at_once=True,
        ),
        timed(
            "cache-pair",
            "kmem_cache_alloc + free, 64 B",
            0.3,
            mode="pair-64",
            ours="cache-pair",
            group="typed",
            goal=0.6,
        ),
        timed(
            "cache-pair-inline",
            "the same, inlined",
            0.3,
            mode="pair-64",
            ours="cache-pair",
            group="typed",
            goal=0.35,
            typed="bench-load-cache-inline",
        ),
        timed(
            "kmalloc-pair",
            "kmalloc(64) + kfree",
            0.3,
            mode="pair-64",
            ours="kmalloc-pair",
            group="typed",
        ),
        timed(
            "kmalloc-pair-inline",
            "the same, kmalloc inlined",
            0.3,
            mode="pair-64",
            ours="kmalloc-pair",
            group="typed",
            goal=0.7,
            typed="bench-load-cache-inline",
        ),
        timed(
            "cache-fifo-128",
            "cache, 128 FIFO",
            0.3,
            mode="fifo-128",
            ours="cache-fifo-128",
            group="typed",
        ),
        timed(
            "cache-bulk-64",
            "cache, bulk of 64",
            0.2,
            mode="fifo-64",
            ours="cache-bulk-64",
            group="typed",
        ),
        timed(
            "mempool-pair",
            "mempool_alloc + free, 64 B",
            0.3,
            mode="pair-64",
            ours="mempool-pair",
            group="typed",
        ),
        timed(
            "mempool-handoff",
            "mempool, freed by the other thread",
            0.6,
            mode="handoff",
            ours="mempool-handoff",
            cpus=2,
            group="typed",
        ),
        timed(
            "page-pair",
            "alloc_pages + free, order 0",
            0.2,
            mode="pair-4096",
            ours="page-pair",
            group="typed",
        ),
        timed(
            "page-pair-3",
            "alloc_pages + free, order 3",
            0.2,
            mode="pair-32k",
            ours="page-pair-3",
            group="typed",
        ),
        timed(
            "page-bulk-64",
            "alloc_pages_bulk + free_pages_bulk, 64",
            0.2,
            mode="fifo-64-4096",
            ours="page-bulk-64",
            group="typed",
        ),
        timed(
            "dpdk-pair",
            "mempool_alloc + free, 64 B",
            0.4,
            mode="mempool-pair",
            ours="mempool-pair",
            group="dpdk",
            goal=0.8,
        ),
        timed(
            "dpdk-pair-inline",
            "the same, inlined as DPDK's are",
            0.4,
            mode="mempool-pair",
            ours="mempool-pair",
            group="dpdk",
            goal=0.8,
            typed="bench-load-cache-inline",
        ),
        timed(
            "dpdk-handoff",
            "mempool, freed by the other thread",
            0.6,
            mode="mempool-handoff",
            ours="mempool-handoff",
            cpus=2,
            group="dpdk",
        ),
        *percpu(),
        *instructions(),
        *lines(),
    ]


def means():
    return [
        Mean(
            "mean-servers",
            "geometric mean",
            "ns",
            "servers",
            Goal(0.95),
            lambda m, row: m.group == "servers" and row.unit == "ns",
        ),
        Mean(
            "mean-peak",
            "geometric mean of the peaks",
            "MiB",
            "memory",
            Goal(1.0),
            lambda m, row: row.section == "memory"
            and row.metric == "peak_kib",
        ),
        Mean(
            "mean-programs",
            "geometric mean of the times",
            "ms",
            "programs",
            Goal(0.98),
            lambda m, row: m.group == "programs" and row.unit == "ms",
        ),
        Mean(
            "mean-programs-peak",
            "geometric mean of the programs' peaks",
            "MiB",
            "programs",
            Goal(1.0),
            lambda m, row: m.group == "programs" and row.unit == "MiB",
        ),
    ]


# Where a row is shown: group, heading, what the numbers are.
SECTIONS = (
    ("front", "malloc + free", "ns for an allocation and its free"),
    ("servers", "As servers and test programs do", "ns for an operation"),
    ("calls", "Other calls of malloc's family", "ns for a call, its free included"),
    ("programs", "Whole programs", "ms of CPU time, resident MiB at most"),
    ("small", "Small programs, from start to end", "time, faults, calls, resident"),
    ("memory", "Memory", "resident MiB of the process"),
    ("typed", "Typed calls beside malloc + free", "ns, same loop"),
    ("dpdk", "Pools beside DPDK's", "ns, same loop"),
    ("percpu", "this_cpu_add() beside other additions", "ns, same loop"),
    ("latency", "Latency of one call under random replacement", "ns"),
    ("syscalls", "System calls", "per million operations, no warm-up counted"),
    ("instructions", "Instructions", "executed, loop not counted"),
    ("lines", "Cache lines", "of data that a call touches, stack left out"),
)


# The same in each run: one is enough, and no clock matters.
COUNTED = ("instructions", "lines")


def competitors(group, allocators):
    """Who is in a section's columns."""
    own = {"dpdk": [OURS, DPDK], "percpu": [OURS, *ADDS]}
    return own.get(group, list(allocators))


def section_of(measurement, row):
    """Peaks are read in runs that are timed as well."""
    return row.section or measurement.group
