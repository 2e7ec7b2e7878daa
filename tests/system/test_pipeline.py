# SPDX-License-Identifier: BSD-2-Clause
"""Pipelines (RFC 9112 9.3.2): every answer, in order, however bytes come."""

import threading

from client import cases, head
from server import open_files, proc_status, wait_for

NAMES = ["/hello.txt", "/docs/page.html", "/nowhere", "/bare/file.txt"]
STARTS = {"/hello.txt": b"hello", "/docs/page.html": b"<!doctype",
          "/nowhere": b"", "/bare/file.txt": b"a folder"}


def targets(n):
    return [NAMES[i % len(NAMES)] for i in range(n)]


def check_answers(conn, asked):
    for target in asked:
        response = conn.response()
        assert response.status == (404 if target == "/nowhere" else 200)
        assert response.body.startswith(STARTS[target])


@cases(
    "depth",
    ("9112-9.3.2 two", 2),
    ("9112-9.3.2 sixteen", 16),
    ("9112-9.3.2 more than a buffer holds", 600),
)
def test_pipelined_requests_in_one_write(conn, depth):
    asked = targets(depth)
    conn.send(b"".join(head("GET", target) for target in asked))

    check_answers(conn, asked)


def test_one_byte_at_a_time(conn):
    asked = targets(4)
    conn.send_bytewise(b"".join(head("GET", target) for target in asked))

    check_answers(conn, asked)


def test_split_at_every_position(server):
    first, second = head("GET", "/hello.txt"), head("GET", "/nowhere")
    data = first + second
    for i in range(1, len(data)):
        with server.connect() as conn:
            conn.send(data[:i])
            if i >= len(first):
                assert conn.response().status == 200
            conn.send(data[i:])
            if i < len(first):
                assert conn.response().status == 200
            assert conn.response().status == 404


@cases(
    "data, answers",
    ("9112-6 length, chunks, none",
     head("GET", "/hello.txt", "Content-Length: 3") + b"abc"
     + head("GET", "/nowhere", "Transfer-Encoding: chunked")
     + b"3\r\nabc\r\n0\r\n\r\n"
     + head("GET", "/hello.txt"), [200, 404, 200]),
    ("9112-2.2 an empty line between requests",
     head("GET", "/hello.txt") + b"\r\n" + head("GET", "/nowhere"),
     [200, 404]),
    ("9110-9.3.2 HEAD has no body in between",
     head("OPTIONS", "*") + head("GET", "/hello.txt"), [204, 200]),
    ("9110-15.4.5 304 has no body in between",
     head("GET", "/hello.txt", "If-None-Match: *")
     + head("GET", "/hello.txt"), [304, 200]),
    ("9112-9.6 close in the middle",
     head("GET", "/hello.txt") + head("GET", "/nowhere", "Connection: close")
     + head("GET", "/hello.txt"), [200, 404]),
    ("9112-2.2 a bad request in the middle",
     head("GET", "/hello.txt") + b"GET /\n\n" + head("GET", "/hello.txt"),
     [200, 400]),
)
def test_mixed_pipeline(conn, data, answers):
    conn.send(data)
    conn.half_close()

    assert [conn.response().status for _ in answers] == answers
    assert conn.rest() == b""


def test_a_pipeline_with_a_large_file_in_the_middle(server, conn):
    (server.root / "mib.bin").write_bytes(b"0123456789abcdef" * 65536)
    conn.send(head("GET", "/hello.txt") + head("GET", "/mib.bin")
              + head("GET", "/hello.txt"))

    sizes = [len(conn.response().body) for _ in range(3)]

    assert sizes == [13, 1 << 20, 13]


def test_a_client_that_never_reads_does_not_grow_the_worker(start_server):
    server = start_server()
    (server.root / "64k.bin").write_bytes(b"x" * 65536)
    server.request("GET", "/64k.bin")
    pid, = server.workers()

    def resident_kib():
        return int(proc_status(pid, "VmRSS")[0])

    before = resident_kib()
    conn = server.connect(rcvbuf=4096)
    conn.sock.settimeout(1)
    sender = threading.Thread(target=send_until_full, args=(conn,))
    sender.start()
    sender.join()

    assert resident_kib() - before < 8192
    conn.close()
    assert server.request("GET", "/hello.txt").status == 200


def send_until_full(conn):
    """Sends requests until nobody has taken any for a second."""
    try:
        for _ in range(20000):
            conn.send(head("GET", "/64k.bin") * 16)
    except TimeoutError:
        return
    raise AssertionError("the server reads without end")


def test_descriptors_return_after_a_pipeline(start_server):
    server = start_server()
    pid, = server.workers()
    server.request("GET", "/hello.txt")
    before = wait_for(lambda: open_files(pid), "descriptors")
    with server.connect() as conn:
        conn.send(head("GET", "/hello.txt") * 50)
        for _ in range(50):
            conn.response()
    wait_for(lambda: open_files(pid) <= before, "the count from before")
