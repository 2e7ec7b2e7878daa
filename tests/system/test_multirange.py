# SPDX-License-Identifier: BSD-2-Clause
"""Several ranges in one answer (RFC 9110 14.6), parsed to the last byte."""

import os
import re

import pytest

from client import cases, head
from server import wait_for

MIB = 1 << 20
DIGITS = b"0123456789" * 100
# Sent from memory; by sendfile, each range within a buffer; in many slices.
FILES = {
    "digits.bin": DIGITS,
    "middle.bin": bytes(range(256)) * 400,
    "large.bin": b"".join(b"%07d\n" % n for n in range(MIB)),
}
TYPE = re.compile(r"multipart/byteranges; boundary=([0-9A-Za-z]{16,70})")
PART = re.compile(
    rb"Content-Type: (\S.*)\r\n"
    rb"Content-Range: bytes (\d+)-(\d+)/(\d+)\r\n\r\n")


@pytest.fixture(name="server", scope="module")
def fixture_files(server):
    for name, content in FILES.items():
        (server.root / name).write_bytes(content)
    (server.root / "coded.txt").write_bytes(b"o" * 5000)
    (server.root / "coded.txt.gz").write_bytes(DIGITS)
    (server.root / "typed.html").write_bytes(DIGITS)
    return server


def parse(response, size, media_type="application/octet-stream"):
    """The (first, last, bytes) of each part; nothing else may be there."""
    assert response.status == 206
    assert response["Content-Range"] is None, "RFC 9110 15.3.7.2"
    assert int(response["Content-Length"]) == len(response.body)
    boundary = TYPE.fullmatch(response["Content-Type"])[1].encode()
    rest, parts = response.body, []
    delimiter = b"--" + boundary + b"\r\n"
    while rest.startswith(delimiter):
        match = PART.match(rest, len(delimiter))
        assert match, rest[:200]
        first, last, total = map(int, match.groups()[1:])
        assert match[1].decode() == media_type
        assert total == size
        end = match.end() + last - first + 1
        parts.append((first, last, rest[match.end():end]))
        assert rest[end:end + 2] == b"\r\n", "RFC 2046 5.1.1"
        rest = rest[end + 2:]
        delimiter = b"--" + boundary + b"\r\n"
    assert rest == b"--" + boundary + b"--\r\n"
    assert all(boundary not in data for _, _, data in parts)
    return parts


def check_parts(response, content, want, **kwargs):
    parts = parse(response, len(content), **kwargs)
    assert [(first, last) for first, last, _ in parts] == want
    for first, last, data in parts:
        assert data == content[first:last + 1]


@cases(
    "value, want",
    ("9110-14.6 two", "0-1,8-9", [(0, 1), (8, 9)]),
    ("9110-14.6 two single bytes", "0-0,999-999", [(0, 0), (999, 999)]),
    ("9110-14.6 first and suffix", "0-9,-10", [(0, 9), (990, 999)]),
    ("9110-14.6 first and open", "0-9,990-", [(0, 9), (990, 999)]),
    ("9110-14.6 three", "0-1,100-101,200-201",
     [(0, 1), (100, 101), (200, 201)]),
    ("9110-14.6 eight", ",".join(f"{n}-{n}" for n in range(0, 80, 10)),
     [(n, n) for n in range(0, 80, 10)]),
    ("9110-15.3.7.2 in the order that was asked for", "500-509,0-9,900-909",
     [(500, 509), (0, 9), (900, 909)]),
    ("9110-15.3.7.2 backwards", "900-909,500-509,0-9",
     [(900, 909), (500, 509), (0, 9)]),
    ("9110-15.3.7.2 suffix before first", "-10,0-9", [(990, 999), (0, 9)]),
    ("9110-14.2 two overlap, one is apart", "0-10,5-20,500-509",
     [(0, 20), (500, 509)]),
    ("9110-14.2 two touch, one is apart", "0-9,10-19,500-509",
     [(0, 19), (500, 509)]),
    ("9110-14.2 one byte between", "0-9,11-19", [(0, 9), (11, 19)]),
    ("9110-14.2 one inside another", "0-99,10-20,500-509",
     [(0, 99), (500, 509)]),
    ("9110-14.2 the same twice, one is apart", "0-9,0-9,500-509",
     [(0, 9), (500, 509)]),
    ("9110-14.2 the third joins the first two", "0-9,20-29,10-19,500-509",
     [(0, 29), (500, 509)]),
    ("9110-14.2 a later one joins the first", "500-509,0-9,510-519",
     [(500, 519), (0, 9)]),
    ("9110-14.2 touching backwards", "10-19,0-9,500-509",
     [(0, 19), (500, 509)]),
    ("9110-14.2 nine that are eight",
     "0-9,10-19," + ",".join(f"{n}-{n}" for n in range(100, 800, 100)),
     [(0, 19)] + [(n, n) for n in range(100, 800, 100)]),
    ("9110-14.1.2 the end is clamped", "0-9,990-5000", [(0, 9), (990, 999)]),
    ("9110-14.1.2 one that cannot be satisfied is left out",
     "0-9,2000-2009,500-509", [(0, 9), (500, 509)]),
    ("9110-14.1.2 the first cannot be satisfied", "1000-,0-9,500-509",
     [(0, 9), (500, 509)]),
    ("9110-14.1.2 an empty suffix is left out", "0-9,-0,500-509",
     [(0, 9), (500, 509)]),
    ("9110-14.1.2 many that cannot be satisfied",
     ",".join(f"{n}-" for n in range(1000, 1020)) + ",0-9,500-509",
     [(0, 9), (500, 509)]),
    ("9110-5.6.1 white space and empty elements", "0-9 , ,\t500-509,,",
     [(0, 9), (500, 509)]),
    ("9110-14.2 all but one byte", "0-499,501-999", [(0, 499), (501, 999)]),
    ("9110-14.1.1 leading zeros", "000-009,0500-0509", [(0, 9), (500, 509)]),
)
@pytest.mark.parametrize("name", FILES)
def test_parts(conn, name, value, want):
    """The numbers are those of a file of 1,000 bytes, shifted to the end."""
    content = FILES[name]
    if name != "digits.bin":
        shift = len(content) - 1000

        def moved(match):
            return str(int(match[0]) + shift)
        value = re.sub(r"(?<![-\d])\d+|(?<=\d-)\d+", moved, value)
        want = [(first + shift, last + shift) for first, last in want]

    response = conn.request("GET", f"/{name}", f"Range: bytes={value}")

    check_parts(response, content, want)
    assert response["ETag"] and response["Last-Modified"]
    assert response["Accept-Ranges"] == "bytes"
    assert conn.request("GET", "/hello.txt").status == 200


@cases(
    "value, first, last",
    ("9110-15.3.7.1 two that touch", "0-9,10-19", 0, 19),
    ("9110-15.3.7.1 twenty that touch",
     ",".join(f"{n}-{n}" for n in range(20)), 0, 19),
    ("9110-15.3.7.1 twenty that touch, backwards",
     ",".join(f"{n}-{n}" for n in reversed(range(20))), 0, 19),
    ("9110-15.3.7.1 the rest cannot be satisfied", "0-9,1000-,2000-", 0, 9),
    ("9110-15.3.7.1 halves", "0-499,500-999", 0, 999),
    ("9110-15.3.7.1 a suffix that touches", "0-989,-10", 0, 999),
)
def test_what_is_one_range_is_no_multipart(conn, value, first, last):
    response = conn.request("GET", "/digits.bin", f"Range: bytes={value}")

    assert response.status == 206
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Range"] == f"bytes {first}-{last}/1000"
    assert response.body == DIGITS[first:last + 1]


@cases(
    "value",
    ("9110-14.2 nine ranges", ",".join(f"{n}-{n}" for n in range(0, 90, 10))),
    ("9110-14.2 a hundred ranges",
     ",".join(f"{n}-{n}" for n in range(0, 1000, 10))),
    ("9110-17.15 the whole file twice", "0-,0-"),
    ("9110-17.15 the whole file and a byte", "0-,5-5"),
    ("9110-17.15 a thousand times one byte", ",".join(["0-0"] * 1001)),
    ("9110-17.15 more bytes than there are", "0-600,300-999"),
    ("9110-17.15 the whole file in five overlaps",
     "0-,1-,2-,3-,4-"),
    ("9110-14.2 one of them is malformed", "0-9,x,500-509"),
    ("9110-14.2 the last of them is malformed", "0-9,500-509,9-8"),
)
@pytest.mark.parametrize("lines", [[], ["If-Range: {tag}"]])
def test_too_many_or_malformed_is_the_whole_file(conn, value, lines):
    tag = conn.request("HEAD", "/digits.bin")["ETag"]
    lines = [line.format(tag=tag) for line in lines]
    response = conn.request("GET", "/digits.bin", f"Range: bytes={value}",
                            *lines)

    assert response.status == 200
    assert response.body == DIGITS


@cases(
    "target, value, size",
    ("9110-15.5.17 none of three", "/digits.bin", "1000-,2000-,-0", 1000),
    ("9110-15.5.17 an empty file", "/empty.txt", "0-0,5-9", 0),
    ("9110-15.5.17 an empty file, suffixes", "/empty.txt", "-1,-2", 0),
)
def test_none_can_be_satisfied(conn, target, value, size):
    response = conn.request("GET", target, f"Range: bytes={value}")

    assert response.status == 416
    assert response["Content-Range"] == f"bytes */{size}"


def test_head_ignores_ranges(conn):
    """RFC 9110 14.2: Range is defined for GET alone."""
    response = conn.request("HEAD", "/digits.bin", "Range: bytes=0-1,8-9")

    assert response.status == 200
    assert response["Content-Length"] == "1000"


@cases(
    "lines, status",
    ("9110-13.1.5 the tag", ["If-Range: {tag}"], 206),
    ("9110-13.1.5 another tag", ['If-Range: "x"'], 200),
    ("9110-13.2.2 None-Match comes first", ["If-None-Match: {tag}"], 304),
    ("9110-13.2.2 Match is true", ["If-Match: {tag}"], 206),
    ("9110-13.2.2 Match is false", ['If-Match: "x"'], 412),
)
def test_preconditions(conn, lines, status):
    tag = conn.request("HEAD", "/digits.bin")["ETag"]
    response = conn.request("GET", "/digits.bin", "Range: bytes=0-1,8-9",
                            *[line.format(tag=tag) for line in lines])

    assert response.status == status
    if status == 206:
        check_parts(response, DIGITS, [(0, 1), (8, 9)])
        assert response["ETag"] == tag


def test_each_part_has_the_type_of_the_file(conn):
    response = conn.request("GET", "/typed.html", "Range: bytes=0-1,8-9")

    check_parts(response, DIGITS, [(0, 1), (8, 9)],
                media_type="text/html; charset=utf-8")


def test_parts_of_a_variant(conn):
    """RFC 9110 14: ranges are of the coded bytes, and so is their total."""
    response = conn.request("GET", "/coded.txt", "Accept-Encoding: gzip",
                            "Range: bytes=0-1,-2")

    check_parts(response, DIGITS, [(0, 1), (998, 999)],
                media_type="text/plain; charset=utf-8")
    assert response["Content-Encoding"] == "gzip"
    assert response["Vary"] == "Accept-Encoding"
    response = conn.request("GET", "/coded.txt", "Range: bytes=0-1,-2")
    check_parts(response, b"o" * 5000, [(0, 1), (4998, 4999)],
                media_type="text/plain; charset=utf-8")
    assert response["Content-Encoding"] is None


LARGE_SETS = [
    [(0, 3 * MIB), (4 * MIB, 6 * MIB + 5), (8 * MIB - 7, 8 * MIB - 1)],
    [(7 * MIB, 8 * MIB - 1), (0, 0), (2 * MIB - 1, 5 * MIB)],
    [(1, 1), (3, 3), (MIB, 3 * MIB), (4 * MIB, 4 * MIB)],
]


def asked(ranges):
    return "Range: bytes=" + ",".join(f"{a}-{b}" for a, b in ranges)


def test_large_parts_behind_each_other(conn):
    """Parts that need many sends, pipelined with small answers between."""
    content = FILES["large.bin"]
    conn.send(b"".join(head("GET", "/large.bin", asked(ranges))
                       + head("GET", "/hello.txt")
                       for ranges in LARGE_SETS))

    for ranges in LARGE_SETS:
        check_parts(conn.response(), content, ranges)
        assert conn.response().body == b"hello, world\n"


def test_large_parts_to_a_client_that_reads_slowly(server):
    content = FILES["large.bin"]
    with server.connect(rcvbuf=8192) as conn:
        conn.send(head("GET", "/large.bin", asked(LARGE_SETS[1]))
                  + head("GET", "/hello.txt"))
        response = conn.response_head()
        length = int(response["Content-Length"])
        while len(conn.unread) < length:
            piece = conn.sock.recv(60_000)
            assert piece
            conn.unread += piece
        response.body = conn.take(length)
        check_parts(response, content, LARGE_SETS[1])
        assert conn.response().body == b"hello, world\n"


@cases(
    "version, line",
    ("9112-9.6 close", "1.1", "Connection: close"),
    ("9112-9.3 HTTP/1.0", "1.0", "X: y"),
)
def test_the_connection_ends_behind_the_last_part(conn, version, line):
    response = conn.request("GET", "/large.bin", asked(LARGE_SETS[0]), line,
                            version=version)

    check_parts(response, FILES["large.bin"], LARGE_SETS[0])
    assert conn.rest() == b""


def test_many_small_parts_in_a_deep_pipeline(conn):
    """The text between the parts must fit wherever the buffer is full."""
    sets = [[(n, n + k) for n in range(0, 800, 100)] for k in range(90)]
    conn.send(b"".join(head("GET", "/digits.bin", asked(ranges))
                       for ranges in sets))

    for ranges in sets:
        check_parts(conn.response(), DIGITS, ranges)


def test_parts_that_straddle_what_a_buffer_holds(conn):
    """Sizes on both sides of every limit inside the server."""
    content = FILES["middle.bin"]
    for size in range(14_000, 22_000, 333):
        ranges = [(0, size), (size + 2, 2 * size), (100_000, 100_001)]
        response = conn.request("GET", "/middle.bin", asked(ranges))
        check_parts(response, content, ranges)


def test_parts_beyond_32_bits(server, conn):
    size, at = 5 << 30, (4 << 30) + 7
    with open(server.root / "huge.bin", "wb") as file:
        file.truncate(size)
        os.pwrite(file.fileno(), b"beyond", at)

    response = conn.request("GET", "/huge.bin",
                            f"Range: bytes={at}-{at + 5},-1,0-0")

    assert parse(response, size) == [
        (at, at + 5, b"beyond"), (size - 1, size - 1, b"\0"), (0, 0, b"\0")]


def test_the_boundary_differs_between_servers(server, start_server):
    def boundary(which):
        return which.request("GET", "/digits.bin", "Range: bytes=0-1,8-9")[
            "Content-Type"]
    assert boundary(server) != boundary(start_server())


def test_the_log_counts_the_whole_body(start_server):
    server = start_server()
    with server.connect() as conn:
        length = conn.request("GET", "/digits.bin", "Range: bytes=0-1,8-9")[
            "Content-Length"]

    line, = server.access_lines(1)
    assert line.endswith(f" 206 {length}")


def test_a_client_that_leaves_between_parts(start_server):
    server = start_server()
    (server.root / "large.bin").write_bytes(FILES["large.bin"])
    conn = server.connect(rcvbuf=8192)
    conn.send(head("GET", "/large.bin", asked(LARGE_SETS[0])))
    conn.response_head()
    conn.close()

    line, = server.access_lines(1)
    assert " 206 " in line
    pid, = server.workers()
    wait_for(lambda: server.request("GET", "/hello.txt").status == 200,
             "an answer")
    assert server.workers() == [pid]
