# SPDX-License-Identifier: BSD-2-Clause
"""The clients of a soak: honest ones, hostile ones, and files that change."""

import collections
import os
import random
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "attack"))

import grounds  # noqa: E402
from client import Connection, head  # noqa: E402
from mutated import RESET, Batch  # noqa: E402

STEADY = ("/small.txt", "/page", "/memory.bin", "/open.bin")
LARGE = "/moving/large.bin"
LARGE_BYTES = 4 << 20
EXCUSED_S = 3  # so long after a kill a request may have been in flight


class Crowd:
    """Threads that do one thing at a rate, and what went wrong in them."""

    def __init__(self, server, seed):
        self.server, self.seed = server, seed
        self.stopping, self.lock = threading.Event(), threading.Lock()
        self.kills, self.excused, self.failures = [], 0, []
        self.done = collections.Counter()
        self.threads = []

    def start(self, what, function, rate):
        """Calls function(rng) at a rate until stop()."""
        self.threads.append(threading.Thread(
            target=self.run, args=(what, function, rate)))
        self.threads[-1].start()

    def run(self, what, function, rate):
        rng = random.Random(f"{self.seed} {what} {len(self.threads)}")
        due = time.monotonic()
        while not self.stopping.wait(max(0, due - time.monotonic())):
            due = max(due + 1 / rate, time.monotonic() - 1)
            try:
                function(rng)
                with self.lock:
                    self.done[what] += 1
            except (OSError, AssertionError, TypeError) as err:
                self.fail(what, err)

    def fail(self, what, err):
        """Forgiven when a worker was killed just before."""
        time.sleep(0.2)  # a kill is noted before it happens
        now = time.monotonic()
        with self.lock:
            if any(now - EXCUSED_S < kill < now for kill in self.kills):
                self.excused += 1
            else:
                self.failures.append(f"{time.strftime('%H:%M:%S')} {what}: "
                                     f"{type(err).__name__} {err}"[:400])

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Honest:
    """Asks on a connection that it keeps, or on new ones."""

    def __init__(self, server, kept):
        self.server, self.kept, self.conn = server, kept, None

    def ask(self, rng):
        target = rng.choice(STEADY)
        want = grounds.FILES[target[1:] if "." in target else "page.html"]
        try:
            if self.conn is None:
                self.conn = Connection(self.server.address)
            answer = self.conn.request(
                "GET", target, *() if self.kept else ("Connection: close",))
            assert (answer.status, answer.body) == (200, want), answer
            if answer.closes:
                self.close()
        except (OSError, AssertionError):
            self.close()
            raise

    def close(self):
        if self.conn is not None:
            self.conn.close()
        self.conn = None


class Hostile:
    """Batches of mutated requests."""

    def __init__(self, server, seed):
        self.server, self.seed, self.number = server, seed, 0
        self.corpus = grounds.corpus()

    def ask(self, _):
        batch = Batch(self.seed, self.number, self.corpus)
        batch.twice = False  # a reload in between would be a difference
        self.number += 1
        batch.check(self.server.addresses)


class Slow:
    """Connections that are kept open by as little as possible."""

    STARTS = (b"", b"GET / HT", head("GET", "/small.txt")[:-2],
              head("POST", "/small.txt", "Content-Length: 5000"),
              head("POST", "/small.txt", "Transfer-Encoding: chunked"),
              head("GET", LARGE) * 3, head("GET", LARGE),
              head("GET", "/list/") * 200)

    def __init__(self, server, most):
        self.server, self.most, self.socks = server, most, []

    def drip(self, rng):
        """One more, or a byte more on one of them; some are reset."""
        if len(self.socks) < self.most:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(1)
            sock.connect(self.server.address)
            sock.sendall(rng.choice(self.STARTS))
            sock.setblocking(False)
            self.socks.append(sock)
            return
        sock = self.socks.pop(rng.randrange(len(self.socks)))
        try:
            if rng.random() < 0.2:
                raise OSError
            sock.send(b"x")
            self.socks.append(sock)
        except OSError:
            if rng.random() < 0.5:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            sock.close()

    def close(self):
        for sock in self.socks:
            sock.close()


class Files:
    """A folder in which everything changes all the time."""

    def __init__(self, root):
        self.folder = root / "moving"
        self.folder.mkdir()
        self.make_large()

    def make_large(self):
        new = self.folder / ".new"
        new.write_bytes(b"\0" * LARGE_BYTES)
        new.rename(self.folder / "large.bin")

    def change(self, rng):
        path = self.folder / f"file{rng.randrange(40)}.txt"
        what = rng.choice(("new", "new", "replace", "delete", "cut", "touch",
                           "folder", "large"))
        if what == "new":
            path.write_bytes(rng.randbytes(rng.randrange(60_000)))
        elif what == "replace":
            new = self.folder / ".file"
            new.write_bytes(rng.randbytes(rng.randrange(60_000)))
            new.rename(path)
        elif what == "delete":
            path.unlink(missing_ok=True)
        elif what == "cut" and path.exists():
            os.truncate(path, rng.randrange(1000))
        elif what == "touch" and path.exists():
            os.utime(path)
        elif what == "folder":
            (self.folder / "folder").mkdir(exist_ok=True)
            (self.folder / "folder").rmdir()
        elif what == "large" and rng.random() < 0.05:
            os.truncate(self.folder / "large.bin", 100_000)
            self.make_large()


class Readers:
    """Asks for what changes: a true answer, or a reset."""

    def __init__(self, server):
        self.server = server

    def ask(self, rng):
        with Connection(self.server.address) as conn:
            try:
                answer = conn.request(
                    "GET", rng.choice((LARGE, "/moving/", *(
                        f"/moving/file{i}.txt" for i in range(40)))))
            except ConnectionResetError:
                return  # it was cut meanwhile
            # All listings are under way: those who read slowly have them.
            assert answer.status in (200, 404) or (
                answer.status == 503 and answer["Retry-After"]), answer
