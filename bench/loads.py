# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What is measured: the list of measurements and the rows they fill.

A measurement is one program run for each competitor, REPEAT times; it fills
one row or several.  "libkmem" is ours in every group: the malloc front in
`front`, the typed calls in `typed` and `dpdk`.
"""
from dataclasses import dataclass, field

OURS = "libkmem"
DPDK = "rte_mempool"

# Of the one that measures: what to divide a metric by to get the unit.
UNITS = {"ns": 1, "MiB": 1024, "instructions": 1}


@dataclass
class Row:
    id: str
    title: str
    unit: str
    metric: str


@dataclass
class Measurement:
    id: str
    group: str  # front, latency, memory, typed, dpdk, instructions
    rows: list
    seconds: float  # of one full run, roughly: for the time that is left
    mode: str  # of bench-load, for malloc
    ours: str = ""  # mode of bench-load-cache, when ours is typed
    cpus: int = 1  # that are needed for the load to mean what it says
    at_once: bool = False  # mostly sleep: all competitors may run together
    functions: list = field(default_factory=list)  # counted by callgrind


def timed(id, title, seconds, mode=None, ours="", cpus=1, group="front"):
    """One thread's time is CPU time; threads are timed by the clock."""
    metric = "cpu_ns" if cpus == 1 else "ns"
    row = Row(id, title, "ns", metric)
    return Measurement(
        id, group, [row], seconds, mode or id, ours=ours, cpus=cpus
    )


def latency_rows():
    for call in ("malloc", "free"):
        for part in ("p50", "p99", "p99.9", "p99.99", "max"):
            yield Row(
                f"{call}-{part}", f"{call}, {part}", "ns", f"{call}_{part}_ns"
            )


def counted(id, title, mode, functions, ours=""):
    row = Row("insn-" + id, title, "instructions", "instructions")
    return Measurement(
        "insn-" + id,
        "instructions",
        [row],
        1.5,
        mode,
        ours=ours,
        functions=functions,
    )


def plan():
    front = [
        timed("pair-64", "pair, 64 B", 0.3),
        timed("pair-256", "pair, 256 B", 0.3),
        timed("lifo-128", "128 allocated, freed LIFO", 0.3),
        timed("fifo-128", "128, FIFO", 0.3),
        timed("fifo-16k", "16,384, FIFO", 0.25),
        timed("fifo-1m", "1,048,576, FIFO", 0.5),
        timed("replace-1", "100,000 slots replaced at random", 0.4),
        timed("replace-2", "the same in 2 threads", 0.6, cpus=2),
        timed("replace-64", "64 threads, 2,000 slots each", 0.4, cpus=2),
        timed("prodcons", "producer and consumer, 64 B", 0.6, cpus=2),
        timed("handoff", "allocated here, freed there, gated", 0.6, cpus=2),
    ]
    peak = "peak_kib"
    extra = {
        "fifo-1m": Row("peak-fifo-1m", "peak of 1,048,576 FIFO", "MiB", peak),
        "replace-1": Row(
            "peak-replace-1", "peak of random replacement", "MiB", peak
        ),
        "replace-64": Row(
            "peak-replace-64", "peak of 64 threads", "MiB", peak
        ),
    }
    for one in front:
        if one.id in extra:
            one.rows.append(extra[one.id])
    return [
        *front,
        Measurement("latency", "latency", list(latency_rows()), 0.8, "latency"),
        Measurement(
            "idle",
            "memory",
            [
                Row("idle", "2,000 threads that sleep", "MiB", "idle_kib"),
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
            ],
            7,
            "rss",
            at_once=True,
        ),
        timed(
            "cache-pair",
            "kmem_cache_alloc + free, 64 B",
            0.3,
            mode="pair-64",
            ours="cache-pair",
            group="typed",
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
            "dpdk-pair",
            "mempool_alloc + free, 64 B",
            0.4,
            mode="mempool-pair",
            ours="mempool-pair",
            group="dpdk",
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
        counted("pair", "malloc + free, 64 B", "pair-64", ["measured_pair_64"]),
        counted("malloc", "malloc, 64 in a row", "halves", ["measured_get"]),
        counted("free", "free, 64 in a row", "halves", ["measured_put"]),
        counted(
            "cache-pair",
            "kmem_cache_alloc + free",
            "pair-64",
            ["measured_pair_64", "measured_cache_pair"],
            ours="cache-pair",
        ),
        counted(
            "kmalloc-pair",
            "kmalloc(64) + kfree",
            "pair-64",
            ["measured_pair_64", "measured_kmalloc_pair"],
            ours="kmalloc-pair",
        ),
        counted(
            "mempool-pair",
            "mempool_alloc + free",
            "pair-64",
            ["measured_pair_64", "measured_pool_pair"],
            ours="mempool-pair",
        ),
    ]


# Where a row is shown: group, heading, what the numbers are.
SECTIONS = (
    ("front", "malloc + free", "ns for an allocation and its free"),
    ("memory", "Memory", "resident MiB of the process"),
    ("typed", "Typed calls beside malloc + free", "ns, same loop"),
    ("dpdk", "Pools beside DPDK's", "ns, same loop"),
    ("latency", "Latency of one call under random replacement", "ns"),
    ("instructions", "Instructions", "executed, loop not counted"),
)


def section_of(measurement, row):
    """Peaks are read in runs that are timed as well."""
    return "memory" if row.unit == "MiB" else measurement.group
