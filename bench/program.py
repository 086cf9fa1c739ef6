#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""Runs one whole program on one allocator: what it took, a metric a line.

  program.py NAME --build DIR [--preload LIB] [--scale X]

Inputs are made once, below DIR/bench-programs, the same on each machine.
What a program answers must be the same on all allocators: the sum of it
stands beside the input, and another sum is an error.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's, whatever else is in PATH
LIMIT = 100  # seconds; less than RUN_LIMIT of run.py
SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
WORDS = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do".split()


class Failed(Exception):
    pass


class Place:
    """Where a program runs, with what."""

    def __init__(self, args, folder, inputs):
        self.child = str((pathlib.Path(args.build) / "bench-child").resolve())
        self.preload = args.preload
        self.folder = folder  # this run's own
        self.inputs = inputs  # of all runs
        self.scale = args.scale
        self.cpus = sorted(os.sched_getaffinity(0))

    def env(self, **more):
        """Nothing of the user's, so that runs are the same everywhere."""
        return {
            **{k: v for k, v in os.environ.items() if k.startswith(
                ("KMEM_", "MALLOC_", "GLIBC_", "MIMALLOC_", "TCMALLOC_"))},
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "LC_ALL": "C",
            **more,
        }

    def start(self, *command, preload=None, env=None, **streams):
        """The command below bench-child, on the last CPU."""
        library = self.preload if preload is None else preload
        words = [self.child, str(self.folder / "took"), library, *command]
        os.sched_setaffinity(0, self.cpus[-1:])
        try:
            return subprocess.Popen(
                words, cwd=self.folder, env=env or self.env(),
                start_new_session=True,
                **{**SILENT, "stderr": subprocess.PIPE, **streams},
            )
        finally:
            # What talks to it is elsewhere, where there is elsewhere.
            os.sched_setaffinity(0, self.cpus[:-1] or self.cpus)

    def finish(self, process):
        """Its stdout and what it took; the process must end by itself."""
        try:
            out, err = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise Failed(f"no end after {LIMIT} s") from None
        if process.returncode:
            text = err.decode(errors="replace").strip()[-300:]
            raise Failed(f"status {process.returncode}: {text}")
        return out or b"", (self.folder / "took").read_text()

    def run(self, *command, **more):
        return self.finish(self.start(*command, **more))


def scaled(n, scale, least=1):
    return max(least, round(n * scale))


# --- redis ----------------------------------------------------------------------


def redis_command(*words):
    out = [f"*{len(words)}\r\n".encode()]
    for word in words:
        data = str(word).encode()
        out.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(out)


def redis_make(folder, scale):
    """Strings, hashes, lists, sets and sorted sets; a third is deleted."""
    rng = random.Random(1)
    n = scaled(150000, scale, 100)
    filler = "abcdefghij" * 200
    with open(folder / "commands", "wb") as f:
        for turn in range(3):
            for i in range(n):
                k = rng.randrange(n)
                size = 2 ** rng.randrange(3, 10) + rng.randrange(8)
                f.write(redis_command("SET", f"k{k}", filler[:size]))
                kind = i % 8
                if kind == 0:
                    f.write(redis_command(
                        "HSET", f"h{k % 500}", f"f{k}", filler[: size // 2]))
                elif kind == 1:
                    f.write(redis_command("RPUSH", f"l{k % 300}", k, k * 7))
                elif kind == 2:
                    f.write(redis_command("SADD", f"s{k % 300}", f"m{k}"))
                elif kind == 3:
                    f.write(redis_command("ZADD", f"z{k % 200}", k % 997, k))
                elif kind == 4:
                    f.write(redis_command("APPEND", f"k{k}", filler[:30]))
                elif kind == 5:
                    f.write(redis_command("LPOP", f"l{k % 300}"))
                elif kind == 6:
                    f.write(redis_command("GET", f"k{k}"))
            for i in range(turn, n, 3):
                f.write(redis_command("DEL", f"k{i}"))


def redis_run(place):
    program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    link = place.folder / "redis-server"
    link.symlink_to(program)
    path = str(place.folder / "socket")
    # Debian's is linked to jemalloc: nothing to preload would be jemalloc.
    libc = subprocess.run(
        ["ldd", program], capture_output=True, text=True, check=True
    ).stdout.split("libc.so.6 => ")[1].split()[0]
    server = place.start(
        str(link), "--port", "0", "--unixsocket", path, "--save", "",
        "--appendonly", "no", "--hz", "1", "--loglevel", "warning",
        preload=place.preload or libc,
    )

    def cli(*words, **more):
        return subprocess.run(
            ["redis-cli", "-s", path, *words], capture_output=True,
            timeout=LIMIT, check=False, **more,
        ).stdout

    try:
        for _ in range(200):
            if cli("ping").strip() == b"PONG":
                break
            time.sleep(0.02)
        with open(place.inputs / "commands", "rb") as f:
            answer = cli("--pipe", stdin=f)
        if b"errors: 0," not in answer:
            raise Failed(f"redis-cli --pipe: {answer[-200:]}")
        answer += cli("debug", "digest") + cli("dbsize")
        cli("shutdown", "nosave")
        _, took = place.finish(server)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.communicate()
    return answer, took


# --- sqlite ---------------------------------------------------------------------


def sqlite_make(folder, scale):
    rng = random.Random(2)
    n = scaled(60000, scale, 100)
    with open(folder / "script.sql", "w", encoding="ascii") as f:
        f.write("pragma journal_mode = memory; pragma cache_size = -16000;\n")
        for name in ("main", "side"):
            if name == "side":
                f.write("attach ':memory:' as side;\n")
            f.write(
                f"create table {name}.person(id integer primary key, name, "
                "born, city);\n"
                f"create table {name}.sale(id integer primary key, who, "
                "what, amount);\nbegin;\n")
            for i in range(n):
                word = rng.choice(WORDS) + " " + rng.choice(WORDS)
                f.write(
                    f"insert into {name}.person values({i}, "
                    f"'{word} {rng.randrange(n)}', "
                    f"{rng.randrange(1920, 2020)}, "
                    f"'{rng.choice(WORDS)}{rng.randrange(50)}');\n"
                    f"insert into {name}.sale values({i}, {rng.randrange(n)}, "
                    f"'{rng.choice(WORDS)}', {rng.randrange(10000)});\n")
            f.write(
                "commit;\n"
                f"create index {name}.person_city on person(city, born);\n"
                f"create index {name}.sale_who on sale(who);\n"
                f"select city, count(*), sum(amount) from {name}.person p "
                f"join {name}.sale s on s.who = p.id group by city "
                "order by 3 desc limit 20;\n"
                f"select born, group_concat(substr(name, 1, 3)) from "
                f"{name}.person group by born order by born;\n"
                f"update {name}.sale set amount = amount + 1 "
                "where what like '%o%';\n"
                f"select upper(name), instr(name, 'e') from {name}.person "
                "order by name desc limit 500;\n"
                f"delete from {name}.person where id % 3 = 0;\n"
                f"with recursive c(x) as (select 1 union all select x + 1 "
                f"from c where x < {n * 3}) select sum(length(printf('%d-%s', "
                "x, hex(x)))) from c;\n")


def sqlite_run(place):
    with open(place.inputs / "script.sql", "rb") as script:
        return place.run(
            "sqlite3", "-batch", "file.db", stdin=script,
            stdout=subprocess.PIPE,
        )


# --- python ---------------------------------------------------------------------


def nothing_to_make(folder, scale):
    pass


def python_run(place):
    return place.run(
        PYTHON, "-I", str(HERE / "program_python.py"), str(place.scale),
        env=place.env(PYTHONMALLOC="malloc", PYTHONHASHSEED="0"),
        stdout=subprocess.PIPE,
    )


# --- a JSON server ---------------------------------------------------------------


def json_make(folder, scale):
    """Documents of 2 to 40 KiB, as text."""
    rng = random.Random(3)
    for i in range(64):
        people = [
            {
                "id": rng.randrange(1 << 30),
                "name": " ".join(rng.choices(WORDS, k=3)),
                "tags": rng.choices(WORDS, k=rng.randrange(6)),
                "place": {"x": rng.random(), "y": rng.random()},
                "note": None if rng.randrange(3) else "n" * rng.randrange(90),
            }
            for _ in range(rng.randrange(10, 200))
        ]
        (folder / f"{i:02}.json").write_text(json.dumps({"people": people}))


def ask(connection, path, body):
    """One request over a kept connection; the answer's body."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
    connection.sendall(head.encode() + b"\r\n\r\n" + body)
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(1 << 16)
        if not more:
            raise Failed("the server closed the connection")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split()[0])
    parts = [rest]
    left = length - len(rest)
    while left > 0:
        parts.append(connection.recv(left))
        left -= len(parts[-1])
        if not parts[-1]:
            raise Failed("the server closed the connection")
    return b"".join(parts)


def json_run(place):
    documents = [p.read_bytes() for p in sorted(place.inputs.glob("*.json"))]
    path = str(place.folder / "socket")
    server = place.start(
        PYTHON, "-I", str(HERE / "program_server.py"), path,
        env=place.env(PYTHONMALLOC="malloc", PYTHONHASHSEED="0"),
        stdout=subprocess.PIPE,
    )
    answers = hashlib.sha256()
    try:
        if server.stdout.readline().strip() != b"ready":
            raise Failed(server.stderr.read().decode()[-300:])
        connections = []
        for _ in range(4):
            connections.append(socket.socket(socket.AF_UNIX))
            connections[-1].connect(path)
        for i in range(scaled(1200, place.scale, 20)):
            body = documents[i * 37 % len(documents)]
            answers.update(
                ask(connections[i % 4], f"/{i * 11 % 100}", body))
        ask(connections[0], "/end", b"")
        for one in connections:
            one.close()
        _, took = place.finish(server)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.communicate()
    return answers.digest(), took


# --- compilers -------------------------------------------------------------------


def c_function(rng, i):
    lines = [
        f"struct s{i} {{ int a, b[{rng.randrange(2, 9)}]; double d; "
        f"struct s{i} *next; char name[{rng.randrange(8, 40)}]; }};",
        f"static int f{i}(struct s{i} *p, int n, unsigned char *text)",
        "{",
        "\tint i, j, sum = n;",
        f"\tfor (i = 0; i < n * {rng.randrange(1, 5)}; i++) {{",
    ]
    for k in range(rng.randrange(3, 9)):
        a, b = rng.randrange(2, 99), rng.randrange(1, 31)
        lines.append(rng.choice((
            f"\t\tsum += p->a * {a} ^ (sum >> {b % 8});",
            f"\t\tif (sum % {a} == {b}) sum -= p->b[i & 1] + {b};",
            f"\t\tfor (j = {b}; j; j >>= 1) text[j] += sum & {a};",
            f"\t\tp->d = p->d * {a}.5 + i / {b}.0;",
            f"\t\tif (p->next && p->next->a > {a}) p = p->next;",
            f"\t\tsum = sum < {a} ? sum * {b} : sum / {b};",
        )))
    lines.append("\t\tswitch ((sum ^ i) & 7) {")
    for case in range(rng.randrange(3, 8)):
        lines.append(f"\t\tcase {case}: sum += {rng.randrange(9999)}; "
                     f"p->name[{case}] = (char)sum; break;")
    lines += ["\t\t}", "\t}"]
    if i > 2:
        other = rng.randrange(i)
        lines.append(f"\tsum += f{other}((struct s{other} *)text, n, text);")
    return "\n".join([*lines, "\treturn sum + (int)p->d;", "}", ""])


def gcc_make(folder, scale):
    rng = random.Random(4)
    n = scaled(220, scale, 4)
    functions = [c_function(rng, i) for i in range(n)]
    calls = "\n".join(
        f"\tsum += f{i}((struct s{i} *)text, n, text);" for i in range(n))
    (folder / "large.c").write_text(
        "\n".join(functions)
        + "\nint all(int n, unsigned char *text)\n{\n\tint sum = 0;\n"
        + calls + "\n\treturn sum;\n}\n")


CXX_HEAD = """\
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <int N> struct key {
	int value;
	bool operator<(const key &o) const { return value < o.value; }
};
template <class T, int N> struct shape {
	std::map<key<N>, std::vector<T>> by_key;
	std::unordered_map<std::string, std::variant<key<N>, T, std::string>>
		named;
	std::vector<std::tuple<T, std::string, std::unique_ptr<T>>> rows;
	std::function<int(const T &)> weigh = [this](const T &) {
		return (int)rows.size() + N;
	};
	int run(const std::string &text, T t)
	{
		by_key[key<N>{ N }].push_back(t);
		named[text].template emplace<0>();
		named[text + "2"].template emplace<1>(t);
		rows.emplace_back(t, text, std::make_unique<T>(t));
		std::sort(rows.begin(), rows.end(), [](auto &a, auto &b) {
			return std::get<1>(a) < std::get<1>(b);
		});
		for (auto &[name, value] : named)
			std::visit([&](auto &) { rows.resize(rows.size()); },
				   value);
		return weigh(t) + (int)by_key.size();
	}
};
int all(const std::string &text)
{
	int sum = 0;
"""


def gxx_make(folder, scale):
    types = ("int", "double", "std::string", "std::vector<int>", "long",
             "std::pair<int, std::string>")
    body = "".join(
        f"\tsum += shape<{types[i % len(types)]}, {i}>().run(text, {{}});\n"
        for i in range(scaled(5, scale)))
    (folder / "heavy.cc").write_text(
        CXX_HEAD + body + "\treturn sum;\n}\n")


def gcc_run(place):
    # Before binutils come: their allocations are another program's.
    return place.run(
        "gcc", "-O2", "-w", "-S", "-o", "-", str(place.inputs / "large.c"),
        stdout=subprocess.PIPE,
    )


def gxx_run(place):
    return place.run(
        "g++", "-std=c++17", "-O1", "-w", "-S", "-o", "-",
        str(place.inputs / "heavy.cc"), stdout=subprocess.PIPE,
    )


# --- git ------------------------------------------------------------------------


def git_make(folder, scale):
    """A history of many files that change in few lines, unpacked objects."""
    rng = random.Random(5)
    files = {}
    for i in range(scaled(300, scale, 5)):
        files[i] = [" ".join(rng.choices(WORDS, k=8))
                    for _ in range(rng.randrange(20, 300))]
    out = []
    for commit in range(scaled(200, scale, 3)):
        changed = rng.sample(sorted(files), min(6, len(files)))
        if not commit:
            changed = sorted(files)
        text = f"commit {commit}"
        out.append(
            "commit refs/heads/main\ncommitter a <a@example.org> "
            f"{1700000000 + commit * 60} +0000\ndata {len(text)}\n{text}\n")
        for i in changed:
            for _ in range(3):
                line = rng.randrange(len(files[i]))
                files[i][line] = " ".join(rng.choices(WORDS, k=8)) + str(commit)
            data = "\n".join(files[i]) + "\n"
            out.append(f"M 644 inline d{i % 20}/e{i % 7}/f{i}\n"
                       f"data {len(data)}\n{data}\n")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C"}

    def git(*words, text=""):
        subprocess.run(["git", "-C", str(folder / "repo"), *words], env=env,
                       input=text.encode(), check=True, capture_output=True)

    (folder / "repo").mkdir()
    git("init", "-q", "--bare", "-b", "main")
    git("fast-import", "--quiet", text="".join(out))


def git_run(place):
    shutil.copytree(place.inputs / "repo", place.folder / "repo")
    _, took = place.run(
        "git", "-C", "repo", "-c", "pack.threads=1",
        "-c", "gc.aggressiveWindow=20", "gc", "--quiet", "--aggressive",
        "--prune=now",
    )
    objects = subprocess.run(
        ["git", "-C", str(place.folder / "repo"), "cat-file",
         "--batch-all-objects", "--batch-check"],
        env=place.env(), check=True, capture_output=True,
    ).stdout
    return objects, took


# --- small programs ---------------------------------------------------------------


def median_of(texts):
    """Of each metric of several runs."""
    runs = [dict(line.split() for line in t.splitlines()) for t in texts]
    return "".join(
        f"{key} {statistics.median(float(r[key]) for r in runs):.0f}\n"
        for key in runs[0])


def small(*command):
    """Start to end, the median of many; system calls counted once."""

    def run(place):
        ran = [place.run(*command, stdout=subprocess.PIPE)
               for _ in range(scaled(40, place.scale, 2))]
        calls = place.folder / "calls"
        if place.preload:
            given = ["-E", f"LD_PRELOAD={place.preload}"]
        else:
            given = []
        subprocess.run(
            ["strace", "-f", "-o", str(calls), *given, *command],
            env=place.env(), check=True, capture_output=True)
        made = sum(" = " in line for line in calls.read_text().splitlines())
        return ran[0][0], median_of(t for _, t in ran) + f"calls {made}\n"

    return run


def small_git_make(folder, scale):
    """A work tree with a file that changed and one that is new."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C"}
    tree = folder / "tree"
    tree.mkdir()

    def git(*words):
        subprocess.run(
            ["git", "-C", str(tree), "-c", "user.name=a", "-c",
             "user.email=a@example.org", *words],
            env=env, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    for i in range(50):
        (tree / f"f{i}").write_text(f"{i}\n")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    (tree / "f7").write_text("changed\n")
    (tree / "new").write_text("new\n")


def small_git(place):
    return small("git", "-C", str(place.inputs / "tree"), "status", "-s")(place)


PROGRAMS = {
    # Name: what must be installed, what makes the input, what runs.
    "redis": (("redis-cli", "redis-check-rdb"), redis_make, redis_run),
    "sqlite": (("sqlite3",), sqlite_make, sqlite_run),
    "python": ((PYTHON,), nothing_to_make, python_run),
    "json": ((PYTHON,), json_make, json_run),
    "gcc": (("gcc",), gcc_make, gcc_run),
    "g++": (("g++",), gxx_make, gxx_run),
    "git": (("git",), git_make, git_run),
    "small-true": (("strace",), nothing_to_make, small("true")),
    "small-bash": (("strace", "bash"), nothing_to_make, small("bash", "-c", ":")),
    "small-python": (
        ("strace", PYTHON), nothing_to_make, small(PYTHON, "-I", "-c", "1")),
    "small-git": (("strace", "git"), small_git_make, small_git),
}


def missing(name):
    """The first program that is not there, or None."""
    return next((p for p in PROGRAMS[name][0] if not shutil.which(p)), None)


def inputs_of(name, make, args):
    """Made beside its place and renamed: there are none that are half made."""
    mark = hashlib.sha256(
        pathlib.Path(__file__).read_bytes() + str(args.scale).encode()
    ).hexdigest()[:12]
    root = pathlib.Path(args.build).resolve() / "bench-programs"
    folder = root / f"{name}-{mark}"
    if not folder.exists():
        root.mkdir(exist_ok=True)
        for old in root.glob(f"{name}-*"):
            if args.scale >= 1:
                shutil.rmtree(old)
        new = pathlib.Path(tempfile.mkdtemp(prefix="new-", dir=root))
        make(new, args.scale)
        new.rename(folder)
    return folder


def check_answer(folder, answer):
    known, found = folder / "answer", hashlib.sha256(answer).hexdigest()
    if not known.exists():
        known.write_text(found)
    if known.read_text() != found:
        raise Failed("it answers otherwise than on the allocator before")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("name", choices=PROGRAMS)
    p.add_argument("--build", default="build")
    p.add_argument("--preload", default="")
    p.add_argument("--scale", type=float, default=1)
    args, _ = p.parse_known_args()
    _, make, run = PROGRAMS[args.name]
    inputs = inputs_of(args.name, make, args)
    try:
        with tempfile.TemporaryDirectory(prefix="kmem-program-") as folder:
            place = Place(args, pathlib.Path(folder), inputs)
            answer, took = run(place)
        check_answer(inputs, answer)
    except (Failed, OSError, subprocess.SubprocessError) as why:
        sys.exit(f"{args.name}: {why}")
    print(took, end="")


if __name__ == "__main__":
    main()
