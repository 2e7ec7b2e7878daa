# SPDX-License-Identifier: BSD-2-Clause
"""GET of a file: the bytes, the fields, and files that are large."""

import hashlib
import os
import time
from email.utils import parsedate_to_datetime

from client import Connection, cases, head

TEXT = "; charset=utf-8"
MIB = 1 << 20


def make_large(path, size=64 * MIB):
    """A sparse file in which every stretch of 64 KiB differs."""
    with open(path, "wb") as file:
        for offset in range(0, size, 65536):
            file.seek(offset)
            file.write(b"at %012d" % offset)
        file.truncate(size)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while data := file.read(MIB):
            digest.update(data)
    return digest.hexdigest()


def receive_large(conn, pause=None):
    """Reads one response without keeping it: its head, length, digest."""
    response = conn.response_head()
    left = int(response["Content-Length"])
    digest = hashlib.sha256()
    while True:
        part = conn.take(left)
        digest.update(part)
        left -= len(part)
        if left == 0:
            return response, digest.hexdigest()
        if pause:
            pause()
        assert conn.receive(), f"{left} bytes are missing"


def test_a_file_comes_with_all_its_fields(server, conn):
    response = conn.request("GET", "/hello.txt")
    stat = (server.root / "hello.txt").stat()

    assert response.status == 200
    assert response.reason == "OK"
    assert response.body == b"hello, world\n"
    assert response["Content-Type"] == "text/plain" + TEXT
    assert response["Content-Length"] == "13"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Server"] == "tined"
    assert response["Connection"] is None
    modified = parsedate_to_datetime(response["Last-Modified"])
    assert modified.timestamp() == int(stat.st_mtime)
    assert response["ETag"].startswith('"') and response["ETag"].endswith('"')


def test_the_date_is_now(conn):
    date = parsedate_to_datetime(conn.request("GET", "/")["Date"])

    assert abs(date.timestamp() - time.time()) <= 2


def test_an_empty_file_has_length_zero(conn):
    response = conn.request("GET", "/empty.txt")

    assert (response.status, response["Content-Length"]) == (200, "0")
    assert conn.request("GET", "/hello.txt").status == 200


@cases(
    "name, media_type",
    ("html", "x.html", "text/html" + TEXT),
    ("htm", "x.htm", "text/html" + TEXT),
    ("css", "x.css", "text/css" + TEXT),
    ("js", "x.js", "text/javascript" + TEXT),
    ("mjs", "x.mjs", "text/javascript" + TEXT),
    ("txt", "x.txt", "text/plain" + TEXT),
    ("upper case", "X.HTML", "text/html" + TEXT),
    ("json", "x.json", "application/json"),
    ("svg", "x.svg", "image/svg+xml"),
    ("png", "x.png", "image/png"),
    ("jpg", "x.jpg", "image/jpeg"),
    ("webp", "x.webp", "image/webp"),
    ("ico", "x.ico", "image/"),
    ("woff2", "x.woff2", "font/woff2"),
    ("wasm", "x.wasm", "application/wasm"),
    ("pdf", "x.pdf", "application/pdf"),
    ("gz", "x.gz", "application/gzip"),
    ("mp4", "x.mp4", "video/mp4"),
    ("no ending", "README", "application/octet-stream"),
    ("unknown ending", "x.zzz", "application/octet-stream"),
    ("the dot of a folder is no ending", "a.html.d/x",
     "application/octet-stream"),
)
def test_content_type_follows_the_ending(server, conn, name, media_type):
    path = server.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")

    response = conn.request("GET", "/" + name)

    assert response["Content-Type"].startswith(media_type)
    assert response["Content-Encoding"] is None


def test_a_media_type_can_be_configured(start_server):
    server = start_server(mime={"zzz": "text/x-zzz", "txt": "text/x-mine"})
    (server.root / "a.zzz").write_bytes(b"x")

    assert "text/x-zzz" in server.request("GET", "/a.zzz")["Content-Type"]
    assert "text/x-mine" in server.request("GET", "/hello.txt")["Content-Type"]


@cases(
    "request_bytes",
    ("9112-3.2.1 a query does not select the file",
     head("GET", "/hello.txt?a=b&c=/../../x")),
    ("9112-3.2.1 an empty query", head("GET", "/hello.txt?")),
    ("9112-3.2.2 absolute form",
     head("GET", "http://example.org/hello.txt", host="example.org")),
    ("9112-3.2.2 absolute form with a port",
     head("GET", "http://example.org:81/hello.txt", host="example.org:81")),
    ("9112-3.2.2 absolute form wins over Host",
     head("GET", "http://example.org/hello.txt", host="other")),
    ("9112-3.2.2 absolute form, scheme in upper case",
     head("GET", "HTTP://EXAMPLE.ORG/hello.txt", host="example.org")),
    ("9112-3.2 Host with port", head("GET", "/hello.txt", host="a:80")),
    ("9112-3.2 Host is an IPv6 address",
     head("GET", "/hello.txt", host="[::1]:80")),
    ("9112-2.2 one empty line before the request",
     b"\r\n" + head("GET", "/hello.txt")),
    ("9110-5.1 field names in any case",
     head("GET", "/hello.txt", "hOsT: localhost", host=None)),
    ("9112-5.1 no space after the colon",
     head("GET", "/hello.txt", "Host:localhost", host=None)),
    ("9112-5.1 white space around a value",
     head("GET", "/hello.txt", "Host: \t localhost \t ", host=None)),
    ("9110-5.5 an empty value", head("GET", "/hello.txt", "X-Empty:")),
    ("9110-5.5 obs-text in a value", head("GET", "/hello.txt", "X-A: \xe4")),
    ("9110-5.6.2 every character of a token in a name",
     head("GET", "/hello.txt", "!#$%&'*+-.^_`|~09azAZ: x")),
    ("9110-7.8 Upgrade is ignored",
     head("GET", "/hello.txt", "Connection: Upgrade", "Upgrade: h2c")),
    ("9112-3 HTTP/1.0 without Host",
     head("GET", "/hello.txt", version="1.0", host=None)),
)
def test_a_valid_request_gets_the_file(conn, request_bytes):
    conn.send(request_bytes)

    response = conn.response()

    assert (response.status, response.body) == (200, b"hello, world\n")


@cases(
    "request_bytes",
    ("9112-6.2 Content-Length",
     head("GET", "/hello.txt", "Content-Length: 5") + b"GET /"),
    ("9112-6.2 Content-Length of zero",
     head("GET", "/hello.txt", "Content-Length: 0")),
    ("9112-6.2 a body that looks like a request",
     head("GET", "/hello.txt", "Content-Length: 44")
     + head("GET", "/nowhere.txt")[:44].ljust(44, b"\n")),
    ("9112-7.1 chunked",
     head("GET", "/hello.txt", "Transfer-Encoding: chunked")
     + b"5\r\nGET /\r\n0\r\n\r\n"),
    ("9112-7 the name of a coding in any case",
     head("GET", "/hello.txt", "Transfer-Encoding: CHUNKED")
     + b"0\r\n\r\n"),
    ("9112-7.1.1 chunk extension",
     head("GET", "/hello.txt", "Transfer-Encoding: chunked")
     + b'5;a=b;c="d"\r\nGET /\r\n0;e\r\n\r\n'),
    ("9112-7.1.2 trailer",
     head("GET", "/hello.txt", "Transfer-Encoding: chunked")
     + b"5\r\nGET /\r\n0\r\nContent-Length: 9\r\nX: y\r\n\r\n"),
    ("9112-7.1 chunk size in capital hex",
     head("GET", "/hello.txt", "Transfer-Encoding: chunked")
     + b"0A\r\n0123456789\r\n00\r\n\r\n"),
)
def test_a_body_is_discarded_and_the_connection_kept(conn, request_bytes):
    conn.send(request_bytes + head("GET", "/docs/page.html"))

    assert conn.response().body == b"hello, world\n"
    assert b"page" in conn.response().body


def test_expect_continue_is_answered_with_a_final_status(conn):
    conn.send(head("POST", "/hello.txt", "Expect: 100-continue",
                   "Content-Length: 1000"))

    assert conn.response().status == 405


def test_a_changed_file_is_seen_at_once(server, conn):
    path = server.root / "changes.txt"
    path.write_bytes(b"one\n")
    first = conn.request("GET", "/changes.txt")
    # The same length within the same second: only nanoseconds tell.
    path.write_bytes(b"two\n")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    second = conn.request("GET", "/changes.txt")

    assert (first.body, second.body) == (b"one\n", b"two\n")
    assert first["ETag"] != second["ETag"]


@cases(
    "mtime",
    ("9110-8.8 epoch", 0),
    ("9110-8.8 one second after the epoch", 1),
    ("9110-8.8.2.1 in the future", time.time() + 86400),
)
def test_a_meaningless_mtime_makes_no_validator(server, conn, mtime):
    path = server.root / "odd-mtime.txt"
    path.write_bytes(b"x")
    os.utime(path, (mtime, mtime))

    response = conn.request("GET", "/odd-mtime.txt")

    assert response.status == 200
    assert response["Last-Modified"] is None
    assert response["ETag"] is None


def test_a_large_file_is_complete(server, conn):
    make_large(server.root / "large.bin")
    conn.send(head("GET", "/large.bin"))

    response, digest = receive_large(conn)

    assert response["Content-Length"] == str(64 * MIB)
    assert digest == sha256(server.root / "large.bin")
    assert conn.request("GET", "/hello.txt").status == 200


def test_a_slow_reader_gets_it_all_while_others_are_served(server):
    make_large(server.root / "slow.bin", 8 * MIB)
    with server.connect(rcvbuf=16384) as conn:
        conn.send(head("GET", "/slow.bin"))

        def ask_meanwhile():
            with Connection(server.address) as other:
                assert other.request("GET", "/hello.txt").status == 200

        conn.receive()
        ask_meanwhile()
        _, digest = receive_large(conn)

    assert digest == sha256(server.root / "slow.bin")


def test_many_downloads_at_once_are_complete(server):
    make_large(server.root / "many.bin", 4 * MIB)
    conns = [server.connect() for _ in range(8)]
    for conn in conns:
        conn.send(head("GET", "/many.bin"))

    digests = {receive_large(conn)[1] for conn in conns}

    assert digests == {sha256(server.root / "many.bin")}


def test_a_replaced_file_finishes_from_the_old_inode(server, conn):
    path = server.root / "replaced.bin"
    make_large(path, 16 * MIB)
    before = sha256(path)
    conn.send(head("GET", "/replaced.bin"))
    conn.receive()
    (server.root / "new.bin").write_bytes(b"new")
    (server.root / "new.bin").rename(path)

    assert receive_large(conn)[1] == before
    assert conn.request("GET", "/replaced.bin").body == b"new"


def test_a_file_that_shrinks_ends_the_connection(start_server):
    server = start_server()
    server.expect_log("shrank|shrunk|truncated|short")
    path = server.root / "shrinks.bin"
    make_large(path, 64 * MIB)
    conn = server.connect(rcvbuf=16384)
    conn.send(head("GET", "/shrinks.bin"))
    length = int(conn.response_head()["Content-Length"])
    os.truncate(path, 1000)

    got = len(conn.unread)
    try:
        while conn.receive():
            got += len(conn.take(len(conn.unread)))
    except ConnectionResetError:
        pass

    assert got < length
    assert server.request("GET", "/hello.txt").status == 200
