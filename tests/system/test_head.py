# SPDX-License-Identifier: BSD-2-Clause
"""HEAD: the head of GET, to the letter, and no body (RFC 9110 9.3.2)."""

from client import cases, head


def without_date(response):
    """The fields in their order; a second may pass between two requests."""
    return [field for field in response.fields if field[0] != "Date"]


@cases(
    "target, lines, status",
    ("9110-9.3.2 file", "/hello.txt", [], 200),
    ("9110-9.3.2 empty file", "/empty.txt", [], 200),
    ("9110-9.3.2 index", "/", [], 200),
    ("9110-9.3.2 redirect", "/docs", [], 301),
    ("9110-9.3.2 redirect with query", "/docs?a=b", [], 301),
    ("9110-9.3.2 not found", "/nowhere", [], 404),
    ("9110-9.3.2 hidden", "/.hidden", [], 404),
    ("9110-9.3.2 bad path", "/%00", [], 400),
    ("9110-9.3.2 not modified", "/hello.txt", ["If-None-Match: *"], 304),
    ("9110-9.3.2 precondition failed", "/hello.txt", ['If-Match: "x"'], 412),
    ("9110-9.3.2 HTTP/1.0", "/hello.txt", [], 200),
)
def test_head_has_the_fields_of_get(server, target, lines, status):
    with server.connect() as conn:
        get = conn.request("GET", target, *lines)
    with server.connect() as conn:
        response = conn.request("HEAD", target, *lines)

    assert response.status == get.status == status
    assert response.reason == get.reason
    assert without_date(response) == without_date(get)
    assert response.body == b""


def test_head_is_followed_by_the_next_response(conn):
    conn.send(head("HEAD", "/hello.txt") + head("HEAD", "/nowhere")
              + head("GET", "/hello.txt"))

    assert conn.response("HEAD").status == 200
    assert conn.response("HEAD").status == 404
    assert conn.response("GET").body == b"hello, world\n"


def test_head_with_close_ends_after_the_fields(conn):
    response = conn.request("HEAD", "/hello.txt", "Connection: close")

    assert response.closes
    assert response["Content-Length"] == "13"
    assert conn.rest() == b""


def test_range_is_defined_for_get_alone(conn):
    """RFC 9110 14.2: a server ignores Range in any other method."""
    response = conn.request("HEAD", "/digits.bin", "Range: bytes=0-9")

    assert response.status == 200
    assert response["Content-Range"] is None
    assert response["Content-Length"] == "1000"
