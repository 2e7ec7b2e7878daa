# SPDX-License-Identifier: BSD-2-Clause
"""Methods: what is done, what is known, what is neither."""

from client import cases, head

ALLOW = "GET, HEAD, OPTIONS"


@cases(
    "method, target, status",
    ("9110-9.3.1 GET", "GET", "/hello.txt", 200),
    ("9110-9.3.2 HEAD", "HEAD", "/hello.txt", 200),
    ("9110-9.3.3 POST", "POST", "/hello.txt", 405),
    ("9110-9.3.4 PUT", "PUT", "/hello.txt", 405),
    ("9110-9.3.5 DELETE", "DELETE", "/hello.txt", 405),
    ("9110-9.3.8 TRACE", "TRACE", "/hello.txt", 405),
    ("5789-2 PATCH", "PATCH", "/hello.txt", 405),
    ("4918-9.1 PROPFIND", "PROPFIND", "/hello.txt", 405),
    ("4918-9.3 MKCOL", "MKCOL", "/new/", 405),
    ("4918-9.10 LOCK", "LOCK", "/hello.txt", 405),
    ("9110-15.5.6 known method, no such file", "POST", "/nowhere", 405),
    ("9110-15.6.2 unknown method", "BREW", "/hello.txt", 501),
    ("9110-9.1 methods are case-sensitive", "get", "/hello.txt", 501),
    ("9110-9.1 mixed case", "Get", "/hello.txt", 501),
    ("9110-9.1 a known name and more", "GETS", "/hello.txt", 501),
    ("9110-9.1 a part of a known name", "GE", "/hello.txt", 501),
    ("9110-5.6.2 any token is a method", "!#$%&'*+-.^_`|~", "/", 501),
    ("9112-3.1 not a token", "G(T", "/hello.txt", 400),
    ("9112-3.1 at sign", "G@T", "/hello.txt", 400),
)
def test_method(conn, method, target, status):
    response = conn.request(method, target)

    assert response.status == status
    assert response["Allow"] == (ALLOW if status == 405 else None)


@cases(
    "target",
    ("9110-9.3.7 OPTIONS of a file", "/hello.txt"),
    ("9110-9.3.7 OPTIONS of a folder", "/docs/"),
    ("9112-3.2.4 OPTIONS of the server", "*"),
    ("9112-3.2.2 OPTIONS in absolute form", "http://localhost/hello.txt"),
    ("9112-3.2.4 OPTIONS in absolute form without a path",
     "http://localhost"),
)
def test_options_names_the_methods(conn, target):
    response = conn.request("OPTIONS", target)

    assert (response.status, response["Allow"]) == (204, ALLOW)
    assert response["Content-Type"] is None
    assert conn.request("GET", "/hello.txt").status == 200


def test_connect_is_refused_and_the_connection_closed(conn):
    """RFC 9110 9.3.6: what follows a CONNECT might be a tunnel's bytes."""
    conn.send(head("CONNECT", "localhost:80", host="localhost:80"))

    assert conn.response().status in (405, 501)
    assert conn.rest() == b""


def test_trace_reflects_nothing(conn):
    response = conn.request("TRACE", "/", "X-Secret: swordfish")

    assert response.status == 405
    assert b"swordfish" not in response.body


@cases(
    "method, lines, body",
    ("9112-6.2 POST with a length", "POST", ["Content-Length: 11"],
     b"GET / HTTP/"),
    ("9112-7.1 PUT in chunks", "PUT", ["Transfer-Encoding: chunked"],
     b"5\r\nhello\r\n0\r\n\r\n"),
    ("9112-6.2 an unknown method with a length", "BREW",
     ["Content-Length: 3"], b"tea"),
)
def test_the_body_of_a_refused_method_is_no_request(conn, method, lines, body):
    conn.send(head(method, "/hello.txt", *lines) + body
              + head("GET", "/docs/page.html"))

    response = conn.response()

    assert response.status in (405, 501)
    if response.closes:
        assert conn.rest() == b""
    else:
        assert b"page" in conn.response().body
