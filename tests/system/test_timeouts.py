# SPDX-License-Identifier: BSD-2-Clause
"""Deadlines: each wait ends by itself, and no byte renews it for nothing.

Every server here has one short deadline and leaves the others long, so that
a test that passes has met the deadline that it names.
"""

import signal
import time

import pytest

from client import head
from server import wait_for

SHORT = "300ms"
SHORT_S = 0.3
LATE_S = 3
LONG = {key: "60s" for key in
        ("first_byte", "head", "body", "send", "keepalive")}


@pytest.fixture(name="short")
def fixture_short(start_server):
    """Starts a server whose only short deadline is the one named."""
    return lambda key: start_server(
        timeouts={**LONG, key: SHORT}, limits={"requests": 0})


def seconds_until_end(conn, data=b""):
    """Reads to the end of the stream; the seconds that took, and the bytes."""
    begin = time.monotonic()
    conn.send(data)
    rest = conn.rest()
    return time.monotonic() - begin, rest


def test_first_byte_ends_in_silence(short):
    seconds, rest = seconds_until_end(short("first_byte").connect())

    assert rest == b""
    assert SHORT_S / 2 < seconds < LATE_S


def test_first_byte_is_not_the_deadline_of_a_head(short):
    conn = short("first_byte").connect()
    conn.send(b"GET /hello.txt HTTP/1.1\r\n")
    conn.sock.settimeout(3 * SHORT_S)
    with pytest.raises(TimeoutError):
        conn.receive()
    conn.sock.settimeout(LATE_S)
    conn.send(b"Host: a\r\n\r\n")

    assert conn.response().status == 200


def test_head_answers_408(short):
    """RFC 9110 15.5.9."""
    conn = short("head").connect()
    begin = time.monotonic()
    conn.send(b"GET /hello.txt HTTP/1.1\r\nHost: a\r\n")

    response = conn.response()

    assert response.status == 408
    assert response.closes
    assert conn.rest() == b""
    assert SHORT_S / 2 < time.monotonic() - begin < LATE_S


def test_head_is_not_renewed_by_bytes(short):
    conn = short("head").connect()
    begin = time.monotonic()
    conn.sock.settimeout(SHORT_S / 10)
    conn.send(b"GET /hello.txt HTTP/1.1\r\nX-Slow: ")
    while True:
        try:
            conn.send(b"a")
            if not conn.receive() or b"\r\n\r\n" in conn.unread:
                break
        except TimeoutError:
            assert time.monotonic() - begin < LATE_S

    assert conn.unread.startswith(b"HTTP/1.1 408 ")


def test_head_of_a_second_request(short):
    conn = short("head").connect()
    assert conn.request("GET", "/hello.txt").status == 200
    conn.send(b"GET /hello.txt HT")

    assert conn.response().status == 408
    assert conn.rest() == b""


def test_head_counts_from_its_first_byte(short):
    """A pause between requests is keepalive's, and not taken off the head."""
    conn = short("head").connect()
    assert conn.request("GET", "/hello.txt").status == 200
    conn.sock.settimeout(2 * SHORT_S)
    with pytest.raises(TimeoutError):
        conn.receive()
    conn.sock.settimeout(LATE_S)

    assert conn.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("lines, part", [
    pytest.param(["Content-Length: 10"], b"12345", id="length"),
    pytest.param(["Transfer-Encoding: chunked"], b"a\r\n12345", id="chunks"),
    pytest.param(["Content-Length: 10"], b"", id="nothing of it"),
])
def test_body_ends_the_connection(short, lines, part):
    conn = short("body").connect()
    seconds, rest = seconds_until_end(
        conn, head("GET", "/hello.txt", *lines) + part)

    assert rest == b"" or rest.startswith(b"HTTP/1.1 408 ")
    assert SHORT_S / 2 < seconds < LATE_S


def test_keepalive_ends_in_silence(short):
    conn = short("keepalive").connect()
    assert conn.request("GET", "/hello.txt").status == 200

    seconds, rest = seconds_until_end(conn)

    assert rest == b""
    assert SHORT_S / 2 < seconds < LATE_S


def test_keepalive_begins_anew_after_each_request(short):
    conn = short("keepalive").connect()
    begin = time.monotonic()
    while time.monotonic() - begin < 3 * SHORT_S:
        assert conn.request("GET", "/hello.txt").status == 200


def test_send_gives_up_on_a_client_that_does_not_read(short):
    server = short("send")
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(64 << 20)
    conn = server.connect(rcvbuf=4096)
    conn.send(head("GET", "/large.bin"))
    length = int(conn.response_head()["Content-Length"])
    server.access_lines(1)

    got = len(conn.unread)
    try:
        while conn.receive():
            got += len(conn.take(len(conn.unread)))
    except ConnectionResetError:
        pass
    assert got < length


def test_send_is_renewed_by_progress(short):
    server = short("send")
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(16 << 20)
    conn = server.connect(rcvbuf=65536)
    conn.send(head("GET", "/large.bin"))
    left = int(conn.response_head()["Content-Length"])
    begin = time.monotonic()
    while left > 0:
        left -= len(conn.take(len(conn.unread)))
        # As slow as three deadlines together, but never one without a read.
        if time.monotonic() - begin < 3 * SHORT_S:
            time.sleep(SHORT_S / 10)
        if left > 0:
            assert conn.receive(), f"{left} bytes are missing"


def test_a_closed_deadline_leaves_others_alone(short):
    server = short("keepalive")
    idle = server.connect()
    assert idle.request("GET", "/hello.txt").status == 200
    slow = server.connect()
    slow.send(b"GET /hello.txt HTTP/1.1\r\n")
    assert idle.rest() == b""
    slow.send(b"Host: a\r\n\r\n")

    assert slow.response().status == 200


def test_a_silent_client_is_accepted_after_a_second(start_server):
    """Until then the kernel has it, with listen.defer_accept."""
    server = start_server(timeouts={"first_byte": "100ms"})
    begin = time.monotonic()
    with server.connect() as conn:
        assert conn.rest() == b""
    assert 0.5 < time.monotonic() - begin < 5


def test_a_silent_client_is_accepted_at_once_without_defer(start_server):
    server = start_server(listen={"defer_accept": "no"},
                          timeouts={"first_byte": "100ms"})
    begin = time.monotonic()
    with server.connect() as conn:
        assert conn.rest() == b""
    assert time.monotonic() - begin < 0.9


def test_a_reload_changes_defer_accept(start_server):
    server = start_server(timeouts={"first_byte": "100ms"})
    old = server.workers()
    server.configure(listen={"defer_accept": "no"})
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: not set(old) & set(server.workers()), "a new generation")
    begin = time.monotonic()
    with server.connect() as conn:
        assert conn.rest() == b""
    assert time.monotonic() - begin < 0.9
