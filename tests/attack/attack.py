#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hostile and unlucky clients against one worker; every answer is checked.

usage: attack [-n CONVERSATIONS] [-s SEED]

Each conversation is a connection with a pipeline of GET, HEAD, ranges,
preconditions and bodies, some with a damaged request at its end, cut anywhere;
clients half-close, reset, stop reading or read slowly, and files change
meanwhile.  What comes back must be the answers to the requests, in their order
and byte for byte; of a damaged request it must be well formed.  Afterwards the
worker must be the same, with as many descriptors as before.
"""

import argparse
import os
import random
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

from asks import (  # noqa: E402
    ASKS, FILES, PATHS, SMUGGLED, ask_file, ask_last, moving)
from client import Connection, head  # noqa: E402
from server import Server, open_files, wait_for  # noqa: E402

THREADS = 8
PIPELINE = 24
REQUESTS = 20  # on a connection, before the server closes it
# A page that is newer than its compressed form would be sent instead of it.
TOUCHED = [name for name in FILES if name != "page.html"]
RESET = struct.pack("ii", 1, 0)


def damage(rng, data):
    """The same bytes, but for something that should not be so."""
    for _ in range(rng.randint(1, 3)):
        at, end = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
        piece = rng.choice((b"", bytes([rng.randrange(256)]), b"\r", b"\n",
                            b"\0", b" ", b":", b"\r\n", b"\r\n\r\n", b"%00",
                            b"\r\n ", SMUGGLED, data[at:end]))
        end = rng.choice((at, at + 1, at + len(piece), end))
        data = data[:at] + piece + data[end:] or b"\r\n"
    return data


def check_well_formed(conn):
    """Responses until the end; one to HEAD is known by what follows it."""
    while conn.receive():
        continue
    while conn.unread:
        response = conn.response_head()
        length = int(response["Content-Length"] or 0)
        if not response.has_body("GET") or (
                len(conn.unread) < length or not conn.unread
                or conn.unread.startswith(b"HTTP/1.1 ")):
            assert not conn.unread or conn.unread.startswith(b"HTTP/1.1 ")
            continue
        conn.take(length)


def send_pieces(rng, conn, data):
    while data:
        n = rng.choice((len(data), rng.randint(1, len(data)),
                        rng.randint(1, min(64, len(data)))))
        conn.send(data[:n])
        data = data[n:]
        if rng.random() < 0.05:
            time.sleep(rng.random() / 100)


def converse(rng, server):
    asks = [(rng.choice(ASKS) if i < REQUESTS else ask_file)(rng)
            for i in range(rng.randint(1, PIPELINE))]
    end = rng.choice(("keep", "close", "half", "damage", "damage", "reset",
                      "sleep"))
    if end == "close":
        asks.append(ask_last(rng))
    data = b"".join(ask.data for ask in asks)
    small = rng.random() < 0.1
    with Connection(server.address, rcvbuf=4096 if small else None) as conn:
        if end == "damage":
            data += damage(rng, rng.choice(ASKS)(rng).data)
        sender = threading.Thread(target=send_all, args=(
            random.Random(rng.random()), conn, data,
            end in ("half", "damage")))
        sender.start()
        try:
            if end == "reset" or (end == "sleep" and rng.random() < 0.9):
                asks = asks[:rng.randrange(len(asks) + 1)]
            elif end == "sleep":
                time.sleep(3)  # longer than the server waits
                asks = []
            for i, ask in enumerate(asks, 1):
                response = conn.response(ask.method)
                ask.check(response)
                if response.closes:
                    assert i == REQUESTS or ask is asks[-1], response
                    assert conn.rest() == b"", "an answer after the last"
                    return i
            if end == "half":
                assert conn.rest() == b"", "more answers than requests"
            elif end == "damage":
                check_well_formed(conn)
            elif end == "reset":
                conn.sock.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        finally:
            if end in ("reset", "sleep"):
                conn.close()
            sender.join()
        return len(asks)


def send_all(rng, conn, data, half_close):
    try:
        send_pieces(rng, conn, data)
        if half_close:
            conn.half_close()
    except OSError:
        pass  # the server closed, or we did: the reader judges


def change_files(root, stopping):
    """moving.bin is replaced, shrinking.bin cut, and all are touched."""
    rng = random.Random(0)
    while not stopping.wait(0.002):
        (root / "new").write_bytes(moving(bytes([rng.randint(65, 90)])))
        os.rename(root / "new", root / "moving.bin")
        os.truncate(root / "shrinking.bin", rng.randrange(3_000_000))
        os.utime(root / rng.choice(TOUCHED))
        (root / "coming").mkdir(exist_ok=True)
        (root / "coming").rmdir()


def shrink(server, stopping):
    """A file that is cut while it is sent: all of it, or a reset."""
    while not stopping.is_set():
        with Connection(server.address) as conn:
            conn.send(head("GET", "/shrinking.bin") * 3)
            try:
                for _ in range(3):
                    response = conn.response()
                    assert not response.body.strip(b"\0")
            except ConnectionResetError:
                pass


class Attack:
    """The threads, and what they found."""

    def __init__(self, server, count, seed):
        self.server, self.count, self.seed = server, count, seed
        self.next, self.answers, self.failures = 0, 0, []
        self.stopping = threading.Event()
        self.lock = threading.Lock()

    def run(self):
        changing = [threading.Thread(target=change_files,
                                     args=(self.server.root, self.stopping)),
                    threading.Thread(target=self.guard, args=(
                        shrink, self.server, self.stopping))]
        talking = [threading.Thread(target=self.talk) for _ in range(THREADS)]
        for thread in changing + talking:
            thread.start()
        for thread in talking:
            thread.join()
        self.stopping.set()
        for thread in changing:
            thread.join()

    def guard(self, function, *args, what=""):
        try:
            return function(*args)
        except (OSError, AssertionError, TypeError) as err:
            with self.lock:
                self.failures.append(f"{what}{type(err).__name__} {err}"[:600])
            return 0

    def talk(self):
        while len(self.failures) < 20:
            with self.lock:
                number = self.next
                self.next += 1
            if number >= self.count:
                return
            rng = random.Random(f"{self.seed} {number}")
            answers = self.guard(converse, rng, self.server,
                                 what=f"-s {self.seed} number {number}: ")
            with self.lock:
                self.answers += answers


def make_site(root):
    (root / "dir").mkdir(parents=True)
    for name, data in FILES.items():
        (root / name).write_bytes(data)
    os.utime(root / "page.html", (1_000_000_000, 1_000_000_000))
    reset_files(root)


def reset_files(root):
    (root / "moving.bin").write_bytes(moving(b"Z"))
    (root / "shrinking.bin").write_bytes(b"\0" * 3_000_000)


def count_files(server):
    """Descriptors of the worker when every file is cached, and nobody there."""
    reset_files(server.root)
    for target in [*PATHS, "/moving.bin", "/shrinking.bin"]:
        assert server.request("GET", target).status == 200
    pid, = server.workers()
    counted = []

    def settled():
        counted.append(open_files(pid))
        return len(counted) > 20 and len(set(counted[-20:])) == 1
    wait_for(settled, "a worker at rest", 30)
    return counted[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-n", type=int, default=2000, help="conversations")
    parser.add_argument("-s", default="1", help="seed")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tined-attack-") as scratch:
        Path(scratch).chmod(0o755)
        make_site(Path(scratch) / "root")
        server = Server(scratch, error_log={"level": "info"}, timeouts={
            "head": "2s", "body": "2s", "send": "2s", "keepalive": "2s",
            "first_byte": "2s", "linger": "1s"}, limits={"requests": REQUESTS})
        server.expect_log("became shorter", "more lines like these")
        try:
            failures = run(server.start(), args)
        finally:
            server.kill()
    for failure in failures:
        print("FAIL", failure)
    return 1 if failures else 0


def run(server, args):
    workers, idle = server.workers(), count_files(server)
    attack = Attack(server, args.n, args.s)
    start = time.monotonic()
    attack.run()
    print(f"{min(attack.next, args.n)} conversations, {attack.answers} answers "
          f"checked, {time.monotonic() - start:.0f} s, "
          f"{len(attack.failures)} failures")
    if server.workers() != workers:
        return [*attack.failures, f"a worker ended: {server.log()[-4000:]}"]
    now = count_files(server)
    if now != idle:
        attack.failures.append(f"{now} descriptors, before {idle}")
    try:
        server.stop()
    except AssertionError as err:
        attack.failures.append(f"the end: {err}")
    return attack.failures


if __name__ == "__main__":
    sys.exit(main())
