#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A client that asks at a steady rate and says how long its answers took.

usage: honest PORT SECONDS RATE KIND=PATH:BYTES...

A request starts when its time has come, however slow those before it are, so
that a server that stops is not measured less often.  A KIND that begins with
"kept" asks on kept connections, any other on a new one each time, the connect
included.  Prints JSON: for each kind, milliseconds and counts.
"""

import asyncio
import collections
import gc
import json
import sys
import time

TIMEOUT_S = 5
POOL = 8  # kept connections, used in turn


class Kind:
    """Requests for one file."""

    def __init__(self, port, text):
        self.name, _, rest = text.partition("=")
        self.path, _, size = rest.partition(":")
        self.port, self.size = port, int(size)
        self.kept = self.name.startswith("kept")
        self.pool = collections.deque()
        self.took_ms, self.failures, self.reopened = [], [], 0

    async def ask(self):
        start = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self.ask_once()
            self.took_ms.append((time.perf_counter() - start) * 1000)
        except (OSError, EOFError, TimeoutError, AssertionError) as err:
            self.failures.append(type(err).__name__)

    async def ask_once(self):
        """A kept connection that the server closed meanwhile is no failure."""
        while len(self.pool) >= POOL:
            reader, writer = self.pool.popleft()
            try:
                return await self.exchange(reader, writer)
            except (ConnectionError, EOFError):
                self.reopened += 1
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=1 << 20)
        return await self.exchange(reader, writer)

    async def exchange(self, reader, writer):
        done = False
        try:
            connection = "keep-alive" if self.kept else "close"
            writer.write((
                f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\n"
                f"Connection: {connection}\r\n\r\n").encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            await reader.readexactly(self.size)
            done = self.kept and b"Connection: close" not in head
        finally:
            if done:
                self.pool.append((reader, writer))
            else:
                writer.close()

    def summary(self):
        took = sorted(self.took_ms)
        return {
            "asked": len(took) + len(self.failures),
            "failed": len(self.failures),
            "why": collections.Counter(self.failures),
            "reopened": self.reopened,
            **{name: round(percentile(took, part), 3) for name, part in (
                ("p50_ms", 0.5), ("p99_ms", 0.99), ("max_ms", 1))}}


def percentile(values, part):
    if not values:
        return float("nan")
    return values[min(len(values) - 1, int(len(values) * part))]


async def run(kinds, seconds, rate):
    tasks, start = set(), time.perf_counter()
    for i in range(int(seconds * rate)):
        await asyncio.sleep(max(0, start + i / rate - time.perf_counter()))
        task = asyncio.create_task(kinds[i % len(kinds)].ask())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)


def main():
    port, seconds, rate = int(sys.argv[1]), float(sys.argv[2]), float(
        sys.argv[3])
    kinds = [Kind(port, text) for text in sys.argv[4:]]
    gc.disable()
    # Small files are asked for more often than large ones.
    small = [kind for kind in kinds if kind.size < 100_000]
    turns = small * 4 + [kind for kind in kinds if kind not in small]
    asyncio.run(run(turns, seconds, rate))
    json.dump({kind.name: kind.summary() for kind in kinds}, sys.stdout)


if __name__ == "__main__":
    main()
