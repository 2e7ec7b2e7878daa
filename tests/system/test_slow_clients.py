# SPDX-License-Identifier: BSD-2-Clause
"""Clients that take, or send, as little as they can.

Every wait for a client has an end that its bytes do not put off, except for
what it takes of an answer, which has a least rate.
"""

import os
import time

import pytest

from client import head
from server import wait_for

SHORT = "300ms"
SHORT_S = 0.3
LATE_S = 5
LONG = {key: "60s" for key in
        ("first_byte", "head", "body", "send", "keepalive")}
LARGE = 32 << 20


@pytest.fixture(name="start")
def fixture_start(start_server):
    """Starts a server whose only short deadline is the one named."""
    def start(key, **limits):
        server = start_server(timeouts={**LONG, key: SHORT},
                              limits={"requests": 0, **limits})
        with open(server.root / "large.bin", "wb") as file:
            file.truncate(LARGE)
        return server
    return start


def read_slowly(conn, n, pause_s, seconds):
    """Takes n bytes a pause, for so long; false when the server cut it."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        time.sleep(pause_s)
        if is_reset(conn):
            return False
        conn.sock.recv(n)
    return True


def is_reset(conn):
    """True once a reset has come, whatever is still to be read."""
    try:
        conn.send(b"\r\n")
    except ConnectionError:
        return True
    return False


# Some 80 kB a second, in 300 ms about 24 kB: far from each of these rates.
@pytest.mark.parametrize("rate, lives", [
    pytest.param("off", True, id="any progress"),
    pytest.param("2k", True, id="above the rate"),
    pytest.param("4m", False, id="below the rate"),
])
def test_who_takes_less_than_the_rate_is_cut(start, rate, lives):
    server = start("send", send_rate=rate)
    conn = server.connect(rcvbuf=8192)
    conn.send(head("GET", "/large.bin"))

    assert read_slowly(conn, 4096, 0.05, 4 * SHORT_S) == lives
    if not lives:
        line, = server.access_lines(1)
        assert int(line.split()[-1]) < LARGE


def test_a_byte_now_and_then_is_not_enough(start):
    conn = start("send").connect(rcvbuf=4096)
    conn.send(head("GET", "/large.bin"))

    assert not read_slowly(conn, 1, SHORT_S / 6, LATE_S)


def test_what_only_our_kernel_took_does_not_count(start):
    """The whole answer fits into its buffers at first."""
    server = start("send")
    (server.root / "middle.bin").write_bytes(bytes(300_000))
    conn = server.connect(rcvbuf=4096)
    begin = time.monotonic()
    conn.send(head("GET", "/middle.bin") * 40)
    server.access_lines(1)
    wait_for(lambda: is_reset(conn), "the connection reset", LATE_S)
    assert time.monotonic() - begin < LATE_S


@pytest.mark.parametrize("lines, parts", [
    pytest.param(["Content-Length: 60000"], [b"b"], id="length"),
    pytest.param(["Transfer-Encoding: chunked"], [b"1\r\nb\r\n"],
                 id="chunks"),
    pytest.param(["Transfer-Encoding: chunked"], [b"1;", *[b"e"] * 999],
                 id="the extension of a chunk"),
    pytest.param(["Transfer-Encoding: chunked"], [b"0\r\nA: ", *[b"v"] * 999],
                 id="a trailer"),
])
def test_a_body_is_not_renewed_by_bytes(start, lines, parts):
    conn = start("body").connect()
    begin = time.monotonic()
    conn.send(head("GET", "/hello.txt", *lines))
    conn.sock.settimeout(SHORT_S / 10)
    for i in range(1000):
        try:
            conn.send(parts[i % len(parts)])
            if not conn.receive() or b"\r\n\r\n" in conn.unread:
                break
        except TimeoutError:
            assert time.monotonic() - begin < LATE_S

    assert conn.unread.startswith(b"HTTP/1.1 408 ")
    assert SHORT_S / 2 < time.monotonic() - begin < LATE_S


def test_a_body_behind_an_answer_is_not_renewed_by_it(start):
    """The answer before it is sent while the body trickles."""
    conn = start("body").connect()
    begin = time.monotonic()
    conn.send(head("GET", "/hello.txt") +
              head("GET", "/hello.txt", "Content-Length: 60000") + b"b")
    assert conn.response().status == 200

    assert conn.response().status == 408
    assert SHORT_S / 2 < time.monotonic() - begin < LATE_S


def test_each_head_has_a_deadline_of_its_own(start_server):
    """A slow one does not harm the next: together they take longer."""
    conn = start_server(timeouts={"head": "1s"}).connect()
    for _ in range(5):
        for part in (b"GET /hello.txt HTTP/1.1\r\n", b"Host: a\r\n", b"\r\n"):
            conn.send(part)
            time.sleep(0.1)
        assert conn.response().status == 200


def test_whoever_asks_slowly_again_and_again_is_sent_away(start):
    server = start("age")
    begin = time.monotonic()
    conn = server.connect()
    while not (response := conn.request("GET", "/hello.txt")).closes:
        assert response.status == 200
        assert time.monotonic() - begin < LATE_S
    assert response.status == 200
    assert time.monotonic() - begin > 0.9 * SHORT_S
    assert conn.rest() == b""


def test_zero_lets_it_grow_as_old_as_it_likes(start_server):
    server = start_server(timeouts={"age": "0"})
    conn = server.connect()
    for _ in range(3):
        assert not conn.request("GET", "/hello.txt").closes


@pytest.mark.parametrize("part", [
    pytest.param(b"GET /hello.txt HTTP/1.1\r\nX-A: ", id="head"),
    pytest.param(head("GET", "/hello.txt", "Content-Length: 9") + b"b",
                 id="body"),
    pytest.param(b"", id="silence"),
])
def test_who_is_slow_with_a_request_makes_room(start_server, part):
    """When limits.connections is reached and nobody idles."""
    server = start_server(limits={"connections": 2},
                          listen={"defer_accept": "no"},
                          timeouts={key: "60s" for key in LONG})
    server.expect_log("limits.connections")
    slow = [server.connect() for _ in range(2)]
    slow[0].send(part)
    slow[1].send(part)
    begin = time.monotonic()

    assert server.request("GET", "/hello.txt").status == 200
    assert time.monotonic() - begin > 1
    assert sorted(map(is_open, slow)) == [False, True]


def is_open(conn):
    conn.sock.settimeout(0.1)
    try:
        return conn.receive()
    except TimeoutError:
        return True


def make_list(server):
    """A list that is larger than what the kernel keeps for a client."""
    folder = server.root / "list"
    folder.mkdir()
    for i in range(9000):
        os.close(os.open(folder / f"{'n' * 230}{i}", os.O_CREAT, 0o644))
    (server.root / "other").mkdir()


def test_slow_readers_of_lists_keep_out_nobody_for_long(start_server):
    """Eight can be under way; the slowest of them makes room."""
    server = start_server(site={"listing": "on"})
    make_list(server)
    slow = [server.connect(rcvbuf=4096) for _ in range(8)]
    for conn in slow:
        conn.send(head("GET", "/list/?format=json"))
        assert conn.response_head().status == 200
    begin = time.monotonic()
    while (response := server.request("GET", "/other/")).status != 200:
        assert response["Retry-After"] == "1"
        assert time.monotonic() - begin < LATE_S
        time.sleep(0.1)

    # Who lost it hears that the list is not whole.
    assert any(not ends_whole(conn) for conn in slow)
    assert server.request("GET", "/other/").status == 200


def ends_whole(conn):
    """True when the last chunk comes, false when a reset does."""
    end = conn.unread
    while not end.endswith(b"\r\n0\r\n\r\n"):
        try:
            end = end[-7:] + conn.sock.recv(1 << 20)
        except ConnectionResetError:
            return False
    return True
