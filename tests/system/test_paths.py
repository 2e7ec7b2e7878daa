# SPDX-License-Identifier: BSD-2-Clause
"""From a target to a file, and never to a file that is not below the root."""

import os
import socket
import stat

import pytest

from client import cases, head

MANY = 200


@cases(
    "target, body",
    ("3986-2.1 encoded letters", "/%68ello.tx%74", b"hello, world\n"),
    ("3986-2.1 lower-case hex", "/hello%2etxt", b"hello, world\n"),
    ("3986-2.1 encoded space", "/with%20space.txt", b"space\n"),
    ("3986-2.1 encoded percent", "/100%25.txt", b"percent\n"),
    ("3986-2.1 encoded question mark", "/what%3F.txt", b"question\n"),
    ("3986-2.1 a plus is a plus", "/a+b.txt", b"plus\n"),
    ("3986-2.1 an encoded plus too", "/a%2Bb.txt", b"plus\n"),
    ("3986-2.5 utf-8", "/%C3%BCml%C3%A4ut.txt", b"utf-8\n"),
    ("3986-5.2.4 single dot", "/./hello.txt", b"hello, world\n"),
    ("3986-5.2.4 double dot inside", "/docs/../hello.txt",
     b"hello, world\n"),
    ("3986-5.2.4 double dot through nothing", "/nowhere/../hello.txt",
     b"hello, world\n"),
    ("3986-6.2.2.2 encoded dots are dots", "/docs/%2e%2E/hello.txt",
     b"hello, world\n"),
    ("3986-3.3 repeated slashes", "//hello.txt", b"hello, world\n"),
    ("3986-3.3 repeated slashes inside", "/docs///page.html",
     b"<!doctype html><title>page</title>\n"),
    ("8615-3 well-known", "/.well-known/security.txt",
     b"Contact: mailto:root@localhost\n"),
    ("symbolic link inside", "/link-inside.txt", b"hello, world\n"),
    ("symbolic link to a folder inside", "/link-docs/page.html",
     b"<!doctype html><title>page</title>\n"),
)
def test_the_path_names_the_file(conn, target, body):
    response = conn.request("GET", target)

    assert (response.status, response.body) == (200, body)


@cases(
    "target, statuses",
    ("3986-5.2.4 up from the root", "/../outside.txt", {400, 404}),
    ("3986-5.2.4 up twice", "/docs/../../outside.txt", {400, 404}),
    ("3986-5.2.4 deep down and further up",
     "/a/b/c/../../../../outside.txt", {400, 404}),
    ("3986-5.2.4 ends in double dot", "/..", {400, 404}),
    ("3986-5.2.4 double dot and slash", "/../", {400, 404}),
    ("3986-2.1 encoded dots", "/%2e%2e/outside.txt", {400, 404}),
    ("3986-2.1 half encoded dots", "/.%2E/outside.txt", {400, 404}),
    ("3986-2.1 encoded slash", "/..%2foutside.txt", {400, 404}),
    ("3986-2.1 all encoded", "/%2e%2e%2foutside.txt", {400, 404}),
    ("3986-2.4 encoded twice", "/%252e%252e/outside.txt", {404}),
    ("3986-2.4 encoded twice with slash", "/%252e%252e%252foutside.txt",
     {404}),
    ("backslash", "/..\\outside.txt", {400}),
    ("encoded backslash", "/..%5Coutside.txt", {400}),
    ("3629-3 overlong dots", "/%C0%AE%C0%AE/outside.txt", {400, 404}),
    ("3629-3 overlong slash", "/..%C0%AFoutside.txt", {400, 404}),
    ("3629-3 overlong slash in three bytes", "/..%E0%80%AFoutside.txt",
     {400, 404}),
    ("dots in full width", "/%EF%BC%8E%EF%BC%8E/outside.txt", {404}),
    ("IIS unicode", "/%u002e%u002e/outside.txt", {400}),
    ("path parameter", "/..;/outside.txt", {400, 404}),
    ("dot, dot, space", "/..%20/outside.txt", {400, 404}),
    ("NUL cuts the name", "/hello.txt%00.html", {400}),
    ("NUL after dots", "/..%00/outside.txt", {400}),
    ("repeated slashes before dots", "////../outside.txt", {400, 404}),
    ("repeated slashes after dots", "/..//outside.txt", {400, 404}),
    ("three dots", "/.../outside.txt", {404}),
    ("an absolute path", "//etc/passwd", {404}),
    ("an absolute path, encoded", "/%2Fetc/passwd", {400, 404}),
    ("9112-3.2.2 absolute form", "http://localhost/../outside.txt",
     {400, 404}),
    ("9112-3.2.2 absolute form, encoded",
     "http://localhost/%2e%2e/outside.txt", {400, 404}),
    ("many steps up", "/" + "../" * MANY + "etc/passwd", {400, 404}),
    ("many encoded steps up", "/" + "%2e%2e/" * MANY + "etc/passwd",
     {400, 404}),
    ("symbolic link up", "/link-up.txt", {403, 404}),
    ("absolute symbolic link", "/link-absolute.txt", {403, 404}),
    ("symbolic link to itself", "/link-loop", {403, 404}),
    ("symbolic link to nothing", "/link-broken", {404}),
)
def test_the_path_never_leaves_the_root(conn, target, statuses):
    response = conn.request("GET", target)

    assert response.status in statuses
    assert b"SECRET" not in response.body
    assert b"root:" not in response.body


@cases(
    "target",
    ("dotfile", "/.hidden"),
    ("dotfile, encoded dot", "/%2Ehidden"),
    ("dotfile in a folder", "/docs/.hidden"),
    ("dotfile behind a dot segment", "/./.hidden"),
    ("dotfile behind repeated slashes", "//.hidden"),
    ("dot folder", "/.git/"),
    ("dot folder without slash", "/.git"),
    ("file in a dot folder", "/.git/config"),
    ("name of three dots", "/..."),
    ("hidden below well-known", "/.well-known/.hidden"),
    ("well-known elsewhere", "/docs/.well-known/x"),
    ("nothing of that name", "/.nowhere"),
)
def test_dotfiles_do_not_exist(conn, target):
    response = conn.request("GET", target)

    assert response.status == 404
    assert b"SECRET" not in response.body


@cases(
    "target, status",
    ("3986-2.1 incomplete triplet", "/%", 400),
    ("3986-2.1 one digit", "/%4", 400),
    ("3986-2.1 no hex digit", "/%4g", 400),
    ("3986-2.1 two percent signs", "/%%41", 400),
    ("encoded NUL", "/%00", 400),
    ("encoded line feed", "/a%0Ab", 400),
    ("encoded carriage return", "/a%0D", 400),
    ("encoded escape", "/a%1B", 400),
    ("encoded delete", "/a%7F", 400),
    ("encoded slash inside a name", "/docs%2Fpage.html", 400),
    ("encoded slash, lower case", "/docs%2fpage.html", 400),
    ("encoded backslash", "/docs%5cpage.html", 400),
    ("a file is no folder", "/hello.txt/", 404),
    ("below a file", "/hello.txt/x", 404),
    ("a name of 255 bytes", "/" + "a" * 255, 404),
    ("a name of 256 bytes", "/" + "a" * 256, 404),
    ("a path of 4,000 bytes", "/a" * 2000, 404),
    ("case matters", "/HELLO.TXT", 404),
    ("a trailing dot is part of the name", "/hello.txt.", 404),
    ("a trailing space is part of the name", "/hello.txt%20", 404),
    ("a bad escape in the query is the query's", "/hello.txt?%zz", 200),
)
def test_status_of_a_path(conn, target, status):
    assert conn.request("GET", target).status == status


def test_an_error_page_reflects_nothing(conn):
    response = conn.request("GET", "/nowhere?swordfish", "X-A: swordfish",
                            "Referer: http://swordfish/", host="swordfish")

    assert response.status == 404
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert b"swordfish" not in response.body
    assert b"nowhere" not in response.body
    assert 50 < len(response.body) < 2048
    assert b"404" in response.body


def test_a_fifo_does_not_hang(conn):
    assert conn.request("GET", "/fifo").status in (403, 404)


def test_a_socket_is_no_file(server, conn):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(server.root / "socket"))

        assert conn.request("GET", "/socket").status in (403, 404)


def test_a_device_is_no_file(server, conn):
    try:
        os.mknod(server.root / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device needs privileges")

    assert conn.request("GET", "/zero").status in (403, 404)


def test_a_path_at_the_limit_of_the_target_is_answered(conn):
    assert conn.request("GET", "/" + "a" * 8000).status in (404, 414)


def test_the_host_selects_the_site(start_server, scratch):
    for name in ("a", "b"):
        (scratch / name).mkdir()
        (scratch / name / "name.txt").write_text(name)
    server = start_server(
        **{"site:a": {"root": scratch / "a",
                      "hosts": "a.example www.a.example"},
           "site:b": {"root": scratch / "b", "hosts": "b.example"}})
    (server.root / "name.txt").write_text("default")

    def answer(host, target="/name.txt"):
        return server.request("GET", target, host=host).body.decode()

    assert answer("a.example") == "a"
    assert answer("WWW.a.EXAMPLE:8080") == "a"
    assert answer("b.example") == "b"
    assert answer("nobody.example") == "default"
    assert answer("a.example", "http://b.example/name.txt") == "b"


def test_half_a_site_appears_while_it_is_written(server, conn):
    """A folder made after the start is served without a reload."""
    (server.root / "later").mkdir()
    assert conn.request("GET", "/later/").status == 404
    (server.root / "later/index.html").write_bytes(b"now\n")
    assert conn.request("GET", "/later/").body == b"now\n"
    (server.root / "later/index.html").unlink()
    assert conn.request("GET", "/later/").status == 404


def test_raw_bytes_above_ascii_are_refused(conn):
    """RFC 3986 2: a target is ASCII; others are percent-encoded."""
    conn.send(head("GET", "/\xfcml\xe4ut.txt"))

    assert conn.response().status == 400
