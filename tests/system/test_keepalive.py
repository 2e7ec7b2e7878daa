# SPDX-License-Identifier: BSD-2-Clause
"""Which connections are kept, and what is said about it (RFC 9112 9)."""

import pytest

from client import cases, head

CLOSE = "close"
ALIVE = "keep-alive"


@cases(
    "version, lines, said",
    ("9112-9.3 HTTP/1.1 is kept", "1.1", [], None),
    ("9112-9.6 close", "1.1", ["Connection: close"], CLOSE),
    ("9110-7.6.1 options in any case", "1.1", ["Connection: CLOSE"], CLOSE),
    ("9110-7.6.1 keep-alive is the default", "1.1",
     ["Connection: keep-alive"], None),
    ("9110-7.6.1 close in a list", "1.1", ["Connection: x-a, close"], CLOSE),
    ("9110-7.6.1 close first in a list", "1.1", ["Connection: close,x-a"],
     CLOSE),
    ("9112-9.3 close wins over keep-alive", "1.1",
     ["Connection: keep-alive, close"], CLOSE),
    ("9110-5.3 close on a second line", "1.1",
     ["Connection: x-a", "Connection: close"], CLOSE),
    ("9110-7.6.1 a part of a token is no option", "1.1",
     ["Connection: closed, not-close"], None),
    ("9110-5.6.1 empty list elements", "1.1", ["Connection: ,, ,close"],
     CLOSE),
    ("9110-7.6.1 unknown options", "1.1", ["Connection: x-a, te"], None),
    ("9110-2.5 HTTP/1.2 is as HTTP/1.1", "1.2", [], None),
    ("9112-9.3 HTTP/1.0 is closed", "1.0", [], CLOSE),
    ("9112-9.3 HTTP/1.0 keep-alive", "1.0", ["Connection: keep-alive"],
     ALIVE),
    ("9112-9.3 HTTP/1.0 keep-alive in any case", "1.0",
     ["Connection: Keep-Alive"], ALIVE),
    ("9112-9.3 HTTP/1.0 keep-alive in a list", "1.0",
     ["Connection: x-a, Keep-Alive"], ALIVE),
    ("9112-9.3 HTTP/1.0 close and keep-alive", "1.0",
     ["Connection: close, keep-alive"], CLOSE),
    ("9112-C.2.2 Proxy-Connection means nothing", "1.0",
     ["Proxy-Connection: keep-alive"], CLOSE),
    ("9112-C.2.2 Proxy-Connection close means nothing", "1.1",
     ["Proxy-Connection: close"], None),
)
def test_persistence(conn, version, lines, said):
    response = conn.request("GET", "/hello.txt", *lines, version=version)

    assert response.status == 200
    assert (response["Connection"] or "").lower() == (said or "")
    if said == CLOSE:
        assert conn.rest() == b""
    else:
        response = conn.request("GET", "/docs/page.html", *lines,
                                version=version)
        assert b"page" in response.body


@cases(
    "target, lines, status",
    ("not found", "/nowhere", [], 404),
    ("redirect", "/docs", [], 301),
    ("not modified", "/hello.txt", ["If-None-Match: *"], 304),
    ("precondition failed", "/hello.txt", ['If-Match: "x"'], 412),
    ("range", "/hello.txt", ["Range: bytes=0-1"], 206),
    ("unsatisfiable range", "/hello.txt", ["Range: bytes=99-"], 416),
)
def test_a_whole_answer_keeps_the_connection(conn, target, lines, status):
    for _ in range(3):
        assert conn.request("GET", target, *lines).status == status
    assert conn.request("GET", "/hello.txt").status == 200


def test_after_close_nothing_is_answered(conn):
    """RFC 9112 9.6: the server reads no request after close."""
    request = b"GET /hello.txt HTTP/1.1\r\nHost: a\r\n"
    conn.send(request + b"Connection: close\r\n\r\n" + request + b"\r\n")

    assert conn.response().closes
    assert conn.rest() == b""


def test_thousands_of_requests_on_one_connection(start_server):
    server = start_server(limits={"requests": 0})
    with server.connect() as conn:
        for _ in range(2000):
            assert conn.request("GET", "/hello.txt").status == 200


@pytest.mark.parametrize("requests", [1, 2, 5])
def test_the_last_request_of_a_connection_says_close(start_server, requests):
    server = start_server(limits={"requests": requests})
    with server.connect() as conn:
        closes = [conn.request("GET", "/hello.txt").closes
                  for _ in range(requests)]
        assert closes == [False] * (requests - 1) + [True]
        assert conn.rest() == b""


def test_the_last_answer_arrives_whole_though_more_was_sent(start_server):
    """RFC 9112 9.6: a reset could overtake the rest of the answer."""
    server = start_server(limits={"requests": 2})
    content = bytes(range(256)) * 32_000
    (server.root / "large.bin").write_bytes(content)
    with server.connect(rcvbuf=65_536) as conn:
        assert conn.request("GET", "/hello.txt").status == 200
        conn.send(head("GET", "/large.bin"))
        response = conn.response_head()
        conn.send(head("GET", "/hello.txt") * 2)

        assert response.closes
        assert len(conn.unread) < len(content)
        assert conn.rest() == content


def test_a_client_that_hangs_up_disturbs_nobody(server):
    for data in (b"", b"G", b"GET / HTTP/1.1\r\nHost: a\r\n",
                 b"GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n" * 20):
        with server.connect() as conn:
            conn.send(data)
    assert server.request("GET", "/hello.txt").status == 200


def test_half_closed_clients_get_their_answer(conn):
    """RFC 9112 9.6: a client may shut down its sending side."""
    conn.send(b"GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n")
    conn.half_close()

    assert conn.response().body == b"hello, world\n"
    assert conn.rest() == b""


def test_half_closed_in_the_middle_of_a_head(conn):
    conn.send(b"GET /hello.txt HTTP/1.1\r\nHost:")
    conn.half_close()

    assert conn.rest()[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 408")
