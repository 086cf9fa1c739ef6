#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""redis-server on the front: the same answers, forked saves, throughput."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import redis_bench  # noqa: E402
import tap  # noqa: E402

# Strings, hashes, lists, sets, a script; then a digest of all there is.
LUA = """
for i = 1, 4000 do
  redis.call('set', 'k' .. i, string.rep(tostring(i), i % 400 + 1))
  redis.call('hset', 'h' .. i % 50, 'f' .. i, string.rep('v', i % 90))
  redis.call('rpush', 'l' .. i % 20, i, i * 7)
  redis.call('sadd', 's' .. i % 30, i % 700, 'member' .. i)
  redis.call('zadd', 'z' .. i % 10, i * 31 % 1009, 'm' .. i)
  redis.call('append', 'long', string.rep('x', i % 1000))
end
for i = 1, 4000, 3 do redis.call('del', 'k' .. i) end
return redis.call('dbsize')
"""


def answers(server, folder):
    out = [server.cli("eval", LUA, "0")]
    out.append(server.cli("debug", "digest"))
    out.append(server.cli("object", "encoding", "long"))
    out.append(server.cli("strlen", "long"))
    out.append(server.cli("zrange", "z3", "0", "40", "withscores"))
    out.append(server.cli("sort", "l5", "desc", "limit", "0", "30"))
    out.append(server.cli("config", "set", "dir", str(folder)))
    # a child of fork() writes the file while its parent goes on
    out.append(server.cli("bgsave"))
    for _ in range(200):
        if "rdb_bgsave_in_progress:0" in server.cli("info", "persistence"):
            break
    info = server.cli("info", "persistence")
    out.append([l for l in info.splitlines() if "last_bgsave_status" in l])
    out.append(server.cli("flushall"))
    out.append(server.cli("debug", "reload"))
    out.append(server.cli("config", "set", "activedefrag", "no"))
    return out


def test(t):
    missing = t.missing("redis-cli", "redis-benchmark")
    program = redis_bench.server_program(t.folder)
    if missing or not program:
        t.skip("redis", f"{missing or 'redis-server'} is not installed")
        return
    got = []
    for name, words in (("plain", ()), ("front", t.front())):
        (t.folder / name).mkdir()
        server = redis_bench.Server(program, words, t.folder / name)
        got.append(answers(server, t.folder / name))
        status, said = server.stop()
        t.same(status, 0, f"{name}: ends as it should")
        t.quiet(said, f"{name}: says nothing odd")
    t.same(got[1], got[0], "the same answers")
    t.ok("OK" in got[1][-1] or got[1][0].strip().isdigit(), "which are answers", got[1])

    medians, both, ends = redis_bench.measure(t.build, 3, 30000)
    t.note("\n".join(redis_bench.report(medians, both)))
    t.ok(len(medians) >= 9, "redis-benchmark ran on both", medians)
    t.same([status for status, _ in ends], [0, 0], "and both ended well")
    t.quiet(ends[1][1], "no report")


tap.main(test)
