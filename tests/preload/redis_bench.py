#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Throughput of redis-server on the front beside the C library's malloc.

  redis_bench.py BUILD_FOLDER [ROUNDS]

Servers on loopback ports of their own, no persistence, the same
redis-benchmark for each, interleaved; the medians of ROUNDS (5) and their
ratio, front divided by glibc, go to the standard output.  The line before the
last has the processor time of both servers and its ratio, glibc divided by
front: what to look at when the machine has other work.  The last line is
"ratio N.NNN": the geometric mean of the ratios of all commands.
"""
import csv
import io
import math
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TESTS = "set,get,incr,lpush,lpop,sadd,hset,zadd,lrange_100,mset"


def server_program(folder):
    """redis-server, or the same program under its other name."""
    found = shutil.which("redis-server")
    if found:
        return found
    other = shutil.which("redis-check-rdb")
    if not other:
        return None
    link = pathlib.Path(folder) / "redis-server"
    link.symlink_to(other)
    return str(link)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A redis-server that ends with the object."""

    def __init__(self, program, words=(), folder="."):
        self.port = free_port()
        self.process = subprocess.Popen(
            [*words, program, "--port", str(self.port), "--bind", "127.0.0.1",
             "--save", "", "--appendonly", "no", "--dir", str(folder),
             "--daemonize", "no", "--loglevel", "warning"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(200):
            if self.process.poll() is not None:
                raise RuntimeError("redis-server: " + self.process.stdout.read())
            if self.cli("ping").strip() == "PONG":
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("redis-server does not answer")

    def cli(self, *words, text=None):
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), *words],
            input=text, capture_output=True, text=True, check=False,
        ).stdout

    def bench(self, *words):
        """Requests a second, by command."""
        out = subprocess.run(
            ["redis-benchmark", "-p", str(self.port), "--csv", *words],
            capture_output=True, text=True, check=True,
        ).stdout
        rows = list(csv.reader(io.StringIO(out)))
        return {row[0]: float(row[1]) for row in rows[1:] if len(row) > 1}

    def memory(self):
        for line in self.cli("info", "memory").splitlines():
            if line.startswith("used_memory_rss:"):
                return int(line.split(":")[1])
        return 0

    def processor_time(self):
        """Seconds in user and kernel mode, the main thread's."""
        return sum(
            float(line.split(":")[1])
            for line in self.cli("info", "cpu").splitlines()
            if line.startswith(("used_cpu_user_main", "used_cpu_sys_main"))
        )

    def stop(self):
        """The exit status, and what the server said."""
        self.cli("shutdown", "nosave")
        try:
            said, _ = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            said, _ = self.process.communicate()
        return self.process.returncode, said


def measure(build, rounds=5, requests=60000):
    """{command: (glibc, front)} as medians; the two servers' RSS and
    processor times; how they ended."""
    with tempfile.TemporaryDirectory(prefix="kmem-redis-") as folder:
        program = server_program(folder)
        kmem = str(pathlib.Path(build).resolve() / "kmem")
        servers = [Server(program, (), folder),
                   Server(program, (kmem, "run", "--"), folder)]
        load = ("-t", TESTS, "-n", str(requests), "-c", "20", "-P", "8",
                "-d", "100", "-r", "20000")
        results = [[], []]
        try:
            for server in servers:
                server.bench("-t", TESTS, "-n", "5000", "-P", "8")
            spent = [-server.processor_time() for server in servers]
            for number in range(rounds):
                order = (0, 1) if number % 2 == 0 else (1, 0)
                for which in order:
                    servers[which].cli("flushall")
                    results[which].append(servers[which].bench(*load))
            rss = [server.memory() for server in servers]
            for which, server in enumerate(servers):
                spent[which] += server.processor_time()
        finally:
            ends = [server.stop() for server in servers]
        medians = {
            name: tuple(
                statistics.median(r[name] for r in results[w]) for w in (0, 1)
            )
            for name in results[0][0]
        }
        return medians, (rss, spent), ends


def mean_ratio(medians):
    logs = [math.log(front / glibc) for glibc, front in medians.values()]
    return math.exp(sum(logs) / len(logs))


def report(medians, both):
    rss, spent = both
    yield f"{'command':<40} {'glibc/s':>10} {'front/s':>10} {'ratio':>6}"
    for name, (glibc, front) in medians.items():
        yield f"{name[:40]:<40} {glibc:>10.0f} {front:>10.0f} {front / glibc:>6.3f}"
    yield f"{'RSS at the end, MiB':<40} {rss[0] >> 20:>10} {rss[1] >> 20:>10}"
    yield (f"{'processor time, s':<40} {spent[0]:>10.2f} {spent[1]:>10.2f}"
           f" {spent[0] / spent[1]:>6.3f}")
    yield f"ratio {mean_ratio(medians):.3f}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in ("LD_PRELOAD", "KMEM_OPTIONS", "KMEM_MALLOC_LIB"):
        os.environ.pop(name, None)
    got, servers_both, _ = measure(
        sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
    print("\n".join(report(got, servers_both)))
