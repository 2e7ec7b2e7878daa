# SPDX-License-Identifier: BSD-2-Clause
"""Pages of the site's own in place of those that are built in."""

import os

import pytest

from client import cases
from server import wait_for
from test_precompressed import BODIES, make

OWN = b"<!doctype html><title>gone fishing</title>\n"
BUILT_IN = b"There is nothing at this address."


@pytest.fixture(name="server", scope="module")
def fixture_pages(server):
    server.stop()
    make(server.root, "lost.html", "br", "gzip")
    (server.root / "oops.txt").write_bytes(b"oops\n")
    (server.root / "large.html").write_bytes(OWN * 5000)
    (server.root / "403").mkdir()
    (server.root / "403/index.html").write_bytes(b"folder\n")
    (server.root / "secret.txt").write_bytes(b"SECRET\n")
    (server.root / ".errors").mkdir()
    (server.root / ".errors/404.html").write_bytes(b"from a dot folder\n")
    root = {"root": server.root}
    server.configure(**{
        "error_pages": {"404": "/lost.html", "4xx": "/oops.txt"},
        "site:own": {**root, "hosts": "own"},
        "error_pages:own": {"404": "/large.html", "405": "built-in"},
        "site:dots": {**root, "hosts": "dots"},
        "error_pages:dots": {"404": "/.errors/404.html"},
        "site:out": {**root, "hosts": "out"},
        "error_pages:out": {"404": "/link-up.txt"},
        "site:deny": {**root, "hosts": "deny", "symlinks": "deny"},
        "error_pages:deny": {"404": "/link-inside.txt"},
        "site:missing": {**root, "hosts": "missing"},
        "error_pages:missing": {"404": "/no-such-page.html"},
        "match:*": {"set": "X-A: 1", "errors": "yes"},
    })
    server.expect_log(r"warn:? .*(error_pages|error page)", "error page")
    server.log_path.unlink()
    return server.start()


@cases(
    "coding, lines",
    ("no field", None, []),
    ("br", "br", ["Accept-Encoding: br, gzip"]),
    ("q-values", "gzip", ["Accept-Encoding: br;q=0.1, gzip"]),
    ("q=0", None, ["Accept-Encoding: br;q=0, gzip;q=0"]),
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_keeps_the_status_and_is_negotiated(
        conn, method, coding, lines):
    response = conn.request(method, "/no/such/file", *lines)
    assert response.status == 404
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Content-Encoding"] == coding
    assert response["Content-Length"] == str(len(BODIES[coding]))
    assert response["Vary"] == "Accept-Encoding"
    assert response["X-A"] == "1"
    assert response.body == (BODIES[coding] if method == "GET" else b"")
    for name in ("ETag", "Last-Modified", "Accept-Ranges"):
        assert response[name] is None


@cases(
    "lines",
    ("range", ["Range: bytes=0-1"]),
    ("if-none-match", ["If-None-Match: *"]),
    ("if-match", ["If-Match: \"x\""]),
    ("if-modified-since", ["If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"]),
)
def test_conditions_and_ranges_mean_nothing_to_it(conn, lines):
    response = conn.request("GET", "/none", *lines)
    assert (response.status, response.body) == (404, BODIES[None])


def test_a_class_has_what_is_left(conn):
    post = conn.request("POST", "/hello.txt")
    assert (post.status, post.body) == (405, b"oops\n")
    assert post["Allow"] == "GET, HEAD, OPTIONS"
    assert post["Content-Type"] == "text/plain; charset=utf-8"


def test_a_hidden_path_has_the_page_too(conn):
    response = conn.request("GET", "/.git/config")
    assert (response.status, response.body) == (404, BODIES[None])


def test_a_site_has_pages_of_its_own(conn):
    response = conn.request("GET", "/none", host="own")
    assert (response.status, response.body) == (404, OWN * 5000)
    head = conn.request("HEAD", "/none", host="own")
    assert head["Content-Length"] == str(5000 * len(OWN))
    post = conn.request("POST", "/", host="own")
    assert b"read, and nothing else" in post.body
    assert conn.request("GET", "/none", host="other").body == BODIES[None]


def test_a_page_may_lie_in_a_dot_folder(conn):
    missing = conn.request("GET", "/x", host="dots")
    direct = conn.request("GET", "/.errors/404.html", host="dots")
    assert missing.body == direct.body == b"from a dot folder\n"
    assert missing.status == direct.status == 404


@cases(
    "target",
    ("malformed", "/%00"),
    ("above the root", "/../x"),
)
def test_a_malformed_request_keeps_the_page_that_is_built_in(conn, target):
    response = conn.request("GET", target)
    assert response.status == 400
    assert b"did not understand" in response.body


def test_a_range_that_cannot_be_met_keeps_it_too(conn):
    response = conn.request("GET", "/hello.txt", "Range: bytes=99-")
    assert response.status == 416
    assert b"The file ends before" in response.body


@pytest.mark.parametrize("host", ["missing", "out", "deny"])
def test_without_its_file_the_built_in_page_is_sent(conn, host):
    for _ in range(3):
        response = conn.request("GET", "/none", host=host)
        assert response.status == 404
        assert BUILT_IN in response.body
        assert b"SECRET" not in response.body


def test_the_log_says_once_a_minute_what_to_do(start_server):
    server = start_server(error_pages={"404": "/lost.html"})
    server.expect_log("lost.html")
    with server.connect() as conn:
        for _ in range(30):
            assert conn.request("GET", "/none").status == 404
    line, = server.wait_log(r"has no error page")
    assert "[site] has no error page /lost.html for 404" in line
    assert "put it below site.root" in line
    # Nothing more is needed than the file.
    (server.root / "lost.html").write_bytes(OWN)
    with server.connect() as conn:
        def shown():
            return conn.request("GET", "/none").body == OWN
        wait_for(shown, "the page")


def test_a_check_warns_of_a_page_that_is_missing(make_server):
    server = make_server(**{
        "error_pages": {"404": "/lost.html", "503": "/docs"},
        "site:b": {"root": make_server().root, "hosts": "b"},
        "error_pages:b": {"404": "built-in", "503": "/hello.txt"},
    })
    result = server.command("-t", "-c", server.ini)
    assert result.returncode == 0
    assert "warning: error_pages.404: /lost.html below " in result.stderr
    assert "No such file" in result.stderr
    assert "error_pages.503: /docs below " in result.stderr
    assert result.stderr.count("warning") == 2


def test_folders_are_looked_up_by_their_status(start_server):
    server = start_server(error_pages={"folders": "yes"})
    with server.connect() as conn:
        assert BUILT_IN in conn.request("GET", "/none").body
    (server.root / "404").mkdir()
    (server.root / "404/index.html").write_bytes(OWN)
    with server.connect() as conn:
        wait_for(lambda: conn.request("GET", "/none/at/all").body == OWN,
                 "the page of the folder")
        assert conn.request("GET", "/none").status == 404
        # It is a folder like any other.
        assert conn.request("GET", "/404/").status == 200
    assert "warn" not in server.log()


def test_a_file_without_permission_has_the_page_of_403(start_server):
    # Root may read everything.
    user = "nobody" if os.geteuid() == 0 else None
    server = start_server(server={"user": user},
                          error_pages={"403": "/hello.txt"})
    server.expect_log("answered 403")
    (server.root / "digits.bin").chmod(0)
    response = server.request("GET", "/digits.bin")
    assert (response.status, response.body) == (403, b"hello, world\n")


@cases(
    "host, line",
    ("found", "x", "error page  /lost.html (tined.ini:"),
    ("large", "own", "error page  /large.html (tined.ini:"),
    ("lost", "missing",
     "error page  the one that is built in, as /no-such-page.html "
     "(tined.ini:"),
)
def test_explain_says_which_page_and_why(server, host, line):
    result = server.command("explain", "-c", "tined.ini",
                            f"http://{host}/none")
    assert line in result.stdout
    with server.connect() as conn:
        answer = conn.request("GET", "/none", host=host)
    for name in ("Content-Type", "Content-Length"):
        assert f"{name}: {answer[name]}" in result.stdout


def test_a_page_goes_with_an_upgrade_of_its_file(start_server):
    server = start_server(error_pages={"404": "/hello.txt"})
    with server.connect() as conn:
        assert conn.request("GET", "/x").body == b"hello, world\n"
        (server.root / "new").write_bytes(OWN)
        os.replace(server.root / "new", server.root / "hello.txt")
        assert conn.request("GET", "/x").body == OWN
