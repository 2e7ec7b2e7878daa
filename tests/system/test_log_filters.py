# SPDX-License-Identifier: BSD-2-Clause
"""Which requests have a line in the access log."""

import time

import pytest

from client import cases, head
from server import wait_for

# What is asked for in each test, and what its line is.
ASKED = (
    ("GET", "/hello.txt", (), "200 GET /hello.txt"),
    ("GET", "/docs/page.html", (), "200 GET /docs/page.html"),
    ("GET", "/docs/%70age.html", (), "200 GET /docs/%70age.html"),
    ("GET", "/docs/../hello.txt", (), "200 GET /docs/../hello.txt"),
    ("GET", "/x/../docs/page.html", (), "200 GET /x/../docs/page.html"),
    ("HEAD", "/docs/page.html", (), "200 HEAD /docs/page.html"),
    ("POST", "/docs/page.html", (), "405 POST /docs/page.html"),
    ("GET", "/docs/none", (), "404 GET /docs/none"),
    ("GET", "/hello.txt", ("If-None-Match: *",), "304 GET /hello.txt"),
    ("GET", "/digits.bin", ("Range: bytes=0-1",), "206 GET /digits.bin"),
    ("GET", "/healthz", (), "404 GET /healthz"),
    ("GET", "/docs/%zz", (), "400 GET /docs/%zz"),
    ("GET", "/with%20space.txt", (), "200 GET /with%20space.txt"),
)


def without(*lines):
    return [line for *_, line in ASKED if line not in lines]


@cases(
    "skip, want",
    ("nothing", None, without()),
    ("a status", "304", without("304 GET /hello.txt")),
    ("two statuses", "304 206", without(
        "304 GET /hello.txt", "206 GET /digits.bin")),
    ("a class", "4xx", without(
        "405 POST /docs/page.html", "404 GET /docs/none", "404 GET /healthz",
        "400 GET /docs/%zz")),
    ("a folder, however it is written", "/docs/*", without(
        "200 GET /docs/page.html", "200 GET /docs/%70age.html",
        "200 GET /x/../docs/page.html", "200 HEAD /docs/page.html",
        "404 GET /docs/none")),
    ("an ending", "*.bin", without("206 GET /digits.bin")),
    ("one byte", "/with?space.txt", without("200 GET /with%20space.txt")),
    ("health", "health", without("404 GET /healthz")),
    ("all of it", "2xx 3xx 4xx 5xx", []),
    ("several rules, several lines", ["304", "/docs/* health"], without(
        "304 GET /hello.txt", "200 GET /docs/page.html",
        "200 GET /docs/%70age.html", "200 GET /x/../docs/page.html",
        "200 HEAD /docs/page.html", "404 GET /docs/none",
        "404 GET /healthz")),
)
def test_skip(start_server, skip, want):
    server = start_server(access_log={
        "format": "%s %m %U", "skip": skip, "flush": "1h"})
    for method, target, lines, _ in ASKED:
        server.request(method, target, *lines)
    server.stop()

    text = (server.access_path.read_text() if server.access_path.exists()
            else "")
    assert text.splitlines() == want


def test_pipelined_requests_are_judged_each_by_itself(start_server):
    server = start_server(access_log={
        "format": "%U", "skip": "/hello.txt", "flush": "1h"})
    with server.connect() as conn:
        conn.send((head("GET", "/hello.txt") + head("GET", "/docs/")) * 20)
        for _ in range(40):
            assert conn.response().status == 200
    server.stop()

    assert server.access_path.read_text().splitlines() == ["/docs/"] * 20


def test_a_sample_is_one_of_so_many(start_server):
    server = start_server(access_log={
        "format": "%s %U", "sample": 10, "skip": "304", "flush": "1h"})
    with server.connect() as conn:
        for i in range(100):
            conn.request("GET", f"/hello.txt?{i}")
            conn.request("GET", "/hello.txt", "If-None-Match: *")
    server.stop()

    lines = server.access_path.read_text().splitlines()
    assert lines == ["200 /hello.txt"] * 10


@pytest.mark.parametrize("keys", [
    {"sample": 1000000}, {"slow": "1h"}, {"sample": 1000000, "slow": "1h"}])
def test_errors_of_the_server_are_always_logged(start_server, keys):
    server = start_server(access_log={
        "format": "%s", "flush": "1h", **keys})
    for _ in range(3):
        assert server.request("GET", "/hello.txt").status == 200
        assert server.request("BREW", "/").status == 501
    server.stop()

    lines = server.access_path.read_text().splitlines()
    assert lines.count("501") == 3
    assert lines.count("200") == (0 if "slow" in keys else 1)


def test_only_what_was_slow(make_server):
    server = make_server(access_log={
        "format": "%U", "slow": "200ms", "flush": "1h"})
    with open(server.root / "large.bin", "wb") as file:
        file.truncate(8 << 20)
    server.start()
    server.request("GET", "/hello.txt")
    with server.connect(rcvbuf=16384) as conn:
        conn.send(head("GET", "/large.bin"))
        conn.response_head()
        begin = time.monotonic()
        wait_for(lambda: time.monotonic() > begin + 0.25, "a while")
        conn.discard(8 << 20)
    server.request("GET", "/docs/")
    server.stop()

    assert server.access_path.read_text().splitlines() == ["/large.bin"]


@cases(
    "rule",
    ("a relative path", "assets/*"),
    ("a word", "healthy"),
    ("a class of its own", "6xx"),
    ("a number", "99"),
    ("a range", "200-299"),
)
def test_a_rule_that_is_none_is_told(make_server, rule):
    server = make_server(access_log={"skip": f"304 {rule}"})
    result = server.command("-t", "-c", server.ini)

    assert result.returncode == 1
    assert f'access_log.skip: "{rule}": neither' in result.stderr
    assert "allowed: a status, 2xx to 5xx, health" in result.stderr
