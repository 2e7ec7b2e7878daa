# SPDX-License-Identifier: BSD-2-Clause
"""Limits: on the last byte that is allowed, and one further."""

import resource
import time

import pytest

from client import TIMEOUT_S, Connection, cases, head
from server import Server, cpu_s, open_files, wait_for

HEAD, TARGET, FIELD, FIELDS, BODY = 4096, 512, 1024, 20, 2048


@pytest.fixture(name="server", scope="module")
def fixture_server(module_folder):
    """The server of this file has small limits."""
    server = Server(module_folder.path, limits={
        "head": HEAD, "target": TARGET, "field": FIELD, "fields": FIELDS,
        "body": BODY}).start()
    yield server
    try:
        server.stop()
    finally:
        server.kill()


def target_of(length):
    return ("/a" * length)[:length]


def field_of(length):
    return "X-A: " + "v" * (length - 5)


def head_of(length):
    """A head of length bytes; no field is longer than half the limit."""
    left = length - len(head("GET", "/hello.txt"))
    lines = []
    while left > FIELD:
        lines.append(field_of(FIELD // 2 - 2))
        left -= FIELD // 2
    data = head("GET", "/hello.txt", *lines, field_of(left - 2))
    assert len(data) == length
    return data


@cases(
    "data, status",
    ("9110-15.5.15 target at the limit",
     head("GET", target_of(TARGET)), 404),
    ("9110-15.5.15 target one too long",
     head("GET", target_of(TARGET + 1)), 414),
    ("9110-15.5.15 target far too long", head("GET", "/" + "a" * 3000), 414),
    ("9110-15.5.15 target without end", b"GET /" + b"a" * 40_000, 414),
    ("6585-5 field at the limit", head("GET", "/hello.txt", field_of(FIELD)),
     200),
    ("6585-5 field one too long",
     head("GET", "/hello.txt", field_of(FIELD + 1)), 431),
    ("6585-5 field without end",
     head("GET", "/hello.txt")[:-2] + b"X-A: " + b"v" * 40_000, 431),
    ("6585-5 field name without end",
     head("GET", "/hello.txt")[:-2] + b"X" * 40_000, 431),
    ("6585-5 fields at the limit, Host is one",
     head("GET", "/hello.txt", *["X-A: b"] * (FIELDS - 1)), 200),
    ("6585-5 one field too many",
     head("GET", "/hello.txt", *["X-A: b"] * FIELDS), 431),
    ("6585-5 head at the limit", head_of(HEAD), 200),
    ("6585-5 head one byte too large", head_of(HEAD + 1), 431),
    ("9110-15.5.14 body at the limit",
     head("GET", "/hello.txt", f"Content-Length: {BODY}") + b"b" * BODY, 200),
    ("9110-15.5.14 body one byte too large",
     head("GET", "/hello.txt", f"Content-Length: {BODY + 1}")
     + b"b" * (BODY + 1), 413),
    ("9110-15.5.14 a length beyond all",
     head("GET", "/hello.txt", "Content-Length: 9223372036854775807"), 413),
    ("9110-15.5.14 chunks without end",
     head("GET", "/hello.txt", "Transfer-Encoding: chunked")
     + b"400\r\n" + b"b" * 1024 + b"\r\n400\r\n" + b"b" * 1024 + b"\r\n", 413),
    ("9112-7.1 chunk size beyond all",
     head("GET", "/hello.txt", "Transfer-Encoding: chunked")
     + b"7fffffffffffffff\r\n", 413),
)
def test_limit(conn, data, status):
    try:
        conn.send(data)
    except ConnectionError:
        pass  # the server may have answered and closed already

    response = conn.response()

    assert response.status == status
    if status in (413, 414, 431, 400):
        assert response.closes
        conn.half_close()
        assert conn.rest() == b""


def test_a_method_without_end(conn):
    """RFC 9112 3: a method longer than any that is known is a 501."""
    try:
        conn.send(b"A" * 40_000)
    except ConnectionError:
        pass

    assert conn.response().status in (400, 431, 501)


def test_413_is_not_a_reason_to_wait_for_the_body(conn):
    conn.send(head("POST", "/", "Expect: 100-continue",
                   "Content-Length: 1000000"))

    assert conn.response().status in (405, 413)


def test_hundreds_of_idle_connections(start_server):
    server = start_server()
    conns = [server.connect() for _ in range(500)]
    for conn in conns:
        assert conn.request("GET", "/hello.txt").status == 200
    for conn in reversed(conns):
        assert conn.request("GET", "/hello.txt").status == 200
    pid, = server.workers()
    server.close_connections()
    wait_for(lambda: open_files(pid) < 100, "descriptors that are closed")


def test_the_longest_idle_makes_room_for_a_new_one(start_server):
    server = start_server(limits={"connections": 4})
    conns = [server.connect() for _ in range(4)]
    for conn in conns:
        assert conn.request("GET", "/hello.txt").status == 200

    assert server.request("GET", "/hello.txt").status == 200
    assert conns[0].rest() == b""
    for conn in conns[1:]:
        assert conn.request("GET", "/hello.txt").status == 200


def test_busy_connections_are_not_shed(start_server):
    server = start_server(limits={"connections": 2})
    server.expect_log("limits.connections")
    busy = [server.connect() for _ in range(2)]
    for conn in busy:
        conn.send(b"GET /hello.txt HTTP/1.1\r\n")
    waiting = server.connect()
    waiting.send(head("GET", "/docs/page.html"))
    server.wait_log("limits.connections")
    for conn in busy:
        conn.send(b"Host: a\r\nConnection: close\r\n\r\n")
        assert conn.response().status == 200

    assert b"page" in waiting.response().body


def connect_many(server, n):
    """Connections, each with the first half of a request."""
    conns = [server.connect() for _ in range(n)]
    for conn in conns:
        conn.send(b"GET /hello.txt HTTP/1.1\r\n")
    return conns


def starve(server):
    """Leaves the worker 20 more descriptors; returns its pid and the limit."""
    pid, = server.workers()
    limit = open_files(pid) + 20
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limit))
    return pid, limit


def test_without_descriptors_the_worker_waits_and_recovers(start_server):
    server = start_server(timeouts={"head": "60s"})
    server.expect_log("clients (get 503|wait)")
    pid, limit = starve(server)
    connect_many(server, 100)
    server.wait_log("Too many open files")

    before, begin = cpu_s(pid), time.monotonic()
    wait_for(lambda: time.monotonic() - begin > 0.5, "half a second")
    assert cpu_s(pid) - before < 0.2, "the worker spins"

    server.close_connections()
    assert server.request("GET", "/hello.txt").status == 200
    assert server.workers() == [pid]


def test_who_comes_when_there_are_no_descriptors_is_told(start_server):
    server = start_server(timeouts={"head": "60s"})
    server.expect_log("clients (get 503|wait)")
    pid, limit = starve(server)
    connect_many(server, 30)
    server.wait_log("Too many open files")

    for _ in range(5):  # who is slow for two seconds makes room
        response = server.request("GET", "/hello.txt")
        assert (response.status, response["Retry-After"]) == (503, "1")
        assert response.closes
    server.close_connections()
    wait_for(lambda: server.request("GET", "/hello.txt").status == 200,
             "the descriptors")


def test_a_file_for_which_there_is_no_descriptor_is_503(start_server):
    server = start_server()
    pid, = server.workers()
    kept = server.connect()
    assert kept.request("GET", "/hello.txt").status == 200
    server.expect_log("answered 503 to")
    for limit in range(open_files(pid), 2, -1):
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limit))
        (server.root / f"{limit}.bin").write_bytes(bytes(100_000))
        response = kept.request("GET", f"/{limit}.bin")
        if response.status != 200:  # what it caches it gives up first
            break
    assert (response.status, response["Retry-After"]) == (503, "1")
    assert response["Cache-Control"] in (None, "no-store")


def test_cached_files_leave_descriptors_to_new_clients(start_server):
    server = start_server()
    for i in range(30):
        (server.root / f"{i}.bin").write_bytes(bytes(100_000))
    (server.root / "large.bin").write_bytes(bytes(20_000_000))
    pid, limit = starve(server)
    slow = server.connect(rcvbuf=4096)
    slow.send(head("GET", "/large.bin"))
    assert slow.response_head().status == 200
    with server.connect() as conn:
        for i in range(30):
            assert conn.request("GET", f"/{i}.bin").status == 200
    wait_for(lambda: open_files(pid) < limit, "the connection closed")

    for conn in [server.connect() for _ in range(8)]:
        assert conn.request("GET", "/hello.txt").status == 200


def test_a_client_with_half_a_request_does_not_hold_up_others(start_server):
    server = start_server()
    connect_many(server, 50)

    begin = time.monotonic()
    with Connection(server.address) as conn:
        assert conn.request("GET", "/hello.txt").status == 200
    assert time.monotonic() - begin < TIMEOUT_S / 2
