# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
"""The server of the row `program-json`: program_server.py SOCKET

POST /N with a document: it takes place N of a hundred, and the answer is what
can be said of it beside the one before.  POST /end ends the server.
"""
import http.server
import json
import os
import socketserver
import sys
import threading

kept = {}


def answer(place, document):
    people = document["people"]
    tags = {}
    for one in people:
        for tag in one["tags"]:
            tags.setdefault(tag, []).append(one["id"])
    before = kept.get(place)
    kept[place] = document
    return {
        "count": len(people),
        "before": len(before["people"]) if before else None,
        "tags": {tag: sorted(ids) for tag, ids in sorted(tags.items())},
        "people": sorted(
            ({**one, "name": one["name"].title()} for one in people),
            key=lambda one: one["id"],
        ),
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        out = b"{}"
        if self.path == "/end":
            threading.Thread(target=self.server.shutdown).start()
        else:
            out = json.dumps(answer(self.path, json.loads(body))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def address_string(self):
        return "unix"

    def log_message(self, *words):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


with Server(sys.argv[1], Handler) as server:
    print("ready", flush=True)
    server.serve_forever(poll_interval=0.01)
    server.block_on_close = False
sys.stdout.flush()
os._exit(0)
