# SPDX-License-Identifier: BSD-2-Clause
"""A client that sends bytes as they are and reads whole answers."""

import re
import socket

TIMEOUT_S = 30


class Answer:
    """Status, fields (names in lower case), body; head: its bytes."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.fields = {}
        for line in filter(None, lines[1:]):
            name, value = line.split(":", 1)
            self.fields[name.lower()] = value.strip()
        self.head = head
        self.body = body


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("closed in the middle of an answer")
        self.rest += data

    def read(self, has_body=True):
        """The next answer; without has_body, one to HEAD."""
        while (end := self.rest.find(b"\r\n\r\n")) == -1:
            self._more()
        head, self.rest = self.rest[:end + 4], self.rest[end + 4:]
        if has_body and re.search(rb"(?i)\ntransfer-encoding: *chunked", head):
            return Answer(head, self._chunks())
        length = re.search(rb"(?i)\ncontent-length:[ \t]*(\d+)", head)
        length = int(length[1]) if length and has_body else 0
        if head[9:12] in (b"204", b"304"):
            length = 0
        body = bytearray(self.rest)
        while len(body) < length:
            data = self.socket.recv(1 << 20)
            if not data:
                raise ConnectionError("closed in the middle of a body")
            body += data
        self.rest = bytes(body[length:])
        return Answer(head, bytes(body[:length]))

    def _chunks(self):
        """A body in chunks, which are taken to be without a fault."""
        body = bytearray()
        while True:
            while (end := self.rest.find(b"\r\n")) == -1:
                self._more()
            length = int(self.rest[:end], 16)
            while len(self.rest) < end + length + 4:
                self._more()
            body += self.rest[end + 2:end + 2 + length]
            self.rest = self.rest[end + length + 4:]
            if length == 0:
                return bytes(body)

    def ask(self, data, has_body=True):
        self.send(data)
        return self.read(has_body)

    def skip(self, length):
        """Reads and forgets so many bytes."""
        while length > 0:
            data = self.socket.recv(min(length, 1 << 20))
            if not data:
                raise ConnectionError("closed in the middle of an answer")
            length -= len(data)

    def wait_closed(self):
        """Until the server has closed too."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except ConnectionError:
            pass
