# SPDX-License-Identifier: BSD-2-Clause
"""Sidecars: which coding is chosen, and what is said about the choice.

Their bytes are no real compression, so that each tells what it is.
"""

import os
import socket

import pytest

from client import cases, head
from test_admin import LOCAL, status, wait_for_admin

MTIME = 1_700_000_000
AE = "Accept-Encoding: "
SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
NAMES = [None, *SUFFIXES]
PLAIN = b"the original, " * 100
BODIES = {None: PLAIN, "br": b"BR" * 50, "zstd": b"ZSTD" * 30,
          "gzip": b"GZIP" * 40}


def make(root, name, *codings, mtime=MTIME, body=PLAIN):
    """A file with sidecars; all have the same time."""
    path = root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    for coding in codings:
        (root / (name + SUFFIXES[coding])).write_bytes(BODIES[coding])
    for coding in NAMES:
        if coding is None or coding in codings:
            os.utime(root / (name + SUFFIXES.get(coding, "")), (mtime, mtime))
    return path


@pytest.fixture(name="server", scope="module")
def fixture_site(server):
    make(server.root, "app.js", "br", "zstd", "gzip")
    make(server.root, "only-gz.css", "gzip")
    make(server.root, "lone.css")
    make(server.root, "lib/index.html", "br", "gzip")
    make(server.root, "nothing.txt", "gzip", body=b"")
    return server


def check_variant(response, coding, method="GET"):
    assert response.status == 200
    assert response["Content-Encoding"] == coding
    assert response["Content-Length"] == str(len(BODIES[coding]))
    assert response["Vary"] == "Accept-Encoding"
    if method == "GET":
        assert response.body == BODIES[coding]


def tags(server, target="/app.js"):
    """The ETag of each coding; None is the original."""
    return {coding: server.request(
        "GET", target, AE + (coding or "identity"))["ETag"]
        for coding in NAMES}


# The order of the configuration is br, zst, gz.
CHOICES = [
    ("9110-12.5.3 no field: the original", [], None),
    ("9110-12.5.3 an empty field: the original", [AE], None),
    ("9110-12.5.3 gzip", [AE + "gzip"], "gzip"),
    ("9110-12.5.3 br", [AE + "br"], "br"),
    ("9110-12.5.3 zstd", [AE + "zstd"], "zstd"),
    ("9110-12.5.3 identity", [AE + "identity"], None),
    ("9110-12.5.3 any", [AE + "*"], "br"),
    ("9110-8.4.1 names in any case", [AE + "GZip"], "gzip"),
    ("9110-8.4.1 names in upper case", [AE + "BR"], "br"),
    ("9110-8.4.1.3 x-gzip is gzip", [AE + "x-gzip"], "gzip"),
    ("9110-8.4.1.3 X-GZIP is gzip", [AE + "X-GZIP"], "gzip"),
    ("9110-8.4.1.3 x-gzip refused, gzip accepted",
     [AE + "x-gzip;q=0, gzip"], "gzip"),
    ("9110-12.5.3 a coding that is not there", [AE + "compress"], None),
    ("9110-12.5.3 deflate is not there", [AE + "deflate"], None),
    ("9110-12.5.3 zst is an ending, no coding", [AE + "zst"], None),
    ("9110-12.5.3 gz is an ending, no coding", [AE + "gz"], None),
    ("9110-12.5.3 a token that only contains one", [AE + "xgzip, gzipx"],
     None),
    ("9110-12.5.3 a browser's list", [AE + "gzip, deflate, br, zstd"], "br"),
    ("9110-12.5.3 an older browser's list", [AE + "gzip, deflate"], "gzip"),
    ("9110-12.5.3 equal weights: the configured order",
     [AE + "gzip, zstd"], "zstd"),
    ("9110-12.5.3 equal weights: the client's order means nothing",
     [AE + "gzip;q=0.5, zstd;q=0.5, br;q=0.5"], "br"),
    ("9110-12.4.2 the higher weight wins", [AE + "br;q=0.1, gzip"], "gzip"),
    ("9110-12.4.2 the higher of two weights", [AE + "br;q=0.8, gzip;q=0.9"],
     "gzip"),
    ("9110-12.4.2 three decimals count",
     [AE + "br;q=0.998, zstd;q=0.999, gzip;q=0.997"], "zstd"),
    ("9110-12.4.2 weight 1.000", [AE + "gzip;q=1.000, br;q=0.999"], "gzip"),
    ("9110-12.4.2 weight 1.", [AE + "gzip;q=1., br;q=0.9"], "gzip"),
    ("9110-12.4.2 weight 0. refuses", [AE + "br;q=0., gzip;q=0.1"], "gzip"),
    ("9110-12.4.2 weight 0.001 is enough", [AE + "gzip;q=0.001"], "gzip"),
    ("9110-12.4.2 weight 0 refuses", [AE + "gzip;q=0"], None),
    ("9110-12.4.2 weight 0.000 refuses", [AE + "gzip;q=0.000"], None),
    ("9110-12.4.2 one is refused, another is not",
     [AE + "br;q=0, zstd;q=0, gzip"], "gzip"),
    ("9110-12.4.2 q in upper case", [AE + "br;Q=0.1, gzip;Q=0.2"], "gzip"),
    ("9110-12.4.2 white space round the semicolon",
     [AE + "br ; q=0.1 ,\tgzip\t;\tq=0.2"], "gzip"),
    ("9110-12.5.3 any but what is listed", [AE + "br;q=0, *"], "zstd"),
    ("9110-12.5.3 any, at a weight", [AE + "gzip;q=0.5, *;q=0.6"], "br"),
    ("9110-12.5.3 any, below what is listed", [AE + "gzip;q=0.6, *;q=0.5"],
     "gzip"),
    ("9110-12.5.3 none but what is listed", [AE + "gzip;q=0.1, *;q=0"],
     "gzip"),
    ("9110-12.5.3 identity above the others",
     [AE + "identity, gzip;q=0.9, br;q=0.9"], None),
    ("9110-12.5.3 identity below the others",
     [AE + "identity;q=0.1, gzip;q=0.2"], "gzip"),
    ("9110-12.5.3 identity as good as gzip", [AE + "identity, gzip"], "gzip"),
    ("9110-12.5.3 identity refused, gzip left", [AE + "identity;q=0, gzip"],
     "gzip"),
    ("9110-12.5.3 identity not listed is the last choice",
     [AE + "gzip;q=0.001, br;q=0"], "gzip"),
    ("9110-12.5.3 all refused: better the original than 406",
     [AE + "*;q=0"], None),
    ("9110-12.5.3 identity refused and nothing else known",
     [AE + "identity;q=0, deflate"], None),
    ("9110-5.6.1 empty elements", [AE + ", ,gzip,,"], "gzip"),
    ("9110-5.6.1 no white space", [AE + "deflate,gzip,compress"], "gzip"),
    ("9110-5.3 two lines are one list", [AE + "gzip;q=0.5", AE + "br;q=0.6"],
     "br"),
    ("9110-5.3 an empty line and one that is not", [AE, AE + "gzip"],
     "gzip"),
    ("9110-5.1 the field in any case", ["aCCEPT-eNCODING: gzip"], "gzip"),
    ("9110-12.4.2 a weight above 1 is none", [AE + "gzip;q=1.1"], None),
    ("9110-12.4.2 four decimals are none", [AE + "gzip;q=0.1234"], None),
    ("9110-12.4.2 a negative weight is none", [AE + "gzip;q=-1"], None),
    ("9110-12.4.2 no digit is none", [AE + "gzip;q="], None),
    ("9110-12.4.2 a word is none", [AE + "gzip;q=high"], None),
    ("9110-12.4.2 an exponent is none", [AE + "gzip;q=1e0"], None),
    ("9110-12.4.2 a comma for the point",
     [AE + "br;q=0, gzip;q=0,9"], None),
    ("9110-12.4.2 white space in a weight is none", [AE + "gzip;q= 1"], None),
    ("9110-12.5.3 another parameter is none", [AE + "gzip;level=9"], None),
    ("9110-12.5.3 a malformed element spoils no other",
     [AE + "br;q=x, gzip"], "gzip"),
    ("9110-12.5.3 quotes make no token", [AE + '"gzip"'], None),
    ("9110-12.5.3 a long list",
     [AE + ", ".join(f"x{n}" for n in range(900)) + ", gzip"], "gzip"),
]


@cases("lines, coding", *CHOICES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_choice(conn, method, lines, coding):
    response = conn.request(method, "/app.js", *lines)

    check_variant(response, coding, method)
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Accept-Ranges"] == "bytes"


def test_choices_on_one_connection_do_not_mix(conn):
    """All rows in one pipeline: what was remembered of a head stays its."""
    requests = [head("GET", "/app.js", *lines) for _, lines, _ in CHOICES]
    requests = [data for data in requests if len(data) < 4096]
    codings = [coding for _, lines, coding in CHOICES
               if len(head("GET", "/app.js", *lines)) < 4096]
    conn.send(b"".join(requests))

    for coding in codings:
        check_variant(conn.response(), coding)


@cases(
    "order, accept, coding",
    ("9110-12.5.3 gz br", "gz br", "br, gzip", "gzip"),
    ("9110-12.5.3 gz br, the client's weight is above it", "gz br",
     "br, gzip;q=0.9", "br"),
    ("9110-12.5.3 gz br, zst is left out", "gz br", "zstd", None),
    ("9110-12.5.3 gz br, zst is left out of any", "gz br",
     "gzip;q=0, br;q=0, *", None),
    ("9110-12.5.3 zst alone", "zst", "*", "zstd"),
    ("9110-12.5.3 zst br gz", "zst br gz", "*", "zstd"),
)
def test_configured_order(start_server, order, accept, coding):
    server = start_server(site={"precompressed": order})
    make(server.root, "app.js", "br", "zstd", "gzip")

    check_variant(server.request("GET", "/app.js", AE + accept), coding)


def test_precompressed_none(start_server):
    server = start_server(site={"precompressed": "none"})
    make(server.root, "app.js", "br", "zstd", "gzip")

    response = server.request("GET", "/app.js", AE + "br")

    assert response.body == PLAIN
    assert response["Vary"] is None and response["Content-Encoding"] is None


ANY_STATUS = [
    ("9110-12.5.5 200", "GET", [], 200),
    ("9110-12.5.5 200 to HEAD", "HEAD", [], 200),
    ("9110-15.3.7 206", "GET", ["Range: bytes=0-1"], 206),
    ("9110-15.3.7 206 of several ranges", "GET", ["Range: bytes=0-1,9-9"],
     206),
    ("9110-15.4.5 304 to None-Match", "GET", ["If-None-Match: *"], 304),
    ("9110-15.4.5 304 to None-Match of HEAD", "HEAD", ["If-None-Match: *"],
     304),
    ("9110-15.4.5 304 to Modified-Since", "GET",
     ["If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT"], 304),
    ("9110-15.5.17 416", "GET", ["Range: bytes=9999-"], 416),
    ("9110-15.5.13 412", "GET", ['If-Match: "other"'], 412),
]


@cases("method, lines, status", *ANY_STATUS)
@pytest.mark.parametrize("accept", [None, "gzip", "br", "deflate"])
def test_vary_is_said_whatever_the_answer(conn, accept, method, lines,
                                          status):
    if accept:
        lines = [AE + accept, *lines]
    response = conn.request(method, "/app.js", *lines)

    assert response.status == status
    assert response.values("Vary") == ["Accept-Encoding"]
    assert conn.request("GET", "/hello.txt").status == 200


@cases(
    "method, target, lines, status",
    *[(name, method, "/lone.css", lines, status)
      for name, method, lines, status in ANY_STATUS],
    ("9110-15.5.5 404", "GET", "/nowhere.js", [], 404),
    ("9110-15.5.5 404, sidecar without an original", "GET", "/orphan.js", [],
     404),
    ("9110-15.4.2 301", "GET", "/lib", [], 301),
    ("9110-15.5.6 405", "POST", "/app.js", [], 405),
    ("9110-9.3.7 204", "OPTIONS", "/app.js", [], 204),
)
def test_no_vary_where_there_is_no_choice(server, conn, method, target,
                                          lines, status):
    (server.root / "orphan.js.gz").write_bytes(b"x")
    response = conn.request(method, target, AE + "gzip, br", *lines)

    assert response.status == status
    assert response["Vary"] is None
    assert response["Content-Encoding"] is None


def test_each_coding_has_a_strong_tag_of_its_own(server):
    """RFC 9110 8.8.3.3: all files have one mtime, and two have one size."""
    (server.root / "twins.js.br").write_bytes(b"same size")
    (server.root / "twins.js.gz").write_bytes(b"same size")
    make(server.root, "twins.js", body=b"same size")
    for suffix in (".br", ".gz"):
        os.utime(server.root / f"twins.js{suffix}", (MTIME, MTIME))

    twins = [server.request("GET", "/twins.js", AE + coding)["ETag"]
             for coding in ("identity", "br", "gzip")]

    assert len(set(twins)) == 3
    assert len(set(tags(server).values())) == 4
    assert all(tag.startswith('"') for tag in twins)


# {gzip} stands for the tag of that coding, {None} for the original's.
@cases(
    "accept, lines, status, coding",
    ("9110-13.1.2 its own tag", "gzip", ["If-None-Match: {gzip}"], 304,
     "gzip"),
    ("9110-13.1.2 the original's tag", "gzip", ["If-None-Match: {None}"],
     200, "gzip"),
    ("9110-13.1.2 another coding's tag", "gzip", ["If-None-Match: {br}"],
     200, "gzip"),
    ("9110-13.1.2 gzip's tag for the original", "identity",
     ["If-None-Match: {gzip}"], 200, None),
    ("9110-13.1.2 all tags", "zstd",
     ["If-None-Match: {None}, {br}, {gzip}, {zstd}"], 304, "zstd"),
    ("9110-13.1.2 all tags but its own", "zstd",
     ["If-None-Match: {None}, {br}, {gzip}"], 200, "zstd"),
    ("9110-13.1.2 its own tag, weak", "br", ["If-None-Match: W/{br}"], 304,
     "br"),
    ("9110-13.1.1 its own tag", "gzip", ["If-Match: {gzip}"], 200, "gzip"),
    ("9110-13.1.1 the original's tag", "gzip", ["If-Match: {None}"], 412,
     None),
    ("9110-13.1.1 gzip's tag for the original", "identity",
     ["If-Match: {gzip}"], 412, None),
    ("9110-13.1.5 its own tag", "gzip",
     ["Range: bytes=0-3", "If-Range: {gzip}"], 206, "gzip"),
    ("9110-13.1.5 the original's tag", "gzip",
     ["Range: bytes=0-3", "If-Range: {None}"], 200, "gzip"),
    ("9110-13.1.5 another coding's tag", "gzip",
     ["Range: bytes=0-3", "If-Range: {br}"], 200, "gzip"),
    ("9110-13.1.5 gzip's tag for the original", "identity",
     ["Range: bytes=0-3", "If-Range: {gzip}"], 200, None),
    ("9110-13.1.5 the original's tag for the original", "identity",
     ["Range: bytes=0-3", "If-Range: {None}"], 206, None),
)
def test_preconditions_are_about_the_variant(server, conn, accept, lines,
                                             status, coding):
    known = {str(name): tag for name, tag in tags(server).items()}
    lines = [line.format(**known) for line in lines]

    response = conn.request("GET", "/app.js", AE + accept, *lines)

    assert response.status == status
    if status in (200, 206, 304):
        assert response["ETag"] == known[str(coding)]
    if status == 200:
        check_variant(response, coding)
    if status == 206:
        assert response.body == BODIES[coding][:4]


@cases(
    "accept, value, first, last",
    ("9110-14.2 first bytes of br", "br", "bytes=0-9", 0, 9),
    ("9110-14.2 suffix of br", "br", "bytes=-7", 93, 99),
    ("9110-14.2 open, of zstd", "zstd", "bytes=100-", 100, 119),
    ("9110-14.2 clamped to the end of gzip", "gzip", "bytes=150-1300",
     150, 159),
    ("9110-14.2 all of gzip", "gzip", "bytes=0-", 0, 159),
    ("9110-14.2 of the original", "identity", "bytes=160-169", 160, 169),
)
def test_a_range_of_the_variant(conn, accept, value, first, last):
    coding = None if accept == "identity" else accept
    body = BODIES[coding]
    response = conn.request("GET", "/app.js", AE + accept, f"Range: {value}")

    assert response.status == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(body)}"
    assert response["Content-Encoding"] == coding
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.body == body[first:last + 1]


@cases(
    "accept, status, size",
    ("9110-15.5.17 past the end of gzip", "gzip", 416, 160),
    ("9110-15.5.17 past the end of br", "br", 416, 100),
    ("9110-15.5.17 inside the original", "identity", 206, 1400),
)
def test_the_size_of_the_variant_decides(conn, accept, status, size):
    response = conn.request("GET", "/app.js", AE + accept,
                            "Range: bytes=160-160")

    assert response.status == status
    assert response["Content-Range"].endswith(f"/{size}")


@cases(
    "target, accept, content_type",
    ("9110-8.3 .gz", "/app.js.gz", "gzip", "application/gzip"),
    ("9110-8.3 .gz to a client that takes none", "/app.js.gz", "identity",
     "application/gzip"),
    ("9110-8.3 .br", "/app.js.br", "br", "application/x-brotli"),
    ("9110-8.3 .zst", "/app.js.zst", "zstd", "application/zstd"),
    ("9110-8.3 .tar.gz", "/only.tar.gz", "gzip", "application/gzip"),
)
def test_a_sidecar_by_its_own_name_is_a_file(server, conn, target, accept,
                                             content_type):
    (server.root / "only.tar.gz").write_bytes(b"a tar file")
    response = conn.request("GET", target, AE + accept)

    assert response.status == 200
    assert response.body == (server.root / target[1:]).read_bytes()
    assert response["Content-Type"] == content_type
    assert response["Content-Encoding"] is None
    assert response["Vary"] is None


@cases(
    "target, accept, coding",
    ("9110-12.5.3 index file, gzip", "/lib/", "gzip", "gzip"),
    ("9110-12.5.3 index file, br", "/lib/", "br, gzip", "br"),
    ("9110-12.5.3 index file, not there", "/lib/", "zstd", None),
    ("9110-12.5.3 index file, no coding", "/lib/", "identity", None),
    ("9110-12.5.3 index file with a query", "/lib/?v=1", "gzip", "gzip"),
    ("9110-12.5.3 index file by its name", "/lib/index.html", "gzip",
     "gzip"),
    ("9110-12.5.3 only gzip is there", "/only-gz.css", "br, gzip", "gzip"),
    ("9110-12.5.3 only gzip is there, br asked", "/only-gz.css", "br", None),
    ("9110-12.5.3 absolute form", "http://localhost/app.js", "br", "br"),
    ("9110-12.5.3 encoded path", "/%61pp.js", "br", "br"),
)
def test_other_targets(conn, target, accept, coding):
    response = conn.request("GET", target, AE + accept)

    check_variant(response, coding)
    if "/lib/" in target:
        assert response["Content-Type"] == "text/html; charset=utf-8"


def test_an_empty_original_has_variants_too(conn):
    response = conn.request("GET", "/nothing.txt", AE + "gzip")
    assert response.body == BODIES["gzip"]
    assert conn.request("GET", "/nothing.txt").body == b""


def set_older(path, ns):
    os.utime(path, ns=(MTIME * 10**9 - ns, MTIME * 10**9 - ns))


def remake_as(make_node):
    def remake(path):
        path.unlink()
        make_node(path)
    return remake


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as sock:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path is short
        try:
            sock.bind(path.name)
        finally:
            os.chdir(here)


def make_newer(path):
    os.utime(path, (MTIME + 5, MTIME + 5))


@cases(
    "change, served",
    ("as old as the original", lambda path: None, True),
    ("newer than the original", make_newer, True),
    ("older by a nanosecond", lambda path: set_older(path, 1), False),
    ("older by a second", lambda path: set_older(path, 10**9), False),
    ("a folder", remake_as(lambda path: path.mkdir()), False),
    ("a FIFO", remake_as(os.mkfifo), False),
    ("a socket", remake_as(make_socket), False),
    ("a link to nothing",
     remake_as(lambda path: path.symlink_to("nowhere")), False),
    ("a link to itself",
     remake_as(lambda path: path.symlink_to(path.name)), False),
    ("a link out of the root",
     remake_as(lambda path: path.symlink_to("../outside.txt")), False),
    ("an absolute link out of the root",
     remake_as(lambda path: path.symlink_to("/etc/passwd")), False),
    ("a link inside the root",
     remake_as(lambda path: path.symlink_to("hello.txt")), True),
)
def test_stale_and_irregular_sidecars_are_passed_over(
        start_server, change, served):
    """What is no regular, current file is as good as absent."""
    server = start_server()
    make(server.root, "app.js", "gzip")
    change(server.root / "app.js.gz")

    for _ in range(2):
        response = server.request("GET", "/app.js", AE + "gzip")
        assert response.status == 200
        assert response["Content-Encoding"] == ("gzip" if served else None)
        assert response["Vary"] == ("Accept-Encoding" if served else None)
        assert (response.body == PLAIN) != served
        assert b"SECRET" not in response.body


def test_a_stale_sidecar_does_not_hide_a_good_one(start_server):
    server = start_server()
    make(server.root, "app.js", "br", "gzip")
    set_older(server.root / "app.js.br", 1)

    check_variant(server.request("GET", "/app.js", AE + "br, gzip"), "gzip")


def test_a_linked_sidecar_is_refused_where_links_are(start_server):
    server = start_server(site={"symlinks": "deny"})
    make(server.root, "app.js")
    (server.root / "app.js.gz").symlink_to("hello.txt")

    response = server.request("GET", "/app.js", AE + "gzip")

    assert (response.body, response["Vary"]) == (PLAIN, None)


def test_a_sidecar_of_what_cannot_be_served_is_not_served(server, conn):
    for name in (".hidden.gz", "fifo.gz", "docs.gz"):
        (server.root / name).write_bytes(b"SECRET")

    assert conn.request("GET", "/.hidden", AE + "gzip").status == 404
    assert conn.request("GET", "/fifo", AE + "gzip").status == 404
    assert conn.request("GET", "/docs", AE + "gzip").status == 301


def test_a_sidecar_comes_and_goes_while_it_runs(server, conn):
    path = make(server.root, "live.js")
    sidecar = server.root / "live.js.gz"

    def ask():
        return conn.request("GET", "/live.js", AE + "gzip")

    for _ in range(20):
        response = ask()
        assert (response.body, response["Vary"]) == (PLAIN, None)
        sidecar.write_bytes(BODIES["gzip"])
        check_variant(ask(), "gzip")
        os.utime(sidecar, (1, 1))
        assert ask().body == PLAIN
        os.utime(sidecar, (MTIME, MTIME))
        check_variant(ask(), "gzip")
        os.utime(path)
        assert ask().body == PLAIN
        os.utime(path, (MTIME, MTIME))
        check_variant(ask(), "gzip")
        sidecar.unlink()


def test_a_sidecar_is_replaced_while_it_runs(server, conn):
    make(server.root, "swap.js", "gzip")
    seen = set()
    for n in range(20):
        fresh = server.root / "swap.new"
        fresh.write_bytes(b"%02d" % n * 80)
        fresh.rename(server.root / "swap.js.gz")
        response = conn.request("GET", "/swap.js", AE + "gzip")
        assert response.body == b"%02d" % n * 80
        seen.add(response["ETag"])
    assert len(seen) == 20


def test_the_original_goes_and_its_sidecars_with_it(server, conn):
    path = make(server.root, "gone.js", "gzip")
    check_variant(conn.request("GET", "/gone.js", AE + "gzip"), "gzip")
    path.unlink()

    assert conn.request("GET", "/gone.js", AE + "gzip").status == 404
    assert conn.request("GET", "/gone.js.gz").body == BODIES["gzip"]


@cases(
    "files",
    ("cached", 2048),
    ("opened for each request", 0),
)
def test_a_large_variant_is_sent_whole(start_server, files):
    server = start_server(cache={"files": files})
    make(server.root, "big.js", body=b"p" * 3_000_000)
    large = bytes(range(256)) * 10_000
    (server.root / "big.js.br").write_bytes(large)
    conn = server.connect()
    for _ in range(2):
        conn.send(head("GET", "/big.js", AE + "br")
                  + head("HEAD", "/big.js", AE + "br")
                  + head("GET", "/big.js", AE + "br", "Range: bytes=1000000-"))
        assert conn.response().body == large
        assert conn.response("HEAD")["Content-Length"] == str(len(large))
        assert conn.response().body == large[1_000_000:]


def test_sidecars_beside_every_file_touch_no_heap(start_server):
    """As `tined precompress` makes them: four forms of each in the cache."""
    server = start_server(cache={"files": 64}, admin={"address": LOCAL},
                          listen={"address": [LOCAL]})
    server.admin = wait_for_admin(server)
    for number in range(200):
        make(server.root, f"many/{number}.js", *SUFFIXES)
    with server.connect() as conn:
        for number in range(200):
            conn.request("GET", f"/many/{number}.js", AE + "br")
    heap = status(server)["totals"].get("heap")
    if heap is None:
        pytest.skip("this build cannot count what is asked of the heap")

    assert heap["calls"] == 0
