# SPDX-License-Identifier: BSD-2-Clause
"""What every answer must be, whatever was asked."""

import re

from grounds import FILES, SECRET

HEAD = re.compile(
    rb"HTTP/1\.1 ([1-5]\d\d) [\x20-\x7e]+\r\n"
    rb"((?:[-!#$%&'*+.^_`|~0-9A-Za-z]+: [\x21-\x7e][\x20-\x7e]*\r\n)*)\r\n")
LENGTH = re.compile(rb"^Content-Length: (\d+)\r\n", re.M)
LOCATION = re.compile(
    rb"(/(?![/\\])|http://(localhost|a\.example)(:\d+)?/"
    rb"|https://away\.example/)[\x21-\x7e]*")
PART = re.compile(rb"^Content-Type: multipart/byteranges", re.M)
CHUNK = re.compile(rb"([0-9a-f]{1,8})\r\n")
FIELDS = (b"Content-Length", b"Content-Range", b"Content-Type", b"Date",
          b"ETag", b"Last-Modified", b"Location", b"Server", b"Connection",
          b"Transfer-Encoding", b"X-Request-Id", b"Content-Encoding")
KNOWN = {*FILES.values(), b"alive\n", b"ready\n"}
BODILESS = (b"204", b"304")
# Of 5xx: a method or a coding that nobody knows, a site that is closed or a
# hash that waits, a version.
DUE = (b"501", b"503", b"505")


class Answers:
    """The answers that a connection got, one after the other."""

    def __init__(self, asked, data, broken_off):
        self.asked, self.data, self.broken_off = asked, data, broken_off
        self.statuses = []

    def check(self):
        assert SECRET[:14] not in self.data, "a secret"
        at = 0
        while at < len(self.data):
            match = HEAD.match(self.data, at)
            if match is None and self.broken_off and (
                    b"\r\n\r\n" not in self.data[at:]):
                break
            assert match, f"no head: {self.data[at:at + 300]}"
            at = self.check_one(match)
            if at is None:
                break
        return self.statuses

    def check_one(self, match):
        """Returns where the next answer begins, None at the end."""
        status, fields = match[1], match[2]
        self.check_fields(status, fields)
        if status[0:1] == b"1":
            return match.end()
        self.statuses.append(status)
        if status in BODILESS:
            assert b"Content-Length" not in fields or status == b"304"
            return match.end()
        if b"Transfer-Encoding: chunked\r\n" in fields:
            return self.check_chunks(match.end())
        length = LENGTH.search(fields)
        if length is None:
            assert b"Connection: close\r\n" in fields, "an end nobody knows"
            return None
        return self.check_body(status, fields, match.end(), int(length[1]))

    def check_fields(self, status, fields):
        names = [line.partition(b":")[0] for line in fields.split(b"\r\n")]
        for name in FIELDS:
            assert names.count(name) <= 1, f"{name} twice: {fields}"
        assert status[0:1] != b"5" or status in DUE, f"{status} {fields}"
        if b"Location" in names:
            value = re.search(rb"^Location: (.*)\r$", fields, re.M)[1]
            assert LOCATION.fullmatch(value), f"leads astray: {value}"

    def has_next(self, at):
        return at == len(self.data) or self.data.startswith(b"HTTP/1.1 ", at)

    def check_chunks(self, at):
        if b"HEAD" in self.asked and self.has_next(at):
            return at
        while match := CHUNK.match(self.data, at):
            at = match.end() + int(match[1], 16) + 2
            if at <= len(self.data):
                assert self.data[at - 2:at] == b"\r\n", "a chunk without end"
            if int(match[1], 16) == 0:
                return at
        assert self.broken_off, f"a chunk: {self.data[at:at + 60]}"
        return None

    def check_body(self, status, fields, at, length):
        end = at + length
        if b"HEAD" in self.asked and self.has_next(at):
            return at
        if end > len(self.data):
            assert self.broken_off, f"{len(self.data) - at} of {length} bytes"
            return None
        assert self.has_next(end), f"no answer: {self.data[end:end + 60]}"
        body = self.data[at:end]
        if status == b"200":
            assert body in KNOWN, f"nothing of ours: {fields} {body[:80]}"
        elif status == b"206" and not PART.search(fields):
            assert any(body in known for known in KNOWN), fields
        return end
