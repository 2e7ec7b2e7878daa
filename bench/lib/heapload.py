# SPDX-License-Identifier: BSD-2-Clause
"""The table of workloads for the heap, and the clients that drive them."""

import base64
import hashlib
import hmac
import random
import socket
import struct
from dataclasses import dataclass
from typing import Callable

from lib.client import Client
from lib.measure import NotSupported
from lib.site import API_KEY, KIB, MIB, URL_KEY, request

SMALL = request("/1k.html")
CLOSE = request("/1k.html", [("Connection", "close")])

# One of each kind that is refused in another place.
BAD = (
    b"\r\r\n\r\n",
    b"GET /1k.html HTTP/1.1\r\n\r\n",
    b"GET /1k.html HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /1k.html HTTP/1.1\nHost: localhost\n\n",
    b"GET /1k.html HTTP/1.1\r\nHost : localhost\r\n\r\n",
    b"GET /1k.html HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n",
    b"GET /1k.html HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /../secret HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"BREW /1k.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 20000 + b"\r\n\r\n",
    b"POST /1k.html HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
    b"12345",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)


class Unexpected(Exception):
    """An answer is not what the workload is about."""


def _expect(answer, status):
    if answer.status != status:
        raise Unexpected(f"status {answer.status} instead of {status}")


def drive_close(port, count):
    for _ in range(count):
        with Client(port) as client:
            _expect(client.ask(CLOSE), 200)
            client.wait_closed()


def drive_kept(port, count, message=SMALL, status=200, has_body=True):
    with Client(port) as client:
        for _ in range(count):
            _expect(client.ask(message, has_body), status)


def drive_pipelined(port, count):
    with Client(port) as client:
        for _ in range(count // 16):
            client.send(SMALL * 16)
            for _ in range(16):
                _expect(client.read(), 200)


def _open_many(port):
    """64 clients in the middle of a head at once, then answered."""
    clients = [Client(port) for _ in range(64)]
    for client in clients:
        client.send(SMALL[:20])
    drive_kept(port, 2)  # what was sent before is read by now
    for client in clients:
        _expect(client.ask(SMALL[20:]), 200)
    return clients


def _close_all(clients):
    for client in clients:
        client.close()


def drive_many(port, count):
    clients = _open_many(port)
    for _ in range(count // 64):
        for client in clients:
            client.send(SMALL)
        for client in clients:
            _expect(client.read(), 200)
    _close_all(clients)


def drive_files(port, count):
    with Client(port) as client:
        for number in range(count):
            path = f"/zipf/{number % 10000:05d}.html"
            _expect(client.ask(request(path)), 200)


def drive_large(port, count):
    drive_kept(port, count, request("/1m.bin"))


def drive_range(port, count):
    numbers = random.Random(3)
    with Client(port) as client:
        for _ in range(count):
            first = numbers.randrange(MIB - 64 * KIB)
            _expect(client.ask(request("/1m.bin", [
                ("Range", f"bytes={first}-{first + 64 * KIB - 1}")])), 206)


def drive_304(port, count):
    with Client(port) as client:
        etag = client.ask(SMALL).fields["etag"]
    drive_kept(port, count, request(
        "/1k.html", [("If-None-Match", etag)]), 304)


def drive_404(port, count):
    drive_kept(port, count, request("/missing.html"), 404)


def drive_sites(port, count):
    """Errors of sites, which have their pages and logs where all is on."""
    hosts = (b"own", b"a.b.own", b"shut", b"other", b"OWN")
    message = request("/missing.html")
    with Client(port) as client:
        for number in range(count):
            answer = client.ask(message.replace(
                b"localhost", hosts[number % len(hosts)]))
            if answer.status != 503:
                _expect(answer, 404)


def drive_paths(port, count):
    """The ways from a path to a file, or elsewhere, where all is on."""
    asked = [("paths", path) for path in (
        "/1k", "/1k.html", "/x/1k", "/old/a", "/nowhere", "/none.js",
        "/folder", "/1k/")] + [("www.paths", "/1k")]
    with Client(port) as client:
        for number in range(count):
            host, path = asked[number % len(asked)]
            answer = client.ask(request(path).replace(
                b"localhost", host.encode()))
            if answer.status not in (200, 301):
                _expect(answer, 404)


def drive_coded(port, count):
    message = request("/app.js", [("Accept-Encoding", "gzip")])
    with Client(port) as client:
        if "content-encoding" not in client.ask(message).fields:
            raise NotSupported("no compressed answer")
    drive_kept(port, count, message)


def drive_preflight(port, count):
    message = request("/1k.html", [
        ("Origin", "https://a.example"),
        ("Access-Control-Request-Method", "GET")], method="OPTIONS")
    with Client(port) as client:
        if client.ask(message).status != 204:
            raise NotSupported("no 204 to OPTIONS")
    drive_kept(port, count, message, 204, False)


def _drive_guarded(port, count, message, status=200):
    with Client(port) as client:
        if client.ask(request("/guarded/1k.html")).status != 401:
            raise NotSupported("nobody is asked for a password")
    drive_kept(port, count, message, status)


def _basic(user, password):
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return request("/guarded/1k.html", [("Authorization", f"Basic {text}")])


def drive_password(port, count):
    """One that is right, and known after the first request."""
    _drive_guarded(port, count, _basic("alice", "wonder"))


def drive_wrong_password(port, count):
    """Another one each time: none is known."""
    for number in range(count):
        _drive_guarded(port, 1, _basic("alice", f"wrong {number:08}"), 401)


def drive_api_key(port, count):
    _drive_guarded(port, count, request(
        "/guarded/1k.html", [("X-API-Key", API_KEY)]))


def drive_link(port, count):
    text = b"/guarded/1k.html?expires=4102444800"
    mac = hmac.new(URL_KEY.encode(), text, hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    _drive_guarded(port, count, request(
        f"{text.decode()}&signature={signature}"))


def drive_head(port, count):
    drive_kept(port, count, request("/1k.html", method="HEAD"), 200, False)


def drive_list(port, count):
    """One that is read at once, then one that takes many slices."""
    drive_kept(port, count, request("/folder/"))
    drive_kept(port, max(count // 64, 1), request("/zipf/"))


def _send_bad(port, number):
    with Client(port) as client:
        client.send(BAD[number % len(BAD)])
        client.socket.shutdown(socket.SHUT_WR)
        client.wait_closed()


def _hang_up(port, number):
    """In a head, in an answer, after one; with a FIN and with a reset."""
    part = number % 3
    with Client(port) as client:
        client.send((SMALL[:20], request("/1m.bin"), SMALL)[part])
        if part == 1:
            client.socket.recv(KIB)
        elif part == 2:
            client.read()
        if number % 2:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     struct.pack("ii", 1, 0))


def _each(port, count, act):
    """The answer to another client tells that the server saw each end."""
    with Client(port) as other:
        for number in range(count):
            act(port, number)
            _expect(other.ask(SMALL), 200)


def drive_warm(port, count):
    """Makes every pool and cache of the server as large as they ever get."""
    _close_all(_open_many(port))
    drive_files(port, count)


def drive_bad(port, count):
    _each(port, count, _send_bad)


def drive_hang_up(port, count):
    _each(port, count, _hang_up)


@dataclass(frozen=True)
class Workload:
    name: str
    drive: Callable
    first: int         # requests of the shorter run
    more: int          # and of the longer one beyond that
    gate: tuple = (96, 192)  # the same, in the gate
    log: bool = False

    def length(self, short):
        return self.gate if short else (self.first, self.more)


SEED = Workload("seed", drive_close, 1024, 0)
WARM_UP = Workload("warm-up", drive_warm, 256, 0)

ALL = (
    Workload("close", drive_close, 1024, 1024),
    Workload("kept", drive_kept, 1024, 98_976, (128, 1024)),
    Workload("pipelined 16", drive_pipelined, 1024, 4096),
    Workload("64 at once", drive_many, 1024, 4096, (192, 192)),
    Workload("10,000 files", drive_files, 10_000, 10_000, (2000, 1000)),
    Workload("1 MiB", drive_large, 64, 128, (8, 16)),
    Workload("range 64 KiB", drive_range, 256, 1024, (32, 96)),
    Workload("304", drive_304, 256, 1024),
    Workload("404", drive_404, 256, 1024),
    Workload("errors of sites", drive_sites, 256, 1024),
    Workload("paths", drive_paths, 256, 1024),
    Workload("precompressed", drive_coded, 256, 1024),
    Workload("HEAD", drive_head, 256, 1024),
    Workload("preflight", drive_preflight, 256, 1024),
    Workload("listing", drive_list, 256, 1024, (64, 128)),
    Workload("password", drive_password, 256, 1024),
    Workload("wrong password", drive_wrong_password, 32, 64, (4, 8)),
    Workload("API key", drive_api_key, 256, 1024),
    Workload("signed link", drive_link, 256, 1024),
    Workload("bad requests", drive_bad, 300, 900, (90, 90)),
    Workload("hang-ups", drive_hang_up, 300, 900, (90, 90)),
    Workload("access log", drive_kept, 1024, 4096, log=True),
)
