# SPDX-License-Identifier: BSD-2-Clause
"""Requests that are refused: one answer, then the end of the connection."""

import pytest

from client import cases, head

GET = b"GET /hello.txt HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
END = b"\r\n"
CHUNKED = GET + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
NEXT = head("GET", "/docs/page.html")


def with_field(line):
    """A request with one more field line, which may hold any bytes."""
    return GET + HOST + line + b"\r\n" + END


def with_line(line):
    """A request with its request line replaced."""
    return line + HOST + END


def with_host(value):
    return GET + b"Host: " + value + b"\r\n" + END


BAD = [
    # Line endings: RFC 9112 2.2.
    ("9112-2.2 bare LF everywhere", b"GET / HTTP/1.1\nHost: a\n\n", 400),
    ("9112-2.2 bare LF after the request line",
     b"GET / HTTP/1.1\n" + HOST + END, 400),
    ("9112-2.2 bare LF after a field", GET + b"Host: a\n" + END, 400),
    ("9112-2.2 bare LF as the empty line", GET + HOST + b"\n", 400),
    ("9112-2.2 bare CR in a value", with_field(b"X: a\rb"), 400),
    ("9112-2.2 bare CR in the request line",
     with_line(b"GET /a\rb HTTP/1.1\r\n"), 400),
    ("9112-2.2 CR CR LF", GET + b"Host: a\r\r\n" + END, 400),
    ("9112-2.2 two empty lines before the request", END + END + NEXT, 400),
    ("9112-2.2 a lone LF before the request", b"\n" + NEXT, 400),
    ("9112-2.2 white space before the first field",
     GET + b" X: a\r\n" + HOST + END, 400),
    ("9112-2.2 white space before the request", b" " + NEXT, 400),
    # Request lines: RFC 9112 3.
    ("9112-3 two spaces before the target",
     with_line(b"GET  / HTTP/1.1\r\n"), 400),
    ("9112-3 two spaces before the version",
     with_line(b"GET /  HTTP/1.1\r\n"), 400),
    ("9112-3 a tab for a space", with_line(b"GET\t/ HTTP/1.1\r\n"), 400),
    ("9112-3 a space at the end", with_line(b"GET / HTTP/1.1 \r\n"), 400),
    ("9112-3 a space in the target", with_line(b"GET /a b HTTP/1.1\r\n"),
     400),
    ("9112-3 a fourth word", with_line(b"GET / HTTP/1.1 x\r\n"), 400),
    ("9112-3 only a method", with_line(b"GET\r\n"), 400),
    ("9112-3 no target", with_line(b"GET HTTP/1.1\r\n"), 400),
    ("9112-3 no method", with_line(b"/ HTTP/1.1\r\n"), 400),
    ("9112-3 HTTP/0.9", b"GET /\r\n", 400),
    ("9112-3 HTTP/0.9 with fields", b"GET /\r\n" + HOST + END, 400),
    ("9112-3 a response for a request", b"HTTP/1.1 200 OK\r\n\r\n", 400),
    ("9112-3 garbage", b"\x00\x01\x02\x03garbage\r\n\r\n", 400),
    ("9112-3 a NUL", with_line(b"GET /\x00 HTTP/1.1\r\n"), 400),
    ("9110-5.6.2 a method that is no token",
     with_line(b"GE<T / HTTP/1.1\r\n"), 400),
    ("9110-5.6.2 a method in quotes", with_line(b'"GET" / HTTP/1.1\r\n'),
     400),
    # Versions: RFC 9112 2.3.
    ("9112-2.3 lower case", with_line(b"GET / http/1.1\r\n"), 400),
    ("9112-2.3 no slash", with_line(b"GET / HTTP1.1\r\n"), 400),
    ("9112-2.3 no minor", with_line(b"GET / HTTP/1\r\n"), 400),
    ("9112-2.3 two digits", with_line(b"GET / HTTP/1.10\r\n"), 400),
    ("9112-2.3 leading zero", with_line(b"GET / HTTP/01.1\r\n"), 400),
    ("9112-2.3 a comma", with_line(b"GET / HTTP/1,1\r\n"), 400),
    ("9112-2.3 letters", with_line(b"GET / HTTP/x.y\r\n"), 400),
    ("9112-2.3 a space inside", with_line(b"GET / HTTP/ 1.1\r\n"), 400),
    ("9112-2.3 another protocol", with_line(b"GET / ICY/1.1\r\n"), 400),
    ("9110-15.6.6 HTTP/2.0", with_line(b"GET / HTTP/2.0\r\n"), 505),
    ("9110-15.6.6 HTTP/3.0", with_line(b"GET / HTTP/3.0\r\n"), 505),
    ("9110-15.6.6 HTTP/9.9", with_line(b"GET / HTTP/9.9\r\n"), 505),
    ("9110-15.6.6 HTTP/0.9 spelled out",
     with_line(b"GET / HTTP/0.9\r\n"), 505),
    # Targets: RFC 9112 3.2.
    ("9112-3.2 no slash", with_line(b"GET hello.txt HTTP/1.1\r\n"), 400),
    ("9112-3.2.4 asterisk with GET", with_line(b"GET * HTTP/1.1\r\n"), 400),
    ("9112-3.2.4 asterisk and more",
     with_line(b"OPTIONS *x HTTP/1.1\r\n"), 400),
    ("9112-3.2.3 authority with GET",
     with_line(b"GET localhost:80 HTTP/1.1\r\n"), 400),
    ("9112-3.2.2 another scheme",
     with_line(b"GET ftp://localhost/ HTTP/1.1\r\n"), 400),
    ("9112-3.2.2 file scheme",
     with_line(b"GET file:///etc/passwd HTTP/1.1\r\n"), 400),
    ("9112-3.2.2 no authority", with_line(b"GET http:///x HTTP/1.1\r\n"),
     400),
    ("9110-4.2.4 userinfo",
     with_line(b"GET http://me@localhost/ HTTP/1.1\r\n"), 400),
    ("9112-3.2.2 a bad port",
     with_line(b"GET http://localhost:x/ HTTP/1.1\r\n"), 400),
    ("9112-3.2 a fragment", with_line(b"GET /#a HTTP/1.1\r\n"), 400),
    ("3986-2 a byte above ASCII", with_line(b"GET /\xff HTTP/1.1\r\n"), 400),
    ("3986-2 a control byte", with_line(b"GET /\x07 HTTP/1.1\r\n"), 400),
    ("3986-2 a tab", with_line(b"GET /\t HTTP/1.1\r\n"), 400),
    ("3986-2 a form feed", with_line(b"GET /\x0c HTTP/1.1\r\n"), 400),
    ("3986-2 delete", with_line(b"GET /\x7f HTTP/1.1\r\n"), 400),
    # Fields: RFC 9112 5.
    ("9112-5.1 a space before the colon", with_field(b"X : a"), 400),
    ("9112-5.1 a tab before the colon", with_field(b"X\t: a"), 400),
    ("9112-5.1 a space before the colon of a length",
     with_field(b"Content-Length : 5"), 400),
    ("9110-5.6.2 a space in a name", with_field(b"X Y: a"), 400),
    ("9110-5.6.2 no name", with_field(b": a"), 400),
    ("9112-5 no colon", with_field(b"garbage"), 400),
    ("9110-5.6.2 a name in quotes", with_field(b'"X": a'), 400),
    ("9110-5.6.2 a bracket in a name", with_field(b"X(): a"), 400),
    ("9110-5.6.2 a byte above ASCII in a name", with_field(b"X\xe4: a"), 400),
    ("9110-5.6.2 a NUL in a name", with_field(b"X\x00Y: a"), 400),
    ("9112-5.2 obs-fold", with_field(b"X: a\r\n b"), 400),
    ("9112-5.2 obs-fold with a tab", with_field(b"X: a\r\n\tb"), 400),
    ("9112-5.2 obs-fold of an empty line", with_field(b"X: a\r\n "), 400),
    ("9112-5.2 obs-fold of a coding",
     with_field(b"Transfer-Encoding:\r\n chunked"), 400),
    ("9110-5.5 a NUL in a value", with_field(b"X: a\x00b"), 400),
    ("9110-5.5 a bell in a value", with_field(b"X: a\x07b"), 400),
    ("9110-5.5 delete in a value", with_field(b"X: a\x7fb"), 400),
    # Host: RFC 9112 3.2, RFC 9110 7.2.
    ("9112-3.2 no Host", GET + END, 400),
    ("9112-3.2 no Host, absolute form",
     b"GET http://localhost/ HTTP/1.1\r\n\r\n", 400),
    ("9112-3.2 two Hosts", GET + HOST + HOST + END, 400),
    ("9112-3.2 two Hosts that differ", GET + HOST + b"Host: b\r\n" + END,
     400),
    ("9112-3.2 two Hosts in HTTP/1.0",
     b"GET / HTTP/1.0\r\n" + HOST + HOST + END, 400),
    ("9110-4.2.1 an empty Host", with_host(b""), 400),
    ("9110-7.2 a list", with_host(b"a, b"), 400),
    ("9110-7.2 a space", with_host(b"a b"), 400),
    ("9110-7.2 userinfo", with_host(b"me@localhost"), 400),
    ("9110-7.2 a path", with_host(b"localhost/x"), 400),
    ("9110-7.2 a scheme", with_host(b"http://localhost"), 400),
    ("9110-7.2 a port that is no number", with_host(b"localhost:x"), 400),
    ("9110-7.2 a port too many", with_host(b"localhost:80:80"), 400),
    ("3986-3.2.2 an open bracket", with_host(b"[::1"), 400),
    ("3986-3.2.2 an IPv6 address without brackets", with_host(b"::1"), 400),
    ("3986-3.2.2 garbage in brackets", with_host(b"[xyz]"), 400),
    ("3986-3.2.2 a bad triplet", with_host(b"a%zz"), 400),
    ("3986-3.2.2 a query", with_host(b"a?b"), 400),
    ("3986-3.2.2 a backslash", with_host(b"a\\b"), 400),
    # Length and codings: RFC 9112 6.
    ("9112-6.3 length and chunked",
     GET + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"0\r\n\r\n", 400),
    ("9112-6.3 chunked and length",
     GET + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
     b"0\r\n\r\n", 400),
    ("9112-6.3 two lengths that differ",
     with_field(b"Content-Length: 5\r\nContent-Length: 6"), 400),
    ("9112-6.3 two lengths",
     with_field(b"Content-Length: 0\r\nContent-Length: 0"), 400),
    ("9112-6.3 a list of lengths", with_field(b"Content-Length: 0, 0"), 400),
    ("9110-8.6 a sign", with_field(b"Content-Length: +5"), 400),
    ("9110-8.6 negative", with_field(b"Content-Length: -5"), 400),
    ("9110-8.6 hex", with_field(b"Content-Length: 0x5"), 400),
    ("9110-8.6 a fraction", with_field(b"Content-Length: 5.0"), 400),
    ("9110-8.6 empty", with_field(b"Content-Length:"), 400),
    ("9110-8.6 a space inside", with_field(b"Content-Length: 5 5"), 400),
    ("9110-8.6 in quotes", with_field(b'Content-Length: "5"'), 400),
    ("9110-8.6 beyond 64 bits",
     with_field(b"Content-Length: 18446744073709551616"), 400),
    ("9112-6.3 another coding", with_field(b"Transfer-Encoding: gzip"), 400),
    ("9112-6.3 identity", with_field(b"Transfer-Encoding: identity"), 400),
    ("9112-6.1 a coding before chunked",
     with_field(b"Transfer-Encoding: gzip, chunked"), 501),
    ("9112-6.3 a coding after chunked",
     with_field(b"Transfer-Encoding: chunked, gzip"), 400),
    ("9112-6.1 chunked and identity on two lines",
     with_field(b"Transfer-Encoding: chunked\r\n"
                b"Transfer-Encoding: identity"), None),
    ("9112-6.1 chunked twice",
     with_field(b"Transfer-Encoding: chunked, chunked"), None),
    ("9112-6.1 in quotes", with_field(b'Transfer-Encoding: "chunked"'), None),
    ("9112-6.1 a parameter",
     with_field(b"Transfer-Encoding: chunked;a=b"), None),
    ("9112-6.1 a vertical tab",
     with_field(b"Transfer-Encoding: \x0bchunked"), 400),
    ("9112-6.1 empty", with_field(b"Transfer-Encoding:"), None),
    ("9112-6.1 chunked in HTTP/1.0",
     b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    # Chunks: RFC 9112 7.1.
    ("9112-7.1 no size", CHUNKED + b"\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 no hex digit", CHUNKED + b"g\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 a prefix", CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 a sign", CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 negative", CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 a space before the size",
     CHUNKED + b" 5\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 bare LF after the size", CHUNKED + b"5\nhello\r\n0\r\n\r\n",
     400),
    ("9112-7.1 bare CR after the size",
     CHUNKED + b"5\rXhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 bare LF after the data", CHUNKED + b"5\r\nhello\n0\r\n\r\n",
     400),
    ("9112-7.1 more data than the size",
     CHUNKED + b"5\r\nhello!!\r\n0\r\n\r\n", 400),
    ("9112-7.1 less data than the size",
     CHUNKED + b"6\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1 other bytes for CR LF", CHUNKED + b"5\r\nhelloXX0\r\n\r\n",
     400),
    ("9112-7.1 beyond 64 bits",
     CHUNKED + b"10000000000000000\r\nhello\r\n0\r\n\r\n", None),
    ("9112-7.1.1 bare LF in an extension",
     CHUNKED + b'5;a="\n"\r\nhello\r\n0\r\n\r\n', 400),
    ("9112-7.1.1 a NUL in an extension",
     CHUNKED + b"5;a=\x00\r\nhello\r\n0\r\n\r\n", 400),
    ("9112-7.1.2 a bad trailer", CHUNKED + b"0\r\nbad trailer\r\n\r\n", 400),
    ("9112-7.1.2 bare LF in a trailer", CHUNKED + b"0\r\nX: a\n\r\n", 400),
    # Expectations: RFC 9110 10.1.1.
    ("9110-10.1.1 an expectation nobody knows",
     with_field(b"Expect: miracles"), 417),
]


@cases("data, status", *BAD)
def test_refused_and_closed(conn, data, status):
    """What follows is never answered: its beginning may be another's end."""
    conn.send(data + NEXT)
    conn.half_close()

    response = conn.response()

    assert response.status == status if status else \
        response.status in (400, 413, 501)
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response.closes
    assert conn.rest() == b""


@pytest.mark.parametrize("step", [1, 7])
def test_the_answer_does_not_depend_on_how_bytes_come(server, step):
    """Every row again, in pieces."""
    wrong = []
    for name, data, status in BAD:
        with server.connect() as conn:
            try:
                for i in range(0, len(data), step):
                    conn.send(data[i:i + step])
            except ConnectionError:
                pass  # refused before the last byte
            conn.half_close()
            got = conn.response().status
            if got not in ((status,) if status else (400, 413, 501)):
                wrong.append((name, got))
    assert not wrong


@cases(
    "data, reason",
    ("8446-4.1.2 TLS ClientHello",
     bytes.fromhex("16030100c8010000c40303") + b"\xaa" * 200, "tls_hello"),
    ("9113-3.4 HTTP/2 preface",
     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
     "http2_preface"),
)
def test_another_protocol_is_closed_in_silence(start_server, data, reason):
    server = start_server(error_log={"level": "info"})
    with server.connect() as conn:
        conn.send(data)
        conn.half_close()
        assert conn.rest() == b""
    server.wait_log(reason)


def test_what_came_before_another_protocol_is_answered(start_server):
    server = start_server()
    with server.connect() as conn:
        conn.send(head("GET", "/hello.txt") + b"\x16\x03\x01\x00\xc8\x01")
        assert conn.response().status == 200
        assert conn.rest() == b""


def test_a_refusal_is_logged_with_its_reason(start_server):
    server = start_server(error_log={"level": "info"})
    server.request("GET", "/", "X : a")
    server.request("GET", "/", host=None)
    server.request("GET", "/\x1b[31m")

    server.wait_log("space_before_colon")
    server.wait_log("missing_host")
    server.wait_log("bad_request_line")
    assert "\x1b" not in server.log()


def test_an_error_is_read_although_more_is_sent(server):
    """RFC 9112 9.6: no reset may take the answer away from the client."""
    with server.connect() as conn:
        conn.send(b"GET / HTTP/1.1\r\nBad\r\n\r\n" + b"x" * 40_000)
        assert conn.response().status == 400
        conn.half_close()
        assert conn.rest() == b""


def test_the_page_of_a_refusal_reflects_nothing(conn):
    response = conn.request("GET", "/<script>", "X-Swordfish : <script>")

    assert response.status == 400
    assert b"script" not in response.body.lower()
    assert b"swordfish" not in response.body.lower()


def test_nothing_of_all_this_stops_a_worker(start_server):
    server = start_server()
    before = server.workers()
    for _, data, _ in BAD:
        with server.connect() as conn:
            conn.send(data)
            conn.half_close()
            conn.response()
    assert server.workers() == before
    assert server.request("GET", "/hello.txt").status == 200
