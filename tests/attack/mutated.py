#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mutated requests, as many as wanted, against everything that can be set.

usage: mutated -m ANSWERS [-j PROCESSES] [-s SEED] [-b BATCH]

Each batch is a connection with a few requests of a corpus, each of which has
mutations: bytes, lines, targets, bodies.  They come at once or cut anywhere; a
few clients reset.  Every answer must be well formed and due, nothing secret
may be in it, and the same bytes, cut elsewhere, must get the same answers.
Processes ask until they have read ANSWERS of them.  Then each line of the logs
must be one, and workers, descriptors and buffers as they were before.

What failed is asked again by -s SEED -b BATCH.
"""

import argparse
import collections
import json
import multiprocessing
import os
import random
import re
import select
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

import grounds  # noqa: E402
from client import Connection  # noqa: E402
from judge import Answers  # noqa: E402
from mutate import mutate  # noqa: E402
from server import Server, open_files, wait_for  # noqa: E402

REQUESTS = 8  # at most, in a batch
OURS = 2  # buffers, lent to the connection that asks for the status
WAIT_MS = 20_000  # for anything at all
RESET = struct.pack("ii", 1, 0)
COMBINED = re.compile(
    r'[0-9a-f.:]+ - (?:[!-~]+|-) \[[^]]+\] "(?:[^"\\\x00-\x1f\x7f]|\\["\\]'
    r'|\\[a-z]|\\x[0-9A-Fa-f]{2})*" \d{3} (?:\d+|-)(?: "(?:[^"\\\x00-\x1f\x7f]'
    r'|\\["\\]|\\[a-z]|\\x[0-9A-Fa-f]{2})*"){2}')


class Batch:
    """Requests on a connection, and how they are sent."""

    def __init__(self, seed, number, corpus):
        rng = random.Random(f"{seed} {number}")
        self.rng, self.proxied = rng, rng.random() < 0.1
        self.requests = b"".join(mutate(rng, corpus)
                                 for _ in range(rng.randint(1, REQUESTS)))
        self.head = b""
        if self.proxied:
            self.head = rng.choice(grounds.proxy_headers())
            if rng.random() < 0.3:
                self.head = mutate(rng, [self.head])
        self.resets = rng.random() < 0.02
        self.twice = rng.random() < 0.05

    def pieces(self):
        data = self.head + self.requests
        if self.rng.random() < 0.7:
            return [data]
        pieces = []
        while data:
            n = self.rng.randint(1, self.rng.choice((len(data), 1 + min(
                64, len(data)))))
            pieces.append(data[:n])
            data = data[n:]
            if len(pieces) == 40:
                return [*pieces, data]
        return pieces

    def check(self, addresses):
        """Asks; returns the statuses."""
        address = addresses[1 if self.proxied else 0]
        statuses, broken_off = self.ask(address)
        if self.twice and not broken_off and not self.resets:
            again, broken_off = self.ask(address)
            assert again == statuses or broken_off or b"503" in (
                statuses + again), f"cut elsewhere: {statuses}, {again}"
            return statuses + again
        return statuses

    def ask(self, address):
        with socket.create_connection(address) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            data, broken_off = exchange(sock, self.pieces(), self.resets)
        answers = Answers(self.requests, data, broken_off)
        return answers.check(), broken_off


def exchange(sock, pieces, resets):
    """Sends and reads until the server closes, or a little of both."""
    poll, pieces, got = select.poll(), pieces[::-1], []
    poll.register(sock, select.POLLIN | select.POLLOUT)
    while True:
        events = poll.poll(WAIT_MS)
        assert events, f"silence, after {b''.join(got)[-300:]}"
        try:
            if events[0][1] & select.POLLOUT and pieces:
                piece = pieces.pop()
                n = sock.send(piece)
                if n < len(piece):
                    pieces.append(piece[n:])
                if not pieces:
                    if resets:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                        RESET)
                        return b"".join(got), True
                    sock.shutdown(socket.SHUT_WR)
                    poll.modify(sock, select.POLLIN)
            if events[0][1] & ~select.POLLOUT:
                data = sock.recv(1 << 18)
                if not data:
                    return b"".join(got), False
                got.append(data)
        except BlockingIOError:
            continue
        except OSError:  # reset, or closed while we sent
            return b"".join(got) + drain(sock), True


def drain(sock):
    """What had come before."""
    try:
        return sock.recv(1 << 20)
    except OSError:
        return b""


class Talker:
    """A process that asks; its part of the batches is every n-th."""

    def __init__(self, args, addresses, shared):
        self.args, self.addresses, self.shared = args, addresses, shared
        self.corpus = grounds.corpus()
        self.statuses, self.failures = collections.Counter(), []

    def run(self, first, results):
        number = first
        while self.shared.value < self.args.m and len(self.failures) < 10:
            self.talk(number)
            number += self.args.j
        results.put((number, self.statuses, self.failures))

    def talk(self, number):
        try:
            statuses = Batch(self.args.s, number, self.corpus).check(
                self.addresses)
        except (AssertionError, OSError) as err:
            self.failures.append(f"-s {self.args.s} -b {number}: "
                                 f"{type(err).__name__} {err}"[:600])
            return
        self.statuses.update(statuses)
        with self.shared.get_lock():
            self.shared.value += len(statuses)


def status(server):
    path = server.sections["admin"]["address"].removeprefix("unix:")
    with Connection(path) as conn:
        return json.loads(conn.request("GET", "/status.json").body)


def at_rest(server):
    """Descriptors of each worker, once nothing is open and no buffer lent."""
    def rest():
        totals = status(server)["totals"]
        return (totals["connections"]["open"] == 0
                and totals["lent_buffers"] == OURS)
    wait_for(rest, "no connection and no buffer lent", 30)
    return {pid: open_files(pid) for pid in server.workers()}


def ask_once(server):
    """Every good request, of every worker, so that what is kept is open."""
    for address in server.addresses[:1] * 40:
        with socket.create_connection(address) as sock:
            sock.setblocking(False)
            requests = [data for data in grounds.corpus()
                        if data.startswith((b"GET", b"HEAD", b"OPTIONS"))]
            exchange(sock, requests[:60], False)


def check_logs(server):
    """Returns the lines that are none, and how many there are."""
    bad, count = [], 0
    with open(server.access_path, "rb") as lines:
        for line in lines:
            count += 1
            text = line.decode("latin-1")
            if not COMBINED.fullmatch(text.removesuffix("\n")):
                bad.append(f"a line of the log: {line[:300]}")
    with open(server.scratch / "other.log", "rb") as lines:
        for line in lines:
            count += 1
            try:
                json.loads(line)
            except ValueError:
                bad.append(f"a line of the log: {line[:300]}")
    return bad[:10], count


def talk(server, args):
    """All processes; returns counts by status and failures."""
    shared, results = multiprocessing.Value("q", 0), multiprocessing.Queue()
    talkers = [multiprocessing.Process(
        target=Talker(args, server.addresses, shared).run, args=(i, results))
        for i in range(args.j)]
    start = said = time.monotonic()
    for talker in talkers:
        talker.start()
    statuses, failures, batches = collections.Counter(), [], 0
    while len(talkers) > 0:
        if not results.empty():
            number, counts, wrong = results.get()
            batches += number // args.j
            statuses += counts
            failures += wrong
            talkers.pop()
        time.sleep(0.2)
        if time.monotonic() - said > 60:
            said = time.monotonic()
            print(f"{said - start:.0f} s: {shared.value} answers", flush=True)
    seconds = time.monotonic() - start
    print(f"{statuses.total()} answers to {batches} batches in {seconds:.0f} s,"
          f" {statuses.total() / seconds:.0f}/s, seed {args.s}:", ", ".join(
              f"{name.decode()} {n}" for name, n in sorted(statuses.items())))
    return failures


def run(server, args):
    server.start()
    ask_once(server)
    before = at_rest(server)
    failures = talk(server, args)
    if list(server.workers()) != list(before):
        failures.append(f"workers {server.workers()}, before {list(before)}: "
                        f"{server.log()[-4000:]}")
    try:
        after = at_rest(server)
        print(f"workers and their descriptors: {after}, before {before}")
        if any(after[pid] > before.get(pid, 0) + 4 for pid in after):
            failures.append("descriptors were not closed")
        requests = status(server)["totals"]["requests"]
        server.stop()
        bad, lines = check_logs(server)
        print(f"{requests} requests counted, {lines} lines of log, "
              f"{len(bad)} of them bad")
        failures += bad
    except (AssertionError, OSError) as err:
        failures.append(f"the end: {err}"[:4000])
    return failures


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-m", type=int, default=100_000, help="answers")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1,
                        help="processes")
    parser.add_argument("-s", default="1", help="seed")
    parser.add_argument("-b", type=int, help="this batch alone, and show it")
    return parser.parse_args()


def main():
    args = parse()
    with tempfile.TemporaryDirectory(prefix="tined-mutated-") as scratch:
        scratch = Path(scratch)
        scratch.chmod(0o755)
        server = Server(scratch, error_log={"level": "notice"},
                        **grounds.sections(scratch))
        server.expect_log("maintenance", "PROXY", "lines like these")
        try:
            if args.b is not None:
                server.start()
                batch = Batch(args.s, args.b, grounds.corpus())
                print(batch.head + batch.requests)
                print(batch.check(server.addresses))
                return 0
            failures = run(server, args)
        finally:
            server.kill()
    for failure in failures:
        print("FAIL", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
