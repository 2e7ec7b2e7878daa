# SPDX-License-Identifier: BSD-2-Clause
"""A file that changes: what is sent is true, or the client is told it is not.

The size is fixed when the head is written (RFC 9112 6.3): a body that cannot
have it any more ends in a reset, and never in a kept connection.
"""

import os
import random
import signal
import time

import pytest

from client import cases, head
from server import open_files, wait_for

MIB = 1 << 20
LARGE = 24 * MIB
SHORTER = "the file became shorter"


@pytest.fixture(name="slow")
def fixture_slow(start_server):
    """A server, and a client in the middle of a download of 24 MiB."""
    server = start_server()
    path = server.root / "large.bin"
    with open(path, "wb") as file:
        for n in range(LARGE // MIB):
            file.write(b"%07d\n" % n * (MIB // 8))

    def begin(*lines, version="1.1"):
        conn = server.connect(rcvbuf=65536)
        conn.send(head("GET", "/large.bin", *lines, version=version)
                  + head("GET", "/hello.txt"))
        response = conn.response_head()
        assert response.status in (200, 206)
        while len(conn.unread) < MIB // 2:
            assert conn.receive()
        return conn, int(response["Content-Length"])

    server.begin = begin
    server.large = path
    return server


def read_on(conn):
    """Bytes until the connection ends, and whether that was a reset."""
    n = len(conn.unread)
    try:
        while data := conn.sock.recv(MIB):
            n += len(data)
    except ConnectionResetError:
        return n, True
    return n, False


@cases(
    "size, lines, version",
    ("9112-8 to nothing", 0, [], "1.1"),
    ("9112-8 to one byte less", LARGE - 1, [], "1.1"),
    ("9112-8 to half", LARGE // 2, [], "1.1"),
    ("9112-8 while a range is sent", LARGE // 2, ["Range: bytes=1-"], "1.1"),
    ("9112-8 while several ranges are sent", LARGE // 2,
     [f"Range: bytes=0-{LARGE // 2 - 2},{LARGE // 2}-"], "1.1"),
    ("9112-8 with Connection: close", LARGE // 2, ["Connection: close"],
     "1.1"),
    ("9112-6.3 to a client of HTTP/1.0", LARGE // 2, [], "1.0"),
)
def test_a_file_that_shrinks_ends_in_a_reset(slow, size, lines, version):
    slow.expect_log(SHORTER)
    conn, length = slow.begin(*lines, version=version)
    os.truncate(slow.large, size)

    n, was_reset = read_on(conn)

    assert was_reset, "an end without a reset looks like a whole answer"
    assert n < length
    line, = slow.wait_log(SHORTER)
    assert '"/large.bin"' in line
    assert f" {206 if lines and 'Range' in lines[0] else 200} " in \
        slow.access_lines(1)[0]
    assert slow.request("GET", "/hello.txt").status == 200
    assert slow.request("HEAD", "/large.bin")["Content-Length"] == str(size)


def test_nothing_of_the_next_answer_follows_a_short_body(slow):
    """Else it would be taken for the rest of the file."""
    slow.expect_log(SHORTER)
    conn, _ = slow.begin()
    os.truncate(slow.large, MIB)
    tail = b""
    with pytest.raises(ConnectionResetError):
        while data := conn.sock.recv(MIB):
            tail = (tail + data)[-4096:]

    assert b"hello, world" not in tail and b"HTTP/1.1" not in tail
    assert len(slow.access_lines(1)) == 1


def test_a_shrunken_file_leaves_no_descriptor_behind(slow):
    slow.expect_log(SHORTER)
    pid, = slow.workers()
    slow.request("GET", "/hello.txt")
    before = open_files(pid)
    conn, _ = slow.begin()
    os.truncate(slow.large, 0)
    read_on(conn)
    slow.large.unlink()
    assert slow.request("GET", "/large.bin").status == 404
    wait_for(lambda: open_files(pid) <= before, "the count from before")


def take_body(conn, length):
    """The whole body of a download; the next answer must be the next one."""
    body = bytearray(conn.take(length))
    while len(body) < length:
        data = conn.sock.recv(min(MIB, length - len(body)))
        assert data, f"{len(body)} of {length} bytes"
        body += data
    assert conn.response().body == b"hello, world\n"
    return body


def replace(path):
    fresh = path.with_suffix(".new")
    fresh.write_bytes(b"the new one\n")
    fresh.rename(path)


def append(path):
    with open(path, "ab") as file:
        file.write(b"x" * MIB)


@cases(
    "change, status, now",
    ("replaced by a rename", replace, 200, 12),
    ("deleted", lambda path: path.unlink(), 404, None),
    ("renamed", lambda path: path.rename(path.with_suffix(".old")), 404,
     None),
    ("grown", append, 200, LARGE + MIB),
    ("made unreadable", lambda path: path.chmod(0), None, None),
    ("touched", lambda path: os.utime(path, (1, 1)), 200, LARGE),
)
def test_any_other_change_leaves_a_download_whole(slow, change, status, now):
    conn, length = slow.begin()
    change(slow.large)
    assert length == LARGE

    assert take_body(conn, length).endswith(b"%07d\n" % (LARGE // MIB - 1))

    response = slow.request("HEAD", "/large.bin")
    if status is not None:
        assert response.status == status
    else:
        slow.expect_log("Permission denied")
    if now is not None:
        assert response["Content-Length"] == str(now)


def test_several_ranges_are_of_one_inode(slow):
    conn, length = slow.begin(
        f"Range: bytes=0-{8 * MIB - 1},{9 * MIB}-{10 * MIB - 1}")
    replace(slow.large)
    body = take_body(conn, length)

    assert body.count(b"%07d\n" % 9) == MIB // 8
    assert b"the new one" not in body


def write(path, text):
    path.write_bytes(text)


def write_beside(path, text):
    fresh = path.with_name("beside.tmp")
    fresh.write_bytes(text)
    fresh.rename(path)


def write_over(path, text):
    """The same bytes of the same file, without a truncation."""
    with open(path, "r+b") as file:
        file.write(text)


def delete_first(path, text):
    path.unlink()
    path.write_bytes(text)


def link_in(path, text):
    fresh = path.with_name("linked.tmp")
    fresh.write_bytes(text)
    path.unlink()
    os.link(fresh, path)
    fresh.unlink()


@cases(
    "change",
    ("written anew", write),
    ("replaced by a rename", write_beside),
    ("written over", write_over),
    ("deleted and made again", delete_first),
    ("linked in", link_in),
)
@pytest.mark.parametrize("size", [12, 40_000])
def test_a_change_is_seen_by_the_next_request(server, conn, change, size):
    """On a kept connection, through the cache; each has a tag of its own."""
    path = server.root / f"changing-{change.__name__}-{size}.txt"
    path.write_bytes(b"first")
    target = f"/{path.name}"
    conn.request("GET", target)
    seen = set()
    for n in range(25):
        text = b"%012d" % n * (size // 12)
        change(path, text)
        response = conn.request("GET", target)
        assert response.body == text
        seen.add(response["ETag"])
        again = conn.request("GET", target,
                             f"If-None-Match: {response['ETag']}")
        assert again.status == 304
    assert len(seen) == 25


def test_a_change_is_seen_on_a_new_connection(server):
    path = server.root / "fresh.txt"
    for n in range(100):
        path.write_bytes(b"%d" % n)
        assert server.request("GET", "/fresh.txt").body == b"%d" % n
        path.unlink()
        assert server.request("GET", "/fresh.txt").status == 404


def test_files_come_and_go_at_once(server, conn):
    path = server.root / "coming.txt"
    for n in range(50):
        assert conn.request("GET", "/coming.txt").status == 404
        path.write_bytes(b"%d" % n)
        assert conn.request("GET", "/coming.txt").body == b"%d" % n
        path.unlink()


def test_a_file_whose_date_lies_ahead_goes_at_once(server, conn):
    """It is looked at again in any case, and events count all the same."""
    path = server.root / "ahead.txt"
    path.write_bytes(b"ahead")
    os.utime(path, (time.time() + 3600,) * 2)
    assert conn.request("GET", "/ahead.txt").body == b"ahead"
    path.unlink()
    assert conn.request("GET", "/ahead.txt").status == 404


def test_growing_and_shrinking_between_requests(server, conn):
    """As a log does, which begins anew now and then."""
    path = server.root / "growing.log"
    path.write_bytes(b"")
    for n in range(60):
        if n % 20 == 19:
            os.truncate(path, 0)
        with open(path, "ab") as file:
            file.write(b"a line of this log\n" * 50)
        assert conn.request("GET", "/growing.log").body == path.read_bytes()


def test_a_touch_makes_another_tag(server, conn):
    path = server.root / "touched.txt"
    path.write_bytes(b"x")
    seen = set()
    for n in range(10):
        os.utime(path, ns=(10**18, 10**18 + n))
        seen.add(conn.request("GET", "/touched.txt")["ETag"])
    assert len(seen) == 10


def test_a_file_that_becomes_a_folder_and_back(server, conn):
    path = server.root / "turning"
    for _ in range(10):
        path.write_bytes(b"a file\n")
        assert conn.request("GET", "/turning").body == b"a file\n"
        path.unlink()
        path.mkdir()
        assert conn.request("GET", "/turning").status == 301
        (path / "index.html").write_bytes(b"a folder\n")
        assert conn.request("GET", "/turning/").body == b"a folder\n"
        (path / "index.html").unlink()
        path.rmdir()


@pytest.mark.parametrize("target", ["/up/down/file.txt", "/up/down/"])
def test_a_folder_above_is_replaced(server, conn, target):
    """What is cached below it is another file then."""
    up, aside = server.root / "up", server.root / "aside"
    for folder, text in ((up, b"old\n"), (aside, b"new\n")):
        (folder / "down").mkdir(parents=True, exist_ok=True)
        (folder / "down/file.txt").write_bytes(text)
        (folder / "down/index.html").write_bytes(text)
    between = server.root / "between"
    for _ in range(10):
        assert conn.request("GET", target).body == b"old\n"
        up.rename(between)
        assert conn.request("GET", target).status == 404
        aside.rename(up)
        assert conn.request("GET", target).body == b"new\n"
        up.rename(aside)
        between.rename(up)


def test_a_second_name_does_not_hide_a_change(start_server, scratch):
    """Nobody tells of what is written through a name in another folder."""
    server = start_server(cache={"valid": "100ms"})
    other = scratch / "other-name.txt"
    other.write_bytes(b"old\n")
    os.link(other, server.root / "hard.txt")
    conn = server.connect()
    assert conn.request("GET", "/hard.txt").body == b"old\n"
    other.write_bytes(b"new\n")

    wait_for(lambda: conn.request("GET", "/hard.txt").body == b"new\n",
             "the change", timeout_s=2)


def test_the_root_is_moved_and_another_put_in_its_place(start_server, scratch):
    """The old tree is served, whole, until a reload; then the new one."""
    server = start_server()
    assert server.request("GET", "/hello.txt").body == b"hello, world\n"
    server.root.rename(scratch / "moved")
    server.root.mkdir()
    (server.root / "hello.txt").write_bytes(b"another tree\n")

    assert server.request("GET", "/hello.txt").body == b"hello, world\n"
    (scratch / "moved/hello.txt").write_bytes(b"still served\n")
    assert server.request("GET", "/hello.txt").body == b"still served\n"
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: server.request("GET", "/hello.txt").body
             == b"another tree\n", "the new root")


def test_the_root_is_deleted(start_server, scratch):
    server = start_server()
    server.root.rename(scratch / "moved")
    for path in sorted((scratch / "moved").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else \
            path.unlink()
    (scratch / "moved").rmdir()

    assert server.request("GET", "/hello.txt").status == 404
    assert server.request("GET", "/").status == 404


@cases(
    "cache",
    ("eight slots, one for what is missing",
     {"files": 8, "missing": 1, "memory": "32k", "small": "8k"}),
    ("one slot", {"files": 1, "missing": 1, "memory": "4k", "small": "4k"}),
    ("slots for all, memory for few",
     {"files": 256, "memory": "16k", "small": "16k"}),
    ("no memory", {"files": 64, "memory": 0}),
    ("no cache", {"files": 0}),
)
def test_evictions_mix_nothing_up(start_server, cache):
    """A hundred files in folders, some changing, through a tiny cache."""
    server = start_server(cache=cache)
    pid, = server.workers()
    rng = random.Random(9110)
    content = {}
    for n in range(100):
        name = f"d{n % 7}/f{n}.txt"
        (server.root / name).parent.mkdir(exist_ok=True)
        content[name] = b"%03d" % n * rng.choice((1, 100, 1000, 2500, 9000))
        (server.root / name).write_bytes(content[name])
    names = list(content)
    with server.connect() as conn:
        for n in range(900):
            name = rng.choice(names)
            if n % 9 == 0:
                content[name] = b"%d" % n * rng.randrange(1, 3000)
                (server.root / name).write_bytes(content[name])
            if n % 11 == 0:
                assert conn.request("GET", f"/d0/no{n}").status == 404
            assert conn.request("GET", "/" + name).body == content[name]
    assert open_files(pid) < 120
    assert server.workers() == [pid]
