# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""What PEERS= says: NAME@VERSION=FILE;VAR=VALUE,... of which FILE is needed."""
import os
import re
import sys
from typing import NamedTuple


class Given(NamedTuple):
    name: str  # as it was called, or as its file is
    called: bool
    version: str
    path: str
    settings: dict  # variables of its environment alone


def parse(text):
    for one in filter(None, re.split("[, ]", text)):
        rest, *settings = one.split(";")
        called, _, path = rest.rpartition("=")
        name, _, version = called.partition("@")
        if not os.path.isfile(path):
            sys.exit(f"PEERS: there is no file {path}")
        for setting in settings:
            if not re.match(r"\w+=", setting):
                sys.exit(f"PEERS: {setting!r} of {path} is not VAR=VALUE")
        yield Given(
            name or re.sub(r"^lib|\.so.*$", "", os.path.basename(path)),
            bool(name), version, os.path.abspath(path),
            dict(setting.split("=", 1) for setting in settings),
        )
