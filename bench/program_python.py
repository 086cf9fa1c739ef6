# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What the row `program-python` runs: program_python.py SCALE

Each part prints a number that does not depend on the allocator.
"""
import json
import random
import re
import sys

SCALE = float(sys.argv[1])


def times(n):
    return max(1, round(n * SCALE))


def documents():
    rng = random.Random(1)
    data = [
        {"id": i, "name": f"item {i}", "price": rng.random(),
         "tags": [f"t{rng.randrange(50)}" for _ in range(rng.randrange(8))],
         "more": {"x": i % 7, "y": [i] * (i % 5)}}
        for i in range(2000)
    ]
    size = 0
    for _ in range(times(12)):
        text = json.dumps(data)
        data = json.loads(text)
        size += len(text)
    return size


def dictionaries():
    rng = random.Random(2)
    counts, groups = {}, {}
    for i in range(times(250000)):
        word = f"w{rng.getrandbits(15)}"
        counts[word] = counts.get(word, 0) + 1
        groups.setdefault(word[:3], []).append((i, word))
        if i % 50000 == 0:
            groups.clear()
    return len(counts) + sum(map(len, groups.values()))


def sorting():
    rng = random.Random(3)
    words = [f"{rng.getrandbits(40):x}" for _ in range(times(120000))]
    words.sort()
    words.sort(key=lambda w: (len(w), w[::-1]))
    return len("".join(words)) + sum(map(ord, words[len(words) // 2]))


class Node:
    def __init__(self, key):
        self.key = key
        self.left = self.right = None


def insert(root, key):
    while True:
        side = "left" if key < root.key else "right"
        child = getattr(root, side)
        if child is None:
            setattr(root, side, Node(key))
            return
        root = child


def trees():
    rng = random.Random(4)
    depth = 0
    for _ in range(3):
        root = Node(0.5)
        for _ in range(times(25000)):
            insert(root, rng.random())
        level = [root]
        while level:
            depth += 1
            level = [c for n in level for c in (n.left, n.right) if c]
    return depth


def texts():
    rng = random.Random(5)
    text = " ".join(
        f"{rng.choice('abcdef')}{rng.randrange(999)}={rng.random():.3f};"
        for _ in range(times(60000)))
    pairs = dict(re.findall(r"(\w+)=([\d.]+);", text))
    text = re.sub(r"a(\d+)", lambda m: f"<{int(m[1]) * 2}>", text)
    lines = text.split(";")
    return len(pairs) + len(text) + len([x.strip().upper() for x in lines])


def numbers():
    value, total = 3, 0
    for i in range(times(1500)):
        value = value * 7919 + i
        total += value % 1000003
    rows = [[(i * j) % 97 / 3 for j in range(80)] for i in range(80)]
    for _ in range(times(4)):
        columns = list(zip(*rows))
        rows = [
            [sum(a * b for a, b in zip(r, c)) % 97 for c in columns]
            for r in rows
        ]
    return total + int(sum(map(sum, rows)))


for part in (documents, dictionaries, sorting, trees, texts, numbers):
    print(part.__name__, part())
