#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""git: many commits, branches, merge, gc, fsck, clone; the same repository."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

SCRIPT = r"""
set -eu
git init -q -b main repo && cd repo
git config gc.auto 0
i=0
while [ $i -lt 60 ]; do
    i=$((i + 1))
    mkdir -p d$((i % 7))
    seq $i $((i * 40)) >d$((i % 7))/f$i
    seq 1 $i >>common
    git add -A
    git commit -q -m "commit $i"
done
git checkout -q -b side HEAD~20
echo side >other && git add other && git commit -q -m side
git checkout -q main && git merge -q -m merge side
git tag -a v1 -m tag
git log --stat -p | sha1sum
git blame common | sha1sum
git diff HEAD~30 | sha1sum
git grep -c 7 | sha1sum
git gc -q --aggressive
git fsck --full --strict
git repack -q -a -d -f
cd .. && git clone -q file://$PWD/repo copy && git -C copy fsck --full
git -C copy rev-parse HEAD HEAD^{tree} v1
git -C copy archive HEAD | sha1sum
git bundle create -q all.bundle --all 2>/dev/null || git -C repo bundle create -q ../all.bundle --all
git -C copy bundle verify -q ../all.bundle
"""


def test(t):
    if t.missing("git"):
        return t.skip("git", "git is not installed")
    os.environ.update(
        HOME=str(t.folder), GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="A", GIT_AUTHOR_EMAIL="a@example.org",
        GIT_COMMITTER_NAME="A", GIT_COMMITTER_EMAIL="a@example.org",
        GIT_AUTHOR_DATE="1700000000 +0000", GIT_COMMITTER_DATE="1700000000 +0000",
    )
    runs = {}
    for name, words in (("plain", []), ("front", t.front())):
        (t.folder / name).mkdir()
        runs[name] = t.run(words + ["sh", "-c", SCRIPT], cwd=t.folder / name)
    plain, front = runs["plain"], runs["front"]
    t.ok(plain.returncode == 0, "git works without the front", plain.stderr)
    t.ok(front.returncode == 0, "and with it", front.stderr)
    t.same(front.stdout, plain.stdout, "the same commits, diffs and trees")
    t.quiet(front.stderr, "no report")


tap.main(test)
