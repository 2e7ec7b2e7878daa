# SPDX-License-Identifier: BSD-2-Clause
"""An HTTP client that sends any bytes and forgives nothing that it reads."""

import re
import socket
import threading
from email.utils import parsedate_to_datetime

import pytest

TIMEOUT_S = 10

STATUS_LINE = re.compile(r"HTTP/1\.1 ([1-5]\d\d) ([\x20-\x7e]+)")
FIELD_LINE = re.compile(
    r"([-!#$%&'*+.^_`|~0-9A-Za-z]+): ([\x21-\x7e][\x20-\x7e]*)")
IMF_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d:\d\d GMT")
SINGLE_FIELDS = (
    "Connection", "Content-Length", "Content-Range", "Content-Type", "Date",
    "ETag", "Last-Modified", "Location", "Server",
)


def cases(names, *rows):
    """A table of protocol cases; the first column is the id of the row."""
    params = [pytest.param(*row[1:], id=row[0]) for row in rows]
    ids = [param.id for param in params]
    assert len(set(ids)) == len(ids), "two rows have the same name"
    return pytest.mark.parametrize(names, params)


def head(method="GET", target="/", *lines, version="1.1", host="localhost"):
    """The bytes of a request head; host None leaves Host out."""
    out = [f"{method} {target} HTTP/{version}"]
    if host is not None:
        out.append(f"Host: {host}")
    out += [*lines, ""]
    return "".join(line + "\r\n" for line in out).encode("latin-1")


class Response:
    """A response, checked for what RFC 9110 and 9112 ask of every one."""

    def __init__(self, text):
        status_line, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
        match = STATUS_LINE.fullmatch(status_line)
        assert match, f"status line {status_line!r}"
        self.status, self.reason = int(match[1]), match[2]
        self.fields = []
        for line in lines:
            match = FIELD_LINE.fullmatch(line)
            assert match, f"field line {line!r}"
            self.fields.append((match[1], match[2]))
        self.body = b""
        self.check()

    def check(self):
        for name in SINGLE_FIELDS:
            assert len(self.values(name)) <= 1, f"repeated: {self.fields}"
        for name in ("Date", "Last-Modified"):
            if self[name] is not None:
                assert IMF_DATE.fullmatch(self[name]), self.fields
                assert parsedate_to_datetime(self[name])
        if self.status >= 200:
            assert self["Date"], f"no Date: {self.fields}"
        if self["Transfer-Encoding"] is not None:
            assert self.status >= 200 and self.status not in (204, 304)
            assert self.values("Transfer-Encoding") == ["chunked"]
            assert self["Content-Length"] is None, "RFC 9112 6.2"
        if self.status < 200 or self.status == 204:
            assert self["Content-Length"] is None, "RFC 9110 8.6"

    def values(self, name):
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def __getitem__(self, name):
        values = self.values(name)
        return values[0] if values else None

    def names(self):
        return [name for name, _ in self.fields]

    def has_body(self, method):
        return not (method == "HEAD" or self.status < 200
                    or self.status in (204, 304))

    @property
    def closes(self):
        return self["Connection"] == "close"

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:80]!r}>"


class Connection:
    """A connection; reads responses one by one, in order."""

    def __init__(self, address, timeout_s=TIMEOUT_S, rcvbuf=None):
        family = (socket.AF_UNIX if isinstance(address, str) else
                  socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(timeout_s)
        if rcvbuf is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.unread = b""
        try:
            self.sock.connect(address)
            if family != socket.AF_UNIX:
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            self.sock.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def send_bytewise(self, data):
        for i in range(len(data)):
            self.sock.sendall(data[i:i + 1])

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def receive(self):
        """More bytes into self.unread; False at the end of the stream."""
        data = self.sock.recv(1 << 18)
        self.unread += data
        return bool(data)

    def take(self, n):
        taken, self.unread = self.unread[:n], self.unread[n:]
        return taken

    def discard(self, n):
        """Reads n bytes and forgets them."""
        n -= len(self.take(n))
        while n > 0:
            data = self.sock.recv(min(n, 1 << 18))
            assert data, f"the stream ended {n} bytes too early"
            n -= len(data)

    def response_head(self):
        while (end := self.unread.find(b"\r\n\r\n")) == -1:
            assert self.receive(), f"the stream ended after {self.unread!r}"
        return Response(self.take(end + 4).decode("latin-1"))

    def response(self, method="GET"):
        """The next response; method is the one of its request."""
        response = self.response_head()
        if not response.has_body(method):
            return response
        if response["Transfer-Encoding"] is not None:
            response.body = b"".join(self.chunks())
            return response
        length = response["Content-Length"]
        assert length and length.isdecimal(), response.fields
        while len(self.unread) < int(length):
            assert self.receive(), f"{len(self.unread)} of {length} bytes"
        response.body = self.take(int(length))
        return response

    def line(self):
        """The next line, without its CR LF."""
        while (end := self.unread.find(b"\r\n")) == -1:
            assert self.receive(), f"the stream ended after {self.unread!r}"
        return self.take(end + 2)[:-2]

    def chunks(self):
        """The chunks of a body, one by one (RFC 9112 7.1)."""
        while True:
            size = self.line()
            assert re.fullmatch(rb"[0-9a-f]{1,8}", size), size
            length = int(size, 16)
            while len(self.unread) < length + 2:
                assert self.receive(), "the stream ended in a chunk"
            data = self.take(length)
            assert self.take(2) == b"\r\n", "no line end behind a chunk"
            if length == 0:
                return
            yield data

    def request(self, method="GET", target="/", *lines, body=b"", **kwargs):
        self.send(head(method, target, *lines, **kwargs) + body)
        return self.response(method)

    def rest(self):
        """Everything until the server closes; a reset is an error."""
        while self.receive():
            continue
        return self.take(len(self.unread))


class Load:
    """Clients that ask without pause, on kept and on fresh connections."""

    def __init__(self, address, kept=3, fresh=3, target="/hello.txt"):
        self.address, self.target = address, target
        self.failures, self.answered = [], 0
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        lines = [()] * kept + [("Connection: close",)] * fresh
        self.threads = [threading.Thread(target=self.run, args=(line,))
                        for line in lines]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def run(self, lines):
        while not self.stopping.is_set():
            try:
                with Connection(self.address) as conn:
                    self.ask(conn, lines)
            except (OSError, AssertionError) as err:
                with self.lock:
                    self.failures.append(repr(err))

    def ask(self, conn, lines):
        """Requests until the server announces that it closes."""
        while not self.stopping.is_set():
            response = conn.request("GET", self.target, *lines)
            assert response.status == 200, response
            with self.lock:
                self.answered += 1
            if response.closes:
                assert conn.rest() == b""
                return
